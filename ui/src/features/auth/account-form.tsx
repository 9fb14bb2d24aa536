import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Frame } from '@/features/auth/frame';
import { errorAt, Notice } from '@/shared/ui/form-errors';
import { NewPassword } from '@/features/auth/new-password';

const FIELDS = ['email', 'firstName', 'lastName', 'password'] as const;

export type Account = { email: string; firstName: string; lastName: string; password: string };

/** The page behind a one-time link, on which somebody says who they are and chooses a password. */
export function AccountForm({
  title,
  lead,
  action,
  known,
  minimum,
  submit,
}: {
  title: string;
  lead: string;
  action: string;
  /** What the link tells; with an address the account is there already. */
  known: { email: string | null; firstName: string | null; lastName: string | null };
  minimum: number | undefined;
  submit: (account: Account) => Promise<unknown>;
}) {
  const [account, setAccount] = useState<Account>({
    email: known.email ?? '',
    firstName: known.firstName ?? '',
    lastName: known.lastName ?? '',
    password: '',
  });
  const doing = useMutation({ mutationFn: () => submit(account) });
  const set = (field: keyof Account) => (value: string) => {
    setAccount((before) => ({ ...before, [field]: value }));
  };
  const field = (name: 'email' | 'firstName' | 'lastName') => ({
    value: account[name],
    error: errorAt(doing.error, FIELDS, name),
    onChange: (event: { currentTarget: { value: string } }) => {
      set(name)(event.currentTarget.value);
    },
  });
  return (
    <Frame title={title} lead={lead}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          doing.mutate();
        }}
      >
        <Stack gap={14}>
          <Notice error={doing.error} fields={FIELDS} />
          <TextInput
            label="E-mail address"
            type="email"
            name="email"
            autoComplete="username"
            required
            withAsterisk={false}
            readOnly={known.email !== null}
            autoFocus={known.email === null}
            {...field('email')}
          />
          <Group grow gap={10} align="flex-start">
            <TextInput label="First name" name="given-name" autoComplete="given-name" {...field('firstName')} />
            <TextInput label="Last name" name="family-name" autoComplete="family-name" {...field('lastName')} />
          </Group>
          <NewPassword
            minimum={minimum}
            value={account.password}
            error={errorAt(doing.error, FIELDS, 'password')}
            onChange={set('password')}
          />
          <Button type="submit" loading={doing.isPending}>
            {action}
          </Button>
        </Stack>
      </form>
    </Frame>
  );
}
