import { Button, Group, Stack } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { Dialog } from '@/shared/ui/dialog';
import { Failure } from '@/shared/ui/states';

/**
 * Asks before something is done that cannot be taken back. Its text says what
 * will vanish, with counts; its button names the act, never just "OK".
 */
export function Confirm({
  opened,
  close,
  title,
  children,
  action,
  act,
  destructive = true,
}: {
  opened: boolean;
  close: () => void;
  title: string;
  children: ReactNode;
  /** The word on the button, such as "Delete 3 tests". */
  action: string;
  /** Does it; the dialog closes when it is done and shows why when it fails. */
  act: () => Promise<unknown>;
  destructive?: boolean;
}) {
  const doing = useMutation({ mutationFn: act, onSuccess: close });
  return (
    <Dialog opened={opened} close={close} onClosed={doing.reset} title={title}>
      <Stack gap={16}>
        <div>{children}</div>
        {doing.error !== null && <Failure error={doing.error} />}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button
            {...(destructive ? { color: 'red' } : {})}
            loading={doing.isPending}
            onClick={() => {
              doing.mutate();
            }}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
