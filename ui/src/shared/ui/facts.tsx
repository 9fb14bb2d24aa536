import { Fragment, type ReactNode } from 'react';
import classes from '@/shared/ui/facts.module.css';

/** What is known of one thing: a word and its value, one below the other. */
export function Facts({ facts }: { facts: readonly (readonly [word: string, value: ReactNode] | null)[] }) {
  return (
    <dl className={classes.facts}>
      {facts.map((fact) =>
        fact === null ? null : (
          <Fragment key={fact[0]}>
            <dt>{fact[0]}</dt>
            <dd>{fact[1]}</dd>
          </Fragment>
        ),
      )}
    </dl>
  );
}
