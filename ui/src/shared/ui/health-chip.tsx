import type { Connection } from '@/shared/api/types';
import { exactTime } from '@/shared/format/time';
import classes from '@/shared/ui/result-chip.module.css';

const LOOKS = {
  HEALTHY: { look: 'PASSED', word: 'Healthy' },
  UNHEALTHY: { look: 'FAILED', word: 'Unhealthy' },
  STALE: { look: 'ERROR', word: 'Stale' },
} as const;

type Known = Pick<Connection, 'health' | 'healthReason' | 'healthSince'> & { state?: Connection['state'] | undefined };

/** What the server says of a connection's health, with the reason on hover. */
export function HealthChip({ of: { health, healthReason, healthSince, state } }: { of: Known }) {
  const nothing = { look: 'READY', word: state === 'DISCONNECTED' ? 'Disconnected' : 'No data yet' };
  const { look, word } = health === null ? nothing : LOOKS[health];
  return (
    <span
      className={classes.chip}
      data-result={look}
      title={healthSince === null ? healthReason : `${healthReason} Since ${exactTime(healthSince)}.`}
    >
      <span className={classes.dot} aria-hidden />
      {word}
    </span>
  );
}
