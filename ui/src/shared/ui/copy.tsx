import { ActionIcon, CopyButton } from '@mantine/core';
import { IconCheck, IconCopy } from '@tabler/icons-react';
import classes from '@/shared/ui/copy.module.css';

export function Copy({ text, label }: { text: string; label: string }) {
  return (
    <CopyButton value={text}>
      {({ copied, copy }) => (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          className={classes.icon ?? ''}
          aria-label={copied ? 'Copied' : label}
          title={copied ? 'Copied' : label}
          onClick={copy}
        >
          {copied ? <IconCheck size={15} /> : <IconCopy size={15} />}
        </ActionIcon>
      )}
    </CopyButton>
  );
}

/** A command to paste into a terminal. */
export function Command({ text, label }: { text: string; label: string }) {
  return (
    <div className={classes.command}>
      {/* A wide command scrolls, and what scrolls must be reachable by keyboard. */}
      <pre tabIndex={0} aria-label={label}>
        <code>{text}</code>
      </pre>
      <Copy text={text} label={`Copy: ${label}`} />
    </div>
  );
}
