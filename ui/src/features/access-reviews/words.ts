import type { Decision, Review, ReviewItem } from '@/shared/api/access-reviews';
import { counted } from '@/shared/format/number';

export const STATES: readonly { value: Review['state']; label: string }[] = [
  { value: 'IN_PROGRESS', label: 'In progress' },
  { value: 'OVERDUE', label: 'Overdue' },
  { value: 'SIGNED_OFF', label: 'Signed off' },
];

/** The decisions with the keys that make them. */
export const DECISIONS: readonly { value: Exclude<Decision, 'PENDING'>; key: string; act: string; word: string }[] = [
  { value: 'KEEP', key: 'e', act: 'Keep', word: 'Keep' },
  { value: 'REVOKE', key: 'r', act: 'Revoke', word: 'Revoke' },
  { value: 'CHANGE', key: 'c', act: 'Change', word: 'Change' },
];

export function decisionWord(decision: Decision): string {
  return DECISIONS.find(({ value }) => value === decision)?.word ?? 'Not decided';
}

export function stateWord(state: Review['state']): string {
  return STATES.find(({ value }) => value === state)?.label ?? state;
}

/** What became of the decision to revoke, in words. */
export const REVOCATIONS: Record<NonNullable<ReviewItem['revocation']>['state'], string> = {
  OPEN: 'still there',
  REMOVED: 'gone from the data',
  EVIDENCED: 'revoked, see the evidence',
  UNTRACKED: 'its connection is deleted',
};

/** What a review came to: "30 keep, 4 revoke, 1 change". */
export function sums({ progress: { keep, revoke, change } }: Review): string {
  return `${counted(keep, 'kept', 'kept')}, ${counted(revoke, 'to be revoked', 'to be revoked')}, ${counted(change, 'to be changed', 'to be changed')}`;
}
