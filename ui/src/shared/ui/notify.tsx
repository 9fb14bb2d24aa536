import { Button, Group } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { explain } from '@/shared/ui/states';

const LONG_ENOUGH_TO_UNDO = 10_000;

/** Says what was done, and offers to undo it where that is possible. */
export function notifyDone(message: string, undo?: () => Promise<unknown>): void {
  const id = notifications.show({
    message:
      undefined === undo ? (
        message
      ) : (
        <Group justify="space-between" wrap="nowrap" gap={12}>
          <span>{message}</span>
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              notifications.hide(id);
              undo().then(
                () => {
                  notifyDone('Undone.');
                },
                (error: unknown) => {
                  notifyFailed(error);
                },
              );
            }}
          >
            Undo
          </Button>
        </Group>
      ),
    autoClose: undo === undefined ? 4_000 : LONG_ENOUGH_TO_UNDO,
    withBorder: true,
    closeButtonProps: { 'aria-label': 'Close the message' },
  });
}

/** Says in the server's words what failed, for an action that has no field or page of its own. */
export function notifyFailed(error: unknown): void {
  const failure = error instanceof Error ? error : new Error(String(error));
  const { title } = explain(failure);
  notifications.show({
    title,
    message: failure.message === title ? '' : failure.message,
    color: 'red',
    autoClose: false,
    withBorder: true,
    closeButtonProps: { 'aria-label': 'Close the message' },
  });
}
