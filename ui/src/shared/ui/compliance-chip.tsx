import { type CheckStatus, STATUS_WORDS } from '@/shared/format/compliance';
import classes from '@/shared/ui/result-chip.module.css';

const LOOKS: Record<CheckStatus, string> = {
  PASS: 'PASSED',
  FAIL: 'FAILED',
  MISCONFIGURED: 'ERROR',
  EXCLUDED: 'READY',
};

/** What the server says of a compliance check. */
export function ComplianceChip({ status, word }: { status: CheckStatus; word?: string }) {
  return (
    <span className={classes.chip} data-result={LOOKS[status]} data-short={word === undefined || undefined}>
      <span className={classes.dot} aria-hidden />
      {word ?? STATUS_WORDS[status]}
    </span>
  );
}
