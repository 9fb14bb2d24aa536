import type { ReactNode } from 'react';
import classes from '@/shared/ui/verdict.module.css';

export type Tone = 'good' | 'bad' | 'unsure' | 'none';

/** What the server makes of the thing that a page is about, above all else. */
export function Verdict({ tone, label, children }: { tone: Tone; label: string; children: ReactNode }) {
  return (
    <section className={classes.verdict} data-tone={tone} aria-label={label}>
      {children}
    </section>
  );
}
