import { oneOf, type RawSearch, text } from '@/app/search';
import { PROVIDER_TYPES } from '@/features/connections/names';
import { CONNECTION_TABS, type ConnectionTab } from '@/features/connections/tabs';
import { STEPS, type Step } from '@/features/connections/wizard/steps';
import type { CatalogFilter } from '@/shared/api/catalog';
import type { ConnectionFilter, ListOrder, SessionStatus } from '@/shared/api/connections';
import type { SyncStatus } from '@/shared/api/sync-runs';
import { given } from '@/shared/api/given';

const positive = (value: unknown): number | undefined => {
  const number = typeof value === 'number' ? value : /^[1-9][0-9]{0,15}$/.test(text(value) ?? '') ? Number(value) : NaN;
  return Number.isNaN(number) ? undefined : number;
};

export type ConnectionsSearch = {
  q?: string | undefined;
  type?: NonNullable<ConnectionFilter['providerType']> | undefined;
  health?: NonNullable<ConnectionFilter['health']> | undefined;
  state?: NonNullable<ConnectionFilter['state']> | undefined;
  sort?: ListOrder['sort'] | undefined;
  sortDir?: ListOrder['sortDir'] | undefined;
};

export function connectionsSearch(raw: RawSearch): ConnectionsSearch {
  return given({
    q: text(raw.q),
    type: oneOf(raw.type, PROVIDER_TYPES),
    health: oneOf(raw.health, ['HEALTHY', 'UNHEALTHY', 'STALE']),
    state: oneOf(raw.state, ['ACTIVE', 'DISCONNECTED']),
    sort: oneOf(raw.sort, ['createdAt', 'updatedAt']),
    sortDir: oneOf(raw.sortDir, ['ASC', 'DESC']),
  });
}

export type CatalogSearch = CatalogFilter & {
  /** The entry whose drawer is open. */
  entry?: string | undefined;
  /** The dialog that uses it is open. */
  connect?: 'yes' | undefined;
};

export function catalogSearch(raw: RawSearch): CatalogSearch {
  return given({
    q: text(raw.q),
    category: text(raw.category) as CatalogFilter['category'],
    kind: oneOf(raw.kind, ['STANDARD', 'PARTNER', 'CUSTOM']),
    entry: text(raw.entry),
    connect: oneOf(raw.connect, ['yes']),
  });
}

export type NewConnectionSearch = {
  step?: Step | undefined;
  /** Begins with a sample to try. */
  sample?: 'directory' | undefined;
  connection?: number | undefined;
  resource?: number | undefined;
};

export function newConnectionSearch(raw: RawSearch): NewConnectionSearch {
  return given({
    step: oneOf(raw.step, STEPS),
    sample: oneOf(raw.sample, ['directory']),
    connection: positive(raw.connection),
    resource: positive(raw.resource),
  });
}

export type ConnectionSearch = {
  tab?: ConnectionTab | undefined;
  /** Which resource, where a connection has several. */
  resource?: number | undefined;
  record?: string | undefined;
  q?: string | undefined;
  property?: string | undefined;
  value?: string | undefined;
  /** The columns shown, as a JSON array. */
  columns?: string | undefined;
  sort?: ListOrder['sort'] | undefined;
  sortDir?: ListOrder['sortDir'] | undefined;
  status?: SessionStatus | undefined;
  /** The state of the sync runs that are listed. */
  sync?: SyncStatus | undefined;
  /** The sync run that is shown beside the page. */
  run?: number | undefined;
  cursor?: string | undefined;
  /** The form of the collection is open. */
  edit?: 'collection' | undefined;
};

export function connectionSearch(raw: RawSearch): ConnectionSearch {
  return given({
    tab: oneOf(raw.tab, CONNECTION_TABS),
    resource: positive(raw.resource),
    record: text(raw.record),
    q: text(raw.q),
    property: text(raw.property),
    value: text(raw.value),
    columns: text(raw.columns),
    sort: oneOf(raw.sort, ['createdAt', 'updatedAt']),
    sortDir: oneOf(raw.sortDir, ['ASC', 'DESC']),
    sync: oneOf(raw.sync, ['RUNNING', 'COMPLETED', 'FAILED', 'CANCELED']),
    run: positive(raw.run),
    status: oneOf(raw.status, ['IN_PROGRESS', 'ACTIVE', 'CANCELED', 'ARCHIVED']),
    cursor: text(raw.cursor),
    edit: oneOf(raw.edit, ['collection']),
  });
}
