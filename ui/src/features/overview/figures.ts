import type { ListedResult } from '@/shared/api/tests';
import type { Test } from '@/shared/api/types';

export type Totals = Record<ListedResult, number>;

/** How many tests have each result, as the server gives it. */
export function totalsOf(tests: Pick<Test, 'checkResultStatus'>[]): Totals {
  const totals: Totals = { FAILED: 0, ERROR: 0, READY: 0, PASSED: 0 };
  for (const { checkResultStatus: result } of tests) {
    if (result !== 'PREAUDIT') totals[result]++;
  }
  return totals;
}

/** The failing tests, the latest to fail first. */
export function newestFailing<T extends Pick<Test, 'checkResultStatus' | 'failedSince'>>(
  tests: T[],
  number: number,
): T[] {
  return tests
    .filter((test) => test.checkResultStatus === 'FAILED')
    .sort((a, b) => (b.failedSince ?? '').localeCompare(a.failedSince ?? ''))
    .slice(0, number);
}
