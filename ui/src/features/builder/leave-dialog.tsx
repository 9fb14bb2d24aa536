import { Button, Group, Text } from '@mantine/core';
import { useBlocker } from '@tanstack/react-router';
import { Dialog } from '@/shared/ui/dialog';

/** Asks before unsaved changes are left behind. */
export function LeaveDialog({ dirty, discard }: { dirty: boolean; discard: () => void }) {
  const blocker = useBlocker({
    // The page keeps its own state in the query.
    shouldBlockFn: ({ current, next }) => dirty && current.pathname !== next.pathname,
    enableBeforeUnload: () => dirty,
    withResolver: true,
  });
  const stay = () => {
    blocker.reset?.();
  };
  return (
    <Dialog opened={blocker.status === 'blocked'} close={stay} title="Leave without saving?">
      <Text size="sm" mb={16}>
        The changes of this test are not saved.
      </Text>
      <Group justify="flex-end" gap={8}>
        <Button variant="default" onClick={stay} data-autofocus>
          Go on editing
        </Button>
        <Button
          color="red"
          onClick={() => {
            discard();
            blocker.proceed?.();
          }}
        >
          Discard the changes
        </Button>
      </Group>
    </Dialog>
  );
}
