import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { count } from '@/shared/format/number';
import classes from '@/shared/ui/count-cards.module.css';

/** What to look at first, each with how many there are and a link to them. */
export function CountCards({
  label,
  wide = 4,
  children,
}: {
  label: string;
  /** How many stand in a row where there is room. */
  wide?: 3 | 4;
  children: ReactNode;
}) {
  return (
    <nav className={classes.cards} data-wide={wide} aria-label={label}>
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

/** A way to look at a list first: with the words of its card. */
export type LookWords<Value extends string> = { value: Value; title: string; text: string; grave: boolean };

/** Ways to look at the list of this page, each with how many it shows; the one that is chosen gives the whole list again. */
export function LookCards<Value extends string, Look extends LookWords<Value>>({
  label,
  wide,
  looks,
  chosen,
  figure,
  keeps = [],
}: {
  label: string;
  wide?: 3 | 4;
  looks: readonly Look[];
  chosen: Value | undefined;
  /** How many there are, undefined while it is not known. */
  figure: (look: Look) => number | undefined;
  /** What of the address stays beside the workspace. */
  keeps?: readonly string[];
}) {
  return (
    <CountCards label={label} {...(wide === undefined ? {} : { wide })}>
      {looks.map((look) => {
        const { value, title, text, grave } = look;
        const many = figure(look);
        return (
          <Link
            key={value}
            to="."
            search={
              ((before: Record<string, unknown>) => ({
                ...Object.fromEntries(['workspace', ...keeps].map((name) => [name, before[name]])),
                look: value === chosen ? undefined : value,
              })) as never
            }
            resetScroll={false}
            activeOptions={{ exact: true, explicitUndefined: true }}
            {...countCard({ current: value === chosen, grave: grave && (many ?? 0) > 0 })}
          >
            <CountCardText figure={many} title={title} text={text} />
          </Link>
        );
      })}
    </CountCards>
  );
}
