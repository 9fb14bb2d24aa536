import { count } from '@/shared/format/number';
import classes from '@/shared/ui/readiness.module.css';

export type Readiness = 'ready' | 'lacking' | 'out';

const WORDS: Record<Readiness, string> = { ready: 'Ready', lacking: 'Not ready', out: 'Out of scope' };

/** How the server calls a control or requirement: whether it is in scope, and if so, ready. */
export function readinessOf({ isInScope, isReady }: { isInScope: boolean; isReady?: boolean }): Readiness {
  if (!isInScope) return 'out';
  return isReady === true ? 'ready' : 'lacking';
}

export function ReadinessChip({ is }: { is: Readiness }) {
  return (
    <span className={classes.chip} data-is={is}>
      <span className={classes.dot} aria-hidden />
      {WORDS[is]}
    </span>
  );
}

/** How many of some are ready, as a bar with its figures beside it. */
export function ReadinessBar({
  ready,
  total,
  out = 0,
  unit,
  label,
}: {
  ready: number;
  /** Those in scope. */
  total: number;
  /** Those out of scope, which count for nothing. */
  out?: number;
  /** What is counted, in the plural. */
  unit: string;
  label: string;
}) {
  const whole = Math.max(total + out, 1);
  const text = `${count(ready)} of ${count(total)} ${unit} ready${out > 0 ? `, ${count(out)} out of scope` : ''}`;
  return (
    <div className={classes.readiness}>
      <div className={classes.bar} role="img" aria-label={`${label}: ${text}`}>
        {/* Widths are data, so they are set on the element. */}
        <span data-is="ready" style={{ width: `${(ready / whole) * 100}%` }} />
        <span data-is="lacking" style={{ width: `${((total - ready) / whole) * 100}%` }} />
        <span data-is="out" style={{ width: `${(out / whole) * 100}%` }} />
      </div>
      <span className={classes.figures} aria-hidden>
        <b>{count(ready)}</b> of {count(total)} {unit} ready
        {out > 0 && <span>, {count(out)} out of scope</span>}
      </span>
    </div>
  );
}
