export const STEPS = ['about', 'data', 'details', 'key', 'first'] as const;
export type Step = (typeof STEPS)[number];

export const STEP_WORDS: Record<Step, string> = {
  about: 'Name',
  data: 'Data',
  details: 'Details',
  key: 'API key',
  first: 'First record',
};
