import type { DeliverySearch } from '@/features/settings/deliveries';
import type { PeopleSearch } from '@/features/settings/people-page';
import type { RecordOrder } from '@/shared/api/connections';

/** The query of the address as the router hands it over: names with texts. */
export type RawSearch = Record<string, unknown>;

/** Reads a query without guessing types: a cursor of digits stays text. */
export function parseSearch(query: string): RawSearch {
  return Object.fromEntries(new URLSearchParams(query));
}

export function stringifySearch(search: Record<string, unknown>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (typeof value === 'string' || typeof value === 'number') query.set(name, String(value));
  }
  const text = query.toString();
  return text === '' ? '' : `?${text}`;
}

/** A text that is not empty. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** One of the words that a page knows; anything else is as if it were absent. */
export function oneOf<Choice extends string>(value: unknown, choices: readonly Choice[]): Choice | undefined {
  return choices.find((choice) => choice === value);
}

/** A number that can be an id, or NaN, which no object has. */
export function idOf(value: string): number {
  return /^[1-9][0-9]{0,15}$/.test(value) ? Number(value) : Number.NaN;
}

export type WorkspaceSearch = { workspace?: number | undefined };

export function workspaceSearch(raw: RawSearch): WorkspaceSearch {
  const id = idIn(raw.workspace);
  return id === undefined ? {} : { workspace: id };
}

export type PageSearch = { cursor?: string | undefined };

export function pageSearch(raw: RawSearch): PageSearch {
  const cursor = text(raw.cursor);
  return cursor === undefined ? {} : { cursor };
}

export type ResourceSearch = PageSearch & {
  record?: string | undefined;
  sort?: RecordOrder['sort'] | undefined;
  sortDir?: RecordOrder['sortDir'] | undefined;
};

export function resourceSearch(raw: RawSearch): ResourceSearch {
  const record = text(raw.record);
  const sort = oneOf(raw.sort, ['createdAt', 'updatedAt']);
  const sortDir = oneOf(raw.sortDir, ['ASC', 'DESC']);
  return {
    ...pageSearch(raw),
    ...(record === undefined ? {} : { record }),
    ...(sort === undefined ? {} : { sort }),
    ...(sortDir === undefined ? {} : { sortDir }),
  };
}

export type ReferenceSearch = { operation?: string | undefined; q?: string | undefined };

export function referenceSearch(raw: RawSearch): ReferenceSearch {
  const operation = text(raw.operation);
  const q = text(raw.q);
  return { ...(operation === undefined ? {} : { operation }), ...(q === undefined ? {} : { q }) };
}

export type SignInSearch = { return?: string | undefined };

export function signInSearch(raw: RawSearch): SignInSearch {
  const back = text(raw.return);
  return back === undefined ? {} : { return: back };
}

export function peopleSearch(raw: RawSearch): PeopleSearch {
  const q = text(raw.q);
  const role = oneOf(raw.role, ROLES);
  const standing = oneOf(raw.standing, ['ACTIVE', 'INVITED', 'NO_ACCOUNT', 'DISABLED']);
  return {
    ...pageSearch(raw),
    ...(q === undefined ? {} : { q }),
    ...(role === undefined ? {} : { role }),
    ...(standing === undefined ? {} : { standing }),
  };
}

/** The id in a query, undefined where there is none. */
export function idIn(value: unknown): number | undefined {
  // The router also hands over a search that was read before.
  const id = typeof value === 'number' ? value : idOf(text(value) ?? '');
  return Number.isNaN(id) ? undefined : id;
}

export function deliverySearch(raw: RawSearch): DeliverySearch {
  const status = oneOf(raw.status, ['PENDING', 'SENT', 'FAILED', 'CANCELED']);
  const channel = idIn(raw.channel);
  const delivery = idIn(raw.delivery);
  return {
    ...pageSearch(raw),
    ...(status === undefined ? {} : { status }),
    ...(channel === undefined ? {} : { channel }),
    ...(delivery === undefined ? {} : { delivery }),
  };
}

const ROLES = [
  'ADMIN',
  'TECHGOV',
  'WORKSPACE_ADMINISTRATOR',
  'CONTROL_MANAGER',
  'DEVOPS_ENGINEER',
  'PEOPLE_OPS',
  'AUDITOR',
  'ACT_AS_READ_ONLY',
  'EMPLOYEE',
] as const;
