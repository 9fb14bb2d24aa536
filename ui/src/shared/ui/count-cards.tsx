import type { ReactNode } from 'react';
import { count } from '@/shared/format/number';
import classes from '@/shared/ui/count-cards.module.css';

/** What to look at first, each with how many there are and a link to them. */
export function CountCards({ label, children }: { label: string; children: ReactNode }) {
  return (
    <nav className={classes.cards} aria-label={label}>
      {children}
    </nav>
  );
}

/** What makes a link such a card. A grave one has a count that stands out. */
export function countCard({ current, grave }: { current: boolean; grave: boolean }) {
  return {
    className: classes.card,
    'aria-current': current ? ('page' as const) : undefined,
    'data-grave': grave || undefined,
  };
}

/** What a card says; a figure that is not known yet is a dash. */
export function CountCardText({ figure, title, text }: { figure: number | undefined; title: string; text: string }) {
  return (
    <>
      <span className={classes.count}>{figure === undefined ? '–' : count(figure)}</span>
      <span className={classes.title}>{title}</span>
      <span className={classes.text}>{text}</span>
    </>
  );
}
