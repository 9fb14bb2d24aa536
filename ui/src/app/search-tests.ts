import { idOf, oneOf, pageSearch, type PageSearch, type RawSearch, text } from '@/app/search';
import type { TestFilter, TestSort } from '@/shared/api/tests';
import { TABS, type TestTab } from '@/features/tests/tabs';

export type TestsSearch = PageSearch & TestFilter;

const SORTS: readonly TestSort[] = [
  'name',
  'result',
  'failing',
  'failedSince',
  'lastCheckAt',
  'nextRunAt',
  'createdAt',
  'updatedAt',
];
const DIRECTIONS = ['ASC', 'DESC'] as const;

// The router also hands over a search that was read before.
function number(value: unknown): number | undefined {
  const id = typeof value === 'number' ? value : idOf(text(value) ?? '');
  return Number.isNaN(id) ? undefined : id;
}

/** Leaves out what is not there, so that the address stays short. */
function known<Search extends object>(search: Search): Search {
  return Object.fromEntries(Object.entries(search).filter(([, value]) => value !== undefined)) as Search;
}

export function testsSearch(raw: RawSearch): TestsSearch {
  return known({
    ...pageSearch(raw),
    q: text(raw.q),
    result: oneOf(raw.result, ['FAILED', 'ERROR', 'READY', 'PASSED']),
    state: oneOf(raw.state, ['draft', 'published', 'disabled']),
    connectionId: number(raw.connectionId),
    providerType: oneOf(raw.providerType, ['CUSTOM', 'MDM', 'HRIS']),
    controlId: number(raw.controlId),
    sort: oneOf(raw.sort, SORTS),
    sortDir: oneOf(raw.sortDir, DIRECTIONS),
  });
}

export type TestSearch = PageSearch & {
  show?: TestTab | undefined;
  q?: string | undefined;
  asOf?: string | undefined;
  sortDir?: 'ASC' | 'DESC' | undefined;
  /** The finding, the run or the exclusion that is open beside the list. */
  finding?: string | undefined;
  run?: number | undefined;
  days?: number | undefined;
  trigger?: 'PUSH' | 'TIME' | 'PUBLISH' | 'MANUAL' | 'SCHEDULE' | 'EXCLUSION' | undefined;
  from?: string | undefined;
  to?: string | undefined;
};

const DAY = /^\d{4}-\d{2}-\d{2}$/;
const VERSION = /^(draft|[1-9]\d{0,8})$/;

const like = (value: unknown, form: RegExp): string | undefined => {
  const known = text(typeof value === 'number' ? String(value) : value);
  return known !== undefined && form.test(known) ? known : undefined;
};

export function testSearch(raw: RawSearch): TestSearch {
  const days = number(raw.days);
  return known({
    ...pageSearch(raw),
    show: oneOf(raw.show, TABS),
    q: text(raw.q),
    asOf: like(raw.asOf, DAY),
    sortDir: oneOf(raw.sortDir, DIRECTIONS),
    finding: text(raw.finding),
    run: number(raw.run),
    days: days === 30 || days === 365 ? days : undefined,
    trigger: oneOf(raw.trigger, ['PUSH', 'TIME', 'PUBLISH', 'MANUAL', 'SCHEDULE', 'EXCLUSION']),
    from: like(raw.from, VERSION),
    to: like(raw.to, VERSION),
  });
}
