import { idOf, oneOf, type RawSearch, text } from '@/app/search';
import type { ControlTab } from '@/features/controls/control-page';
import type { ControlsSearch } from '@/features/controls/controls-page';
import type { EventsSearch } from '@/features/events/events-page';
import { CATEGORIES, SOURCES } from '@/features/events/words';
import type { ExclusionsSearch } from '@/features/exclusions/exclusions-page';
import type { FrameworkSearch } from '@/features/frameworks/framework-page';
import { given } from '@/shared/api/given';

/** A number of the query, read before or not. */
function id(value: unknown): number | undefined {
  const number = typeof value === 'number' ? value : idOf(text(value) ?? '');
  return Number.isNaN(number) ? undefined : number;
}

const DIRS = ['ASC', 'DESC'] as const;

export function exclusionsSearch(raw: RawSearch): ExclusionsSearch {
  return given({
    q: text(raw.q),
    test: id(raw.test),
    category: oneOf(raw.category, ['ACCEPTED_RISK', 'FALSE_POSITIVE', 'COMPENSATING_CONTROL', 'OUT_OF_SCOPE']),
    kind: oneOf(raw.kind, ['RECORD', 'SELECTOR']),
    state: oneOf(raw.state, ['ACTIVE', 'EXPIRED', 'FIXED', 'DELETED', 'ALL']),
    problem: oneOf(raw.problem, ['EXPIRED', 'UNUSED', 'MATCHES_MORE', 'EXPIRING']),
    sort: oneOf(raw.sort, ['createdAt', 'updatedAt', 'expiresAt']),
    sortDir: oneOf(raw.sortDir, DIRS),
    cursor: text(raw.cursor),
    exclusion: text(raw.exclusion),
  });
}

export function controlsSearch(raw: RawSearch): ControlsSearch {
  return given({
    q: text(raw.q),
    state: oneOf(raw.state, ['lacking', 'ready', 'untested', 'out', 'all']),
    framework: id(raw.framework),
    owner: oneOf(raw.owner, ['mine']),
    sort: oneOf(raw.sort, ['createdAt', 'updatedAt', 'code', 'name']),
    sortDir: oneOf(raw.sortDir, DIRS),
    cursor: text(raw.cursor),
  });
}

export type ControlSearch = { show?: ControlTab | undefined; cursor?: string | undefined };

export function controlSearch(raw: RawSearch): ControlSearch {
  return given({ show: oneOf(raw.show, ['tests', 'requirements', 'notes', 'history']), cursor: text(raw.cursor) });
}

export function frameworkSearch(raw: RawSearch): FrameworkSearch {
  return given({
    q: text(raw.q),
    state: oneOf(raw.state, ['lacking', 'ready', 'out']),
    cursor: text(raw.cursor),
    requirement: id(raw.requirement),
  });
}

const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;

function day(value: unknown): string | undefined {
  const found = text(value);
  return found !== undefined && DAY.test(found) ? found : undefined;
}

export function eventsSearch(raw: RawSearch): EventsSearch {
  return given({
    q: text(raw.q),
    category: oneOf(
      raw.category,
      CATEGORIES.map(({ value }) => value),
    ),
    type: text(raw.type),
    source: oneOf(
      raw.source,
      SOURCES.map(({ value }) => value),
    ),
    key: id(raw.key),
    user: id(raw.user),
    connection: id(raw.connection),
    test: id(raw.test),
    control: id(raw.control),
    framework: id(raw.framework),
    requirement: id(raw.requirement),
    exclusion: id(raw.exclusion),
    from: day(raw.from),
    to: day(raw.to),
    event: text(raw.event),
  });
}
