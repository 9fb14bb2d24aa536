import type { DataStatus } from '@/shared/api/connections';
import { exactTime } from '@/shared/format/time';
import classes from '@/shared/ui/result-chip.module.css';

const LOOKS: Record<DataStatus, { look: string; word: string }> = {
  CURRENT: { look: 'PASSED', word: 'Up to date' },
  STALE: { look: 'ERROR', word: 'Stale' },
  NO_DATA: { look: 'READY', word: 'No data yet' },
};

/** Whether the server holds the data for current. */
export function DataChip({ status, staleAt }: { status: DataStatus | undefined; staleAt?: string | null | undefined }) {
  if (status === undefined) return <span>–</span>;
  const { look, word } = LOOKS[status];
  return (
    <span
      className={classes.chip}
      data-result={look}
      title={staleAt ? `Stale from ${exactTime(staleAt)} on` : undefined}
    >
      <span className={classes.dot} aria-hidden />
      {word}
    </span>
  );
}
