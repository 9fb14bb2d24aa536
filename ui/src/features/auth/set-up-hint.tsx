import { Text } from '@mantine/core';
import { Frame } from '@/features/auth/frame';
import { Command } from '@/shared/ui/copy';

/** Stands for every page while the server has no user. */
export function SetUpHint() {
  return (
    <Frame
      title="Welcome to Plumbline"
      lead="Nobody has an account yet. The server has printed a link that creates the administrator: it stands in its output and in its log."
    >
      <Text size="sm" mb={6}>
        The link works once, within a day. This prints a new one, on the machine of the server:
      </Text>
      <Command label="Print a set-up link" text="plumbline users setup-link --data DIR" />
    </Frame>
  );
}
