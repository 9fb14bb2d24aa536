import { Text, Title } from '@mantine/core';
import { useDocumentTitle } from '@mantine/hooks';
import { type ReactNode, useLayoutEffect, useRef } from 'react';
import { leaveTitleFocus, takeTitleFocus } from '@/shared/ui/page-focus';
import classes from '@/shared/ui/page.module.css';

/** The frame of a page: its title (also the tab's), a line under it, its buttons. */
export function Page({
  title,
  above,
  below,
  actions,
  children,
}: {
  title: string;
  above?: ReactNode;
  below?: ReactNode;
  actions?: ReactNode;
  children: ReactNode;
}) {
  useDocumentTitle(`${title} · Plumbline`);
  const heading = useRef<HTMLHeadingElement>(null);
  useLayoutEffect(() => {
    const shown = heading.current;
    takeTitleFocus(shown);
    return () => {
      leaveTitleFocus(shown);
    };
  }, []);
  return (
    <div className={classes.page}>
      {above !== undefined && (
        <Text size="sm" component="div" className={classes.above ?? ''}>
          {above}
        </Text>
      )}
      <header className={classes.header}>
        <div className={classes.titles}>
          <Title order={1} size="h3" ref={heading} tabIndex={-1} className={classes.title ?? ''}>
            {title}
          </Title>
          {below !== undefined && <div className={classes.below}>{below}</div>}
        </div>
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      {children}
    </div>
  );
}

/** A titled part of a page. */
export function Panel({ title, aside, children }: { title: ReactNode; aside?: ReactNode; children: ReactNode }) {
  return (
    <section className={classes.panel}>
      <header className={classes.panelHeader}>
        <Title order={2} size="h5">
          {title}
        </Title>
        {aside !== undefined && <div className={classes.aside}>{aside}</div>}
      </header>
      {children}
    </section>
  );
}
