import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import { given } from '@/shared/api/given';
import classes from '@/shared/ui/dialog.module.css';

export type DialogSize = 'md' | 'lg' | 'xl';

/** A window above the page. */
export function Dialog({
  opened = true,
  close,
  title,
  size = 'md',
  closable = true,
  onClosed,
  children,
}: {
  /** Left out where the dialog is there only while it is open. */
  opened?: boolean;
  close: () => void;
  title: string;
  size?: DialogSize;
  /** Whether it has a button to close it. */
  closable?: boolean;
  /** When it has gone from sight. */
  onClosed?: () => void;
  children: ReactNode;
}) {
  return (
    <Modal
      opened={opened}
      onClose={close}
      title={title}
      size={size}
      centered
      withCloseButton={closable}
      classNames={{ title: classes.title ?? '' }}
      closeButtonProps={{ 'aria-label': 'Close' }}
      {...given({ onExitTransitionEnd: onClosed })}
    >
      {children}
    </Modal>
  );
}
