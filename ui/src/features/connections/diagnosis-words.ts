/** The steps of a sync run in words. */
export const STEP_WORDS: Record<string, string> = {
  AUTHENTICATE: 'Authenticate',
  FETCH: 'Fetch',
  PARSE: 'Parse',
  VALIDATE: 'Validate',
  STAGE: 'Stage',
  COMPARE: 'Compare',
  COMPLETE: 'Complete',
  EVALUATE: 'Evaluate',
};
