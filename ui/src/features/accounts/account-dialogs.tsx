import { Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Account, type AccountChange, changeAccounts } from '@/shared/api/accounts';
import { ApiError, Told } from '@/shared/api/errors';
import { usersQuery } from '@/shared/api/users';
import { useMay } from '@/shared/auth/may';
import { counted } from '@/shared/format/number';
import type { Act } from '@/features/accounts/accounts-page';
import { FormDialog } from '@/shared/ui/form-dialog';
import { sentence } from '@/shared/ui/form-errors';
import { SearchSelect } from '@/shared/ui/search-select';

const FOUND = 20;

/** Says something of some accounts. What the server refused of some stays to be read. */
export function AccountDialog({
  workspaceId,
  kind,
  accounts,
  close,
  done,
}: {
  workspaceId: number;
  kind: Exclude<Act, 'in'>;
  accounts: readonly Account[];
  close: () => void;
  done: (message: string) => void;
}) {
  const first = accounts[0];
  const [texts, setTexts] = useState({
    email: '',
    owner: first?.serviceAccount?.owner ?? '',
    reason: (kind === 'scope' ? first?.scopeReason : first?.serviceAccount?.reason) ?? '',
    note: '',
    url: '',
    at: new Date().toISOString().slice(0, 10),
  });
  const [user, setUser] = useState<{ value: string; label: string }>();
  const [search, setSearch] = useState('');
  const mayUsers = useMay()('users-get');
  const users = useQuery({ ...usersQuery({ q: search, size: FOUND }), enabled: kind === 'link' && mayUsers });
  const change = (): AccountChange => {
    switch (kind) {
      case 'link':
        return { person: user === undefined ? { email: texts.email } : { userId: Number(user.value) } };
      case 'service':
        return { serviceAccount: { owner: texts.owner, reason: texts.reason } };
      case 'scope':
        return { inScope: false, scopeReason: texts.reason };
      case 'evidence':
        return { evidence: { note: texts.note, at: texts.at, ...(texts.url === '' ? {} : { url: texts.url }) } };
    }
  };
  const whom = accounts.length === 1 ? (first?.name ?? '') : counted(accounts.length, 'account');
  const save = useMutation({
    mutationFn: async () => {
      const outcomes = await changeAccounts(
        workspaceId,
        accounts.map(({ id }) => id),
        change(),
      );
      const refused = outcomes.find(({ error }) => error !== undefined);
      if (refused?.error !== undefined) throw new Told(refused.error.message);
    },
    onSuccess: () => {
      done(`${whom}: ${WORDS[kind].done}`);
      close();
    },
  });
  const said = (pointer: string) =>
    save.error instanceof ApiError && save.error.pointer?.startsWith(pointer) === true
      ? sentence(save.error)
      : undefined;
  const field = (name: keyof typeof texts, pointer: string) => ({
    value: texts[name],
    error: said(pointer),
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => {
      setTexts((before) => ({ ...before, [name]: value }));
    },
  });
  return (
    <FormDialog
      title={`${WORDS[kind].title}: ${whom}`}
      close={close}
      action={WORDS[kind].action}
      doing={save}
      fields={[FIELD[kind]]}
    >
      <Stack gap={12}>
        {kind === 'link' && (
          <>
            {mayUsers && (
              <SearchSelect
                label="A user of Plumbline"
                options={(users.data?.data ?? []).map(({ id, displayName, email }) => ({
                  value: String(id),
                  label: displayName === email ? email : `${displayName} (${email})`,
                }))}
                chosen={user}
                error={said('/person/userId') ?? null}
                onSearch={setSearch}
                onChange={(value) => {
                  const found = users.data?.data.find(({ id }) => String(id) === value);
                  setUser(found === undefined ? undefined : { value: String(found.id), label: found.displayName });
                }}
              />
            )}
            {user === undefined && (
              <TextInput
                label={mayUsers ? 'Or somebody else, by e-mail address' : 'E-mail address of the person'}
                {...field('email', '/person')}
              />
            )}
          </>
        )}
        {kind === 'service' && (
          <>
            <TextInput
              label="Who answers for it"
              description="An e-mail address. Nobody signs in with it, so somebody must own it."
              required
              {...field('owner', '/serviceAccount/owner')}
            />
            <Textarea
              label="Why there is such an account"
              required
              autosize
              minRows={2}
              {...field('reason', '/serviceAccount/reason')}
            />
          </>
        )}
        {kind === 'scope' && (
          <Textarea
            label="Reason"
            description="An auditor reads this sentence. Accounts out of scope are left out of access reviews."
            required
            autosize
            minRows={2}
            {...field('reason', '/scopeReason')}
          />
        )}
        {kind === 'evidence' && (
          <>
            <Textarea
              label="What was done"
              description="If the account vanishes from the data, that proves it by itself."
              required
              autosize
              minRows={2}
              {...field('note', '/evidence/note')}
            />
            <TextInput label="Ticket or page" placeholder="https://" {...field('url', '/evidence/url')} />
            <TextInput type="date" label="When" required {...field('at', '/evidence/at')} />
          </>
        )}
      </Stack>
    </FormDialog>
  );
}

/** The member of the change with which a refusal's pointer begins. */
const FIELD = { link: 'person', service: 'serviceAccount', scope: 'scopeReason', evidence: 'evidence' } as const;

const WORDS = {
  link: { title: 'Link to a person', action: 'Link', done: 'linked' },
  service: { title: 'Service account', action: 'Save', done: 'marked as service account' },
  scope: { title: 'Take out of scope', action: 'Take out of scope', done: 'out of scope' },
  evidence: { title: 'Access was revoked', action: 'Save the evidence', done: 'evidence saved' },
} as const;
