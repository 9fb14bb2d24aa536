import { expect, it } from 'vitest';
import { newestFailing, totalsOf } from '@/features/overview/figures';

const tests = [
  { checkResultStatus: 'FAILED' as const, failedSince: '2026-01-02T00:00:00.000Z' },
  { checkResultStatus: 'PASSED' as const, failedSince: null },
  { checkResultStatus: 'ERROR' as const, failedSince: '2026-01-09T00:00:00.000Z' },
  { checkResultStatus: 'FAILED' as const, failedSince: null },
  { checkResultStatus: 'FAILED' as const, failedSince: '2026-01-03T00:00:00.000Z' },
];

it('counts tests by the result that the server gives', () => {
  expect(totalsOf(tests)).toEqual({ FAILED: 3, ERROR: 1, READY: 0, PASSED: 1 });
});

it('names the latest to fail first and leaves the list as it was', () => {
  const before = [...tests];
  expect(newestFailing(tests, 2)).toEqual([tests[4], tests[0]]);
  expect(tests).toEqual(before);
});
