import { Button, Menu } from '@mantine/core';
import { IconDots } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from '@/shared/ui/row-actions.module.css';

const LOOK = { size: 'compact-xs', variant: 'default' } as const;

/** What can be done with one row, at its end. */
export function RowActions({ children }: { children: ReactNode }) {
  return <span className={classes.acts}>{children}</span>;
}

/** One thing that can be done with a row. */
export function RowButton({
  label,
  act,
  main = false,
  busy = false,
  children,
}: {
  /** What it does to which row, for those who hear it out of its row: “Delete Laptops”. */
  label: string;
  act: () => void;
  /** Of several the one that is wanted most. */
  main?: boolean;
  busy?: boolean;
  /** A word or two. */
  children: ReactNode;
}) {
  return (
    <Button {...LOOK} {...(main ? { variant: 'filled' } : {})} loading={busy} aria-label={label} onClick={act}>
      {children}
    </Button>
  );
}

/** More of what can be done with a row than there is room for. */
export function RowMenu({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <Button {...LOOK} aria-label={`Actions for ${name}`}>
          <IconDots size={14} aria-hidden />
        </Button>
      </Menu.Target>
      <Menu.Dropdown>{children}</Menu.Dropdown>
    </Menu>
  );
}
