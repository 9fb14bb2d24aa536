import { Modal } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from '@/shared/ui/dialog.module.css';

/** A window above the page. Its head is no banner of the page to those who only hear it. */
export function Dialog({
  opened,
  close,
  title,
  size = 'md',
  onClosed,
  children,
}: {
  opened: boolean;
  close: () => void;
  title: string;
  size?: 'md' | 'lg' | 'xl';
  /** When it has gone from sight. */
  onClosed?: () => void;
  children: ReactNode;
}) {
  return (
    <Modal.Root
      opened={opened}
      onClose={close}
      size={size}
      centered
      {...(onClosed === undefined ? {} : { onExitTransitionEnd: onClosed })}
    >
      <Modal.Overlay />
      <Modal.Content>
        <div className={classes.dialog}>
          <div className={classes.head}>
            <Modal.Title className={classes.title ?? ''}>{title}</Modal.Title>
            <Modal.CloseButton aria-label="Close" />
          </div>
          {children}
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}
