import type { ExclusionPolicy } from '@/shared/api/exclusion-policy';
import type { ExclusionCategory } from '@/shared/api/exclusions';

export const CATEGORIES: readonly { value: ExclusionCategory; label: string; help: string }[] = [
  { value: 'ACCEPTED_RISK', label: 'Accepted risk', help: 'The record fails, and somebody decided to live with it.' },
  { value: 'FALSE_POSITIVE', label: 'False positive', help: 'The record is in order, and the test cannot see that.' },
  {
    value: 'COMPENSATING_CONTROL',
    label: 'Compensating control',
    help: 'Something else does what the test looks for.',
  },
  { value: 'OUT_OF_SCOPE', label: 'Out of scope', help: 'The test is not about this record.' },
];

export function categoryWord(category: string): string {
  return CATEGORIES.find((each) => each.value === category)?.label ?? category;
}

const DAY = 86_400_000;

/** The date some days from now, as an input of dates wants it. */
export function dateIn(days: number, now = Date.now()): string {
  return new Date(now + days * DAY).toISOString().slice(0, 10);
}

const USUAL_DAYS = 90;

/** The end that is proposed for an exclusion. */
export function usualEnd(policy: ExclusionPolicy | undefined): string {
  return dateIn(Math.min(USUAL_DAYS, policy?.maxDays ?? USUAL_DAYS));
}
