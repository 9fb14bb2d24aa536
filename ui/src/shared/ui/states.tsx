import { Button, Skeleton, Stack, Text, Title } from '@mantine/core';
import { type ReactNode } from 'react';
import { ApiError, Told } from '@/shared/api/errors';
import { Command } from '@/shared/ui/copy';
import { Page } from '@/shared/ui/page';
import classes from '@/shared/ui/states.module.css';

/** Stands where rows will be, so that nothing jumps when they come. */
export function Loading({ rows = 6, label }: { rows?: number; label: string }) {
  return (
    <Stack gap={8} role="status" aria-label={`Loading ${label}`}>
      {Array.from({ length: rows }, (_, at) => (
        <Skeleton key={at} height={28} radius="sm" />
      ))}
    </Stack>
  );
}

export type Step = { label: string; command: string };

/** Says what is not there yet and what to do about it. */
export function Empty({
  title,
  children,
  steps = [],
  actions,
}: {
  title: string;
  children?: ReactNode;
  steps?: Step[];
  /** Buttons that do what the text says. */
  actions?: ReactNode;
}) {
  return (
    <section className={classes.empty}>
      <Title order={2} size="h4">
        {title}
      </Title>
      {children !== undefined && <Text c="dimmed">{children}</Text>}
      {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      {steps.map(({ label, command }) => (
        <div key={label} className={classes.step}>
          <Text size="sm" mb={4}>
            {label}
          </Text>
          <Command text={command} label={label} />
        </div>
      ))}
    </section>
  );
}

/** What went wrong, in a title and what can be done about it. */
export function explain(error: Error): { title: string; advice: string } {
  if (error instanceof Told) return { title: error.message, advice: '' };
  if (!(error instanceof ApiError)) {
    return {
      title: 'The server does not answer',
      advice: 'It may be stopped or out of reach. This page asks again by itself.',
    };
  }
  switch (error.status) {
    case 401:
      return { title: 'You are not signed in', advice: 'Sign in again.' };
    case 403:
      return { title: 'You may not do that', advice: 'Ask somebody who may, or for a role that allows it.' };
    case 404:
      return { title: 'There is nothing here', advice: 'It was deleted, or it is out of your reach.' };
    case 409:
      return { title: 'That does not fit the present state', advice: 'Look at the state as it is now and try again.' };
    case 429:
      return { title: 'Too many requests', advice: 'This page waits and then asks again by itself.' };
    default:
      return error.status >= 500
        ? { title: 'The server failed', advice: 'This page asks again by itself; the server log has the whole story.' }
        : { title: 'The server refused', advice: 'Correct what it names and try again.' };
  }
}

export function Failure({ error, retry }: { error: Error; retry?: () => void }) {
  const { title, advice } = explain(error);
  return (
    <section className={classes.failure} role="alert">
      <Title order={2} size="h4">
        {title}
      </Title>
      {error instanceof ApiError && <Text>{error.message}</Text>}
      {advice !== '' && (
        <Text c="dimmed" size="sm">
          {advice}
        </Text>
      )}
      {error instanceof ApiError && (
        <Text c="dimmed" size="xs">
          Status {error.status}
          {error.code !== 0 && `, code ${error.code}`}
          {error.requestId !== null && `, request ${error.requestId}`}
        </Text>
      )}
      {retry !== undefined && (
        <Button variant="default" size="xs" onClick={retry}>
          Try again
        </Button>
      )}
    </section>
  );
}

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

/**
 * Shows a query: its data as soon as there is some, and a failure above data
 * that was already there, so that a moment's silence takes nothing away.
 */
export function Loaded<Data>({
  query,
  label,
  page,
  children,
}: {
  query: Query<Data>;
  label: string;
  /** The title to show when the data that names the page is what is missing. */
  page?: string;
  children: (data: Data) => ReactNode;
}) {
  const { data, error, refetch } = query;
  const failure = error !== null && <Failure error={error} retry={() => void refetch()} />;
  if (data === undefined) {
    const instead = failure !== false ? failure : <Loading label={label} />;
    return page === undefined ? instead : <Page title={page}>{instead}</Page>;
  }
  return (
    <>
      {failure}
      {children(data)}
    </>
  );
}
