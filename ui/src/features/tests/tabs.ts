/** The tabs of a test's page, the first one first. */
export const TABS = [
  'failing',
  'passing',
  'errors',
  'excluded',
  'history',
  'logic',
  'versions',
  'controls',
  'settings',
] as const;

export type TestTab = (typeof TABS)[number];
