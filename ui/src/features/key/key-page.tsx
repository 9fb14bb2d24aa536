import { Button, Code, PasswordInput, Stack, Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { type SubmitEvent, useState } from 'react';
import { ApiError } from '@/shared/api/errors';
import { Command } from '@/shared/ui/copy';
import { explain } from '@/shared/ui/states';
import classes from '@/features/key/key-page.module.css';

function sentence(error: Error): string {
  if (error instanceof ApiError && error.status === 401) {
    return 'The server does not accept this key: it is wrong, expired, revoked or not allowed from here.';
  }
  const { title, advice } = explain(error);
  return error instanceof ApiError ? `${title}: ${error.message}` : `${title}. ${advice}`;
}

/** Asks for an API key and takes it only once the server has accepted it. */
export function KeyPage({ refused, accept }: { refused: boolean; accept: (key: string) => Promise<void> }) {
  useDocumentTitle('API key · Plumbline');
  const [key, setKey] = useState('');
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<string | null>(
    refused ? 'The key that was in use is no longer accepted. Enter another one.' : null,
  );

  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const typed = key.trim();
    if (typed === '') {
      setFailure('Enter an API key.');
      return;
    }
    setBusy(true);
    accept(typed).catch((error: unknown) => {
      setBusy(false);
      setFailure(sentence(error as Error));
    });
  };

  return (
    <div className={classes.page}>
      <Title order={1} size="h3">
        Open Plumbline with an API key
      </Title>
      <Text c="dimmed" mt={6} mb={20}>
        This page reads the public API as your scripts do, and shows what the key may see. The key stays in this browser
        tab and goes to this server only.
      </Text>
      <form onSubmit={submit} noValidate>
        <Stack gap={12}>
          <PasswordInput
            label="API key"
            placeholder="plk_…"
            value={key}
            error={failure}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
            autoFocus
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the key', tabIndex: 0 }}
            onChange={(event) => {
              setKey(event.currentTarget.value);
              setFailure(null);
            }}
          />
          <Button type="submit" loading={busy}>
            Continue
          </Button>
        </Stack>
      </form>
      <Text size="sm" mt={28} mb={6}>
        No key yet? Make one on the server; <Code>read</Code> shows everything, <Code>all</Code> may also run tests.
      </Text>
      <Command label="Make a key" text="plumbline keys create --data DIR --name web --scope read --output json" />
    </div>
  );
}
