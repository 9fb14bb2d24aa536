import type { TestResult } from '@/shared/api/types';
import classes from '@/shared/ui/result-chip.module.css';

const WORDS: Record<TestResult, string> = {
  PASSED: 'Passed',
  FAILED: 'Failed',
  ERROR: 'Error',
  READY: 'Ready',
  PREAUDIT: 'Pre-audit',
};

const REASONS: Record<string, string> = {
  NOT_RUN: 'not run yet',
  NO_DATA: 'no records in scope',
  STALE: 'data is older than its limit',
  SCHEMA_DRIFT: 'schema lost a property',
  RULE_ERROR: 'rule cannot be evaluated',
};

/** The server's reasons, which it joins by commas, in words; one that this page does not know is shown as it is. */
export function reasonInWords(reason: string | null | undefined): string | null {
  if (!reason) return null;
  return reason
    .split(',')
    .map((each) => REASONS[each] ?? each)
    .join(', ');
}

export function ResultChip({ result, reason }: { result: TestResult; reason?: string | null | undefined }) {
  const words = reasonInWords(reason);
  return (
    <span className={classes.chip} data-result={result}>
      <span className={classes.dot} aria-hidden />
      {WORDS[result]}
      {words !== null && <span className={classes.reason}>{words}</span>}
    </span>
  );
}
