import { oneOf, type RawSearch, text } from '@/app/search';
import type { BuilderState } from '@/features/builder/builder-page';

const DAY = /^\d{4}-\d{2}-\d{2}$/;

function numberOf(value: unknown, least: number): number | undefined {
  const number =
    typeof value === 'number' ? value : /^[0-9]{1,15}$/.test(text(value) ?? '') ? Number(value) : Number.NaN;
  return number >= least ? number : undefined;
}

/** What the builder takes from the query: the group, how it is shown, and what is open beside it. */
export function builderSearch(raw: RawSearch): BuilderState {
  const group = numberOf(raw.group, 0);
  const mode = oneOf(raw.mode, ['json']);
  const side = oneOf(raw.side, ['try', 'words']);
  const asOf = text(raw.asOf);
  const record = text(raw.record);
  const of = numberOf(raw.of, 1);
  return {
    ...(group === undefined ? {} : { group }),
    ...(mode === undefined ? {} : { mode }),
    ...(side === undefined ? {} : { side }),
    ...(asOf === undefined || !DAY.test(asOf) ? {} : { asOf }),
    ...(record === undefined ? {} : { record }),
    ...(of === undefined ? {} : { of }),
  };
}

export type NewTestSearch = BuilderState & { resource?: number | undefined };

/** A new test may begin over a resource. */
export function newTestSearch(raw: RawSearch): NewTestSearch {
  const resource = numberOf(raw.resource, 1);
  return { ...builderSearch(raw), ...(resource === undefined ? {} : { resource }) };
}
