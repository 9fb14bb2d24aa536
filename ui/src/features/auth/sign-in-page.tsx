import { Button, PasswordInput, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Frame } from '@/features/auth/frame';
import { Notice } from '@/shared/ui/form-errors';

const FIELDS = [] as const;

/** Asks for address and password. */
export function SignInPage({
  signIn,
  problem,
}: {
  signIn: (email: string, password: string) => Promise<unknown>;
  /** Why a link that leads here did not work. */
  problem: Error | null;
}) {
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const doing = useMutation({ mutationFn: () => signIn(email, password) });
  return (
    <Frame title="Sign in to Plumbline">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          doing.mutate();
        }}
      >
        <Stack gap={14}>
          <Notice error={doing.error ?? problem} fields={FIELDS} />
          <TextInput
            label="E-mail address"
            type="email"
            name="email"
            autoComplete="username"
            autoFocus
            required
            withAsterisk={false}
            value={email}
            onChange={(event) => {
              setEmail(event.currentTarget.value);
            }}
          />
          <PasswordInput
            label="Password"
            name="password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            value={password}
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the password', tabIndex: 0 }}
            onChange={(event) => {
              setPassword(event.currentTarget.value);
            }}
          />
          <Button type="submit" loading={doing.isPending}>
            Sign in
          </Button>
        </Stack>
      </form>
      <Text size="sm" c="dimmed" mt={18}>
        Forgotten the password? An administrator can make you a link with which you choose a new one.
      </Text>
    </Frame>
  );
}
