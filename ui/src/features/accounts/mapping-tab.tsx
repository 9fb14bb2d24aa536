import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import {
  type AccountMapping,
  type MappingPreview,
  mappingPreviewQuery,
  type MappingState,
} from '@/shared/api/accounts';
import type { ResourceAt } from '@/shared/api/connections';
import { count, counted } from '@/shared/format/number';
import { Factor } from '@/features/accounts/accounts-page';
import { Address } from '@/shared/ui/address';
import { Confirm } from '@/shared/ui/confirm';
import { errorAt, Notice } from '@/shared/ui/form-errors';
import { LinkButton } from '@/shared/ui/link-button';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Empty } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/accounts/accounts.module.css';

type Texts = Record<
  'name' | 'email' | 'displayName' | 'kind' | 'roles' | 'lastActiveAt' | 'active' | 'activeIs' | 'mfa' | 'mfaIs',
  string
>;

const PAUSE = 300;

function textsOf(mapping: AccountMapping | null | undefined): Texts {
  const is = (values: unknown[] | undefined) =>
    (values ?? []).map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ');
  return {
    name: mapping?.name ?? '',
    email: mapping?.email ?? '',
    displayName: mapping?.displayName ?? '',
    kind: mapping?.kind ?? '',
    roles: mapping?.roles ?? '',
    lastActiveAt: mapping?.lastActiveAt ?? '',
    active: mapping?.active?.path ?? '',
    activeIs: is(mapping?.active?.is),
    mfa: mapping?.mfa?.path ?? '',
    mfaIs: is(mapping?.mfa?.is),
  };
}

// Words such as true and 1 mean the values, as they stand in JSON.
function valuesOf(text: string): unknown[] {
  return text
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '')
    .map((word) => (/^(true|false|null|-?\d+(\.\d+)?)$/.test(word) ? (JSON.parse(word) as unknown) : word));
}

function mappingOf(texts: Texts): AccountMapping {
  const question = (path: string, is: string) => {
    const values = valuesOf(is);
    return path === '' ? undefined : { path, ...(values.length === 0 ? {} : { is: values }) };
  };
  const parts = {
    email: texts.email,
    displayName: texts.displayName,
    kind: texts.kind,
    roles: texts.roles,
    lastActiveAt: texts.lastActiveAt,
  };
  const active = question(texts.active, texts.activeIs);
  const mfa = question(texts.mfa, texts.mfaIs);
  return {
    name: texts.name,
    ...Object.fromEntries(Object.entries(parts).filter(([, path]) => path !== '')),
    ...(active === undefined ? {} : { active }),
    ...(mfa === undefined ? {} : { mfa }),
  };
}

/** Which attributes of a resource's records are what of an account, and what comes out. */
export function MappingTab({
  at,
  state,
  mayEdit,
  save,
  remove,
}: {
  at: ResourceAt;
  state: MappingState;
  mayEdit: boolean;
  save: (mapping: AccountMapping) => Promise<unknown>;
  remove: () => Promise<unknown>;
}) {
  const { mapping, proposal } = state;
  const [editing, setEditing] = useState(false);
  const [removing, setRemoving] = useState(false);
  if (mapping === null && !editing) {
    return (
      <Empty
        title={state.expected ? 'Choose what an account is' : 'These records tell of no accounts yet'}
        actions={
          mayEdit && (
            <Button
              size="xs"
              onClick={() => {
                setEditing(true);
              }}
            >
              Choose the attributes
            </Button>
          )
        }
      >
        {state.attributes.length === 0
          ? 'Push some records first: then Plumbline can propose which attribute is the name of the account.'
          : proposal?.name
            ? `If the records are users or members, each can be an account. Its name could be “${proposal.name}”.`
            : 'If the records are users or members, say which attribute is the name of the account.'}
      </Empty>
    );
  }
  if (editing || mapping === null) {
    return (
      <MappingForm
        at={at}
        state={state}
        save={save}
        close={() => {
          setEditing(false);
        }}
      />
    );
  }
  return (
    <>
      <Panel
        title={state.current ? counted(state.accounts, 'account') : 'The accounts are on their way'}
        aside={
          <span className={classes.buttons}>
            {mayEdit && (
              <>
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => {
                    setEditing(true);
                  }}
                >
                  Change the attributes
                </Button>
                <Button
                  size="compact-xs"
                  variant="default"
                  onClick={() => {
                    setRemoving(true);
                  }}
                >
                  Stop
                </Button>
              </>
            )}
            <LinkButton size="compact-xs" variant="default" to="/accounts" search={{ connection: at.connectionId }}>
              Manage accounts
            </LinkButton>
          </span>
        }
      >
        <p className={classes.said}>
          The name is <code>{mapping.name}</code>
          {mapping.email !== undefined && (
            <>
              , the e-mail address <code>{mapping.email}</code>
            </>
          )}
          .{' '}
          {state.removed > 0 && (
            <Link to="/accounts" search={{ connection: at.connectionId, status: 'REMOVED' }}>
              {counted(state.removed, 'account')} vanished from the data.
            </Link>
          )}
        </p>
        <Preview at={at} mapping={mapping} />
      </Panel>
      <Confirm
        opened={removing}
        close={() => {
          setRemoving(false);
        }}
        title="Take no more accounts out of these records?"
        action={`Stop listing ${counted(state.accounts + state.removed, 'account')}`}
        act={remove}
      >
        {counted(state.accounts + state.removed, 'account')} will leave the lists. Access reviews keep their copies.
        What was said about the accounts comes back when you choose attributes again.
      </Confirm>
    </>
  );
}

function MappingForm({
  at,
  state,
  save,
  close,
}: {
  at: ResourceAt;
  state: MappingState;
  save: (mapping: AccountMapping) => Promise<unknown>;
  close: () => void;
}) {
  const [texts, setTexts] = useState(() => textsOf(state.mapping ?? state.proposal));
  const mapping = mappingOf(texts);
  const doing = useMutation({ mutationFn: () => save(mapping), onSuccess: close });
  const fields = ['name', 'email', 'displayName', 'kind', 'roles', 'active', 'mfa', 'lastActiveAt'] as const;
  const set = (name: keyof Texts, value: string) => {
    setTexts((before) => ({ ...before, [name]: value }));
  };
  const attribute = (name: (typeof fields)[number], label: string, required = false) => (
    <Select
      size="sm"
      label={label}
      required={required}
      placeholder={required ? 'Choose one' : 'Not told'}
      searchable
      clearable={!required}
      clearButtonProps={{ 'aria-label': `Clear: ${label}` }}
      nothingFoundMessage="No such attribute"
      data={options(state, texts[name])}
      value={texts[name] === '' ? null : texts[name]}
      error={errorAt(doing.error, fields, name) ?? null}
      renderOption={({ option }) => (
        <span className={classes.option}>
          {option.value}
          <span className={classes.sub}>{samples(state, option.value)}</span>
        </span>
      )}
      onChange={(value) => {
        set(name, value ?? '');
      }}
    />
  );
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        doing.mutate();
      }}
      className={classes.mapping}
    >
      <Panel title="Which attribute is what">
        <div className={classes.form}>
          {attribute('name', 'Name of the account', true)}
          {attribute('email', 'E-mail address')}
          {attribute('displayName', 'Name of the person')}
          {attribute('roles', 'Roles, groups or permissions')}
          <div className={classes.row}>
            {attribute('active', 'Can be used')}
            <TextInput
              label="means yes"
              placeholder="true"
              disabled={texts.active === ''}
              value={texts.activeIs}
              onChange={(event) => {
                set('activeIs', event.currentTarget.value);
              }}
            />
          </div>
          <div className={classes.row}>
            {attribute('mfa', 'Has a second factor')}
            <TextInput
              label="means yes"
              aria-label="Second factor means yes"
              placeholder="true"
              disabled={texts.mfa === ''}
              value={texts.mfaIs}
              onChange={(event) => {
                set('mfaIs', event.currentTarget.value);
              }}
            />
          </div>
          {attribute('lastActiveAt', 'Last active')}
          {attribute('kind', 'Kind of account')}
          <Notice error={doing.error} fields={fields} />
          <div className={classes.buttons}>
            <Button type="submit" size="xs" loading={doing.isPending} disabled={texts.name === ''}>
              Save
            </Button>
            <Button size="xs" variant="default" onClick={close}>
              Cancel
            </Button>
          </div>
        </div>
      </Panel>
      <Panel title="What comes out">
        {texts.name === '' ? (
          <p className={classes.said}>Choose the attribute that is the name of the account.</p>
        ) : (
          <Preview at={at} mapping={mapping} />
        )}
      </Panel>
    </form>
  );
}

function options(state: MappingState, chosen: string): string[] {
  const paths = state.attributes.map(({ path }) => path);
  return chosen === '' || paths.includes(chosen) ? paths : [chosen, ...paths];
}

function samples(state: MappingState, path: string): string {
  const values = state.attributes.find((each) => each.path === path)?.values ?? [];
  return values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value))).join(', ');
}

/** The first accounts that a mapping makes of the records. */
function Preview({ at, mapping }: { at: ResourceAt; mapping: AccountMapping }) {
  const [text] = useDebouncedValue(JSON.stringify(mapping), PAUSE);
  const preview = useQuery(mappingPreviewQuery(at, JSON.parse(text) as AccountMapping));
  if (preview.error !== null) {
    return (
      <div className={classes.form}>
        <Notice error={preview.error} fields={[]} />
      </div>
    );
  }
  return preview.data === undefined ? (
    <p className={classes.said}>Trying it on the records.</p>
  ) : (
    <Found of={preview.data} />
  );
}

function Found({ of }: { of: MappingPreview }) {
  if (of.records === 0) return <p className={classes.said}>There are no records yet.</p>;
  return (
    <>
      <p className={classes.said} role="status">
        {of.named === of.records
          ? `Each of ${counted(of.records, 'record')} looked at is an account.`
          : `${count(of.named)} of ${counted(of.records, 'record')} looked at have a name; the others are no accounts.`}
      </p>
      {of.accounts.length > 0 && (
        <Rows
          label="The first accounts"
          rows={of.accounts.map((account, index) => ({ ...account, index }))}
          rowKey={({ index }) => index}
          columns={[
            {
              id: 'name',
              header: 'Account',
              cell: (row) => (
                <>
                  {row.name}
                  {row.displayName !== null && <span className={classes.sub}>{row.displayName}</span>}
                  {row.email !== null && row.email !== row.name && <Address of={row.email} />}
                </>
              ),
            },
            {
              id: 'roles',
              header: 'Roles',
              wideOnly: true,
              cell: (row) => (
                <span className={classes.lines}>{row.roles.length === 0 ? '–' : row.roles.join(', ')}</span>
              ),
            },
            {
              id: 'active',
              header: 'Can be used',
              wideOnly: true,
              cell: ({ active }) => (active === null ? '–' : active ? 'Yes' : 'No'),
            },
            { id: 'mfa', header: 'Second factor', cell: ({ mfa }) => <Factor mfa={mfa} /> },
            {
              id: 'seen',
              header: 'Last active',
              wideOnly: true,
              cell: (row) => <RelativeTime at={row.lastActiveAt} never="–" />,
            },
          ]}
        />
      )}
    </>
  );
}
