import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import classes from '@/shared/ui/side-drawer.module.css';

/** A panel at the right that tells about one row of a list; which one is in the address. */
export function SideDrawer({
  opened,
  close,
  title,
  actions,
  size = 'lg',
  children,
}: {
  opened: boolean;
  close: () => void;
  title: ReactNode;
  /** Buttons under the title. */
  actions?: ReactNode;
  size?: 'md' | 'lg' | 'xl';
  children: ReactNode;
}) {
  return (
    <Drawer.Root opened={opened} onClose={close} position="right" size={size} transitionProps={{ duration: 120 }}>
      <Drawer.Overlay />
      <Drawer.Content>
        <div className={classes.drawer}>
          <div className={classes.head}>
            <Drawer.Title className={classes.title ?? ''}>{title}</Drawer.Title>
            <Drawer.CloseButton aria-label="Close" />
          </div>
          {actions !== undefined && <div className={classes.actions}>{actions}</div>}
          {children}
        </div>
      </Drawer.Content>
    </Drawer.Root>
  );
}

/** A titled part of a drawer. */
export function DrawerPart({ title, aside, children }: { title: string; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.part}>
      <h3 className={classes.partTitle}>
        <span>{title}</span>
        {aside !== undefined && <span className={classes.aside}>{aside}</span>}
      </h3>
      {children}
    </section>
  );
}
