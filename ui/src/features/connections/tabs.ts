export const CONNECTION_TABS = [
  'overview',
  'people',
  'records',
  'sessions',
  'schema',
  'collection',
  'monitoring',
  'accounts',
  'devices',
  'api',
  'settings',
] as const;
export type ConnectionTab = (typeof CONNECTION_TABS)[number];

/** The tabs of the connection that Plumbline itself keeps. */
export const BUILT_IN_TABS: readonly ConnectionTab[] = ['overview', 'records', 'schema', 'monitoring'];

export const TAB_WORDS: Record<ConnectionTab, string> = {
  overview: 'Overview',
  people: 'People',
  records: 'Records',
  sessions: 'Sessions',
  schema: 'Schema',
  collection: 'Collection',
  monitoring: 'Monitoring',
  accounts: 'Accounts',
  devices: 'Devices',
  api: 'API',
  settings: 'Settings',
};
