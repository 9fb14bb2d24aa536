import { Button, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Page } from '@/shared/ui/page';

export function NotFound() {
  return (
    <Page title="There is no such page">
      <Text>
        The address may be mistyped. Go <Link to="/">home</Link>.
      </Text>
    </Page>
  );
}

/** Stands in for a page that failed to draw itself. */
export function Crash({ error, reset }: { error: unknown; reset: () => void }) {
  return (
    <Page title="This page failed">
      <Text mb={12}>{error instanceof Error ? error.message : String(error)}</Text>
      <Button variant="default" onClick={reset}>
        Try again
      </Button>
    </Page>
  );
}
