import type { Exclusion } from '@/shared/api/exclusions';
import { stateWord } from '@/features/exclusions/words';
import { RelativeTime, useNow } from '@/shared/ui/relative-time';
import classes from '@/features/exclusions/expiry.module.css';

/** Until when an exclusion holds, with how much of its time is gone. */
export function Expiry({ exclusion }: { exclusion: Exclusion }) {
  const now = useNow();
  const { state, expiresAt, endedAt, createdAt, isExpiring } = exclusion;
  if (state !== 'ACTIVE') {
    return (
      <span className={classes.expiry}>
        <span className={classes.state}>{stateWord(state)}</span>
        <RelativeTime at={endedAt} never="" />
      </span>
    );
  }
  if (!expiresAt) return <span className={classes.none}>without an end</span>;
  const from = Date.parse(createdAt);
  const gone = Math.min(Math.max((now - from) / Math.max(Date.parse(expiresAt) - from, 1), 0), 1);
  return (
    <span className={classes.expiry} data-soon={isExpiring || undefined}>
      <span>
        <RelativeTime at={expiresAt} />
        {isExpiring && <span className={classes.soon}>soon</span>}
      </span>
      <span className={classes.bar} aria-hidden>
        {/* The share is data, so it is set on the element. */}
        <span style={{ width: `${gone * 100}%` }} />
      </span>
    </span>
  );
}
