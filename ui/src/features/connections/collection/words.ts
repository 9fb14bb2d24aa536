import type { Collection, CollectionInput, RecipeInput, Trial } from '@/shared/api/types';
import { count } from '@/shared/format/number';

export const STATES: Record<Collection['state'], { look: string; word: string }> = {
  RUNNING: { look: 'ERROR', word: 'Collecting' },
  WAITING: { look: 'READY', word: 'On schedule' },
  RETRYING: { look: 'FAILED', word: 'Tried again soon' },
  PAUSED: { look: '', word: 'Paused' },
};

export const OUTCOMES: Record<NonNullable<Collection['lastRun']>['status'], { look: string; word: string }> = {
  COMPLETED: { look: 'PASSED', word: 'Completed' },
  FAILED: { look: 'FAILED', word: 'Failed' },
  CANCELED: { look: 'READY', word: 'Canceled' },
};

export const STEPS: Record<Trial['steps'][number]['name'], string> = {
  AUTHENTICATE: 'Sign in',
  FETCH: 'Fetch',
  PARSE: 'Read',
};

/** What was counted, such as "3 requests, 120 records". */
export function counts(of: Record<string, number>): string {
  return Object.entries(of)
    .filter(([, n]) => n > 0)
    .map(([unit, n]) => `${count(n)} ${n === 1 ? unit.replace(/s$/, '') : unit}`)
    .join(', ');
}

export function inputLabel({ label, name }: RecipeInput | CollectionInput): string {
  return label ?? name;
}
