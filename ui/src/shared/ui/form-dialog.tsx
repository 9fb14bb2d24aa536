import { Button, Group, Stack } from '@mantine/core';
import type { ReactNode } from 'react';
import { Dialog, type DialogSize } from '@/shared/ui/dialog';
import { Notice } from '@/shared/ui/form-errors';

/** What a form does when it is sent: a mutation without variables. */
export type Doing = { mutate: () => void; error: Error | null; isPending: boolean };

type Look = {
  /** The word on the button that sends it. */
  action: string;
  doing: Doing;
  /** The fields that show a refusal themselves. */
  fields?: readonly string[];
  close: () => void;
  disabled?: boolean;
  destructive?: boolean;
  children: ReactNode;
};

/** A dialog that asks for something: its fields, what the server says of the whole, and its two buttons. */
export function FormDialog({
  opened,
  title,
  size,
  onClosed,
  ...form
}: Look & { opened?: boolean; title: string; size?: DialogSize; onClosed?: () => void }) {
  return (
    <Dialog
      close={form.close}
      title={title}
      {...(opened === undefined ? {} : { opened })}
      {...(size === undefined ? {} : { size })}
      {...(onClosed === undefined ? {} : { onClosed })}
    >
      <DialogForm {...form} />
    </Dialog>
  );
}

/** The form of a dialog, for one that begins anew with what it is about. */
export function DialogForm({
  action,
  doing,
  fields = [],
  close,
  disabled = false,
  destructive = false,
  children,
}: Look) {
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        doing.mutate();
      }}
    >
      <Stack gap={14}>
        {children}
        <Notice error={doing.error} fields={fields} />
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={doing.isPending}
            disabled={disabled}
            {...(destructive ? { color: 'red' } : {})}
          >
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
