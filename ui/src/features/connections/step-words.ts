import type { SyncStep } from '@/shared/api/sync-runs';

/** The steps of a sync run in words, and what each does. */
export const STEP_WORDS: Record<SyncStep['name'], { word: string; does: string }> = {
  AUTHENTICATE: { word: 'Authenticate', does: 'sign in to the system' },
  FETCH: { word: 'Fetch', does: 'ask it for the data' },
  PARSE: { word: 'Parse', does: 'read what it answered' },
  VALIDATE: { word: 'Validate', does: 'hold each record against the schema' },
  STAGE: { word: 'Stage', does: 'set the records down' },
  COMPARE: { word: 'Compare', does: 'find what is new, changed or gone' },
  COMPLETE: { word: 'Complete', does: 'make the records the live ones' },
  EVALUATE: { word: 'Evaluate', does: 'run the tests over what changed' },
};
