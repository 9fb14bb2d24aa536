import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Frame } from '@/features/auth/frame';
import { sentence } from '@/shared/ui/form-errors';

/** Says why a one-time link does not work, and what to do then. */
export function StaleLink({ error, again }: { error: Error | null; again: string }) {
  return (
    <Frame
      title="This link does not work"
      lead={error === null ? 'The address has no link in it.' : `${sentence(error)}.`}
    >
      <Text size="sm">
        {again} If you have an account, <Link to="/sign-in">sign in</Link>.
      </Text>
    </Frame>
  );
}
