import { hashKey, type QueryKey, queryOptions, useQueries } from '@tanstack/react-query';
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react';
import { live } from '@/shared/api/live';
import { Trail } from '@/shared/api/trail';

export type KeysetPage<Row> = {
  data: Row[];
  pagination: { cursor: string | null; totalCount?: number | null | undefined };
};

/** The rows of a keyset list, of which only those near the reader are held. */
export type KeysetRows<Row> = {
  /** Tells this list from one with other filters or another order. */
  name: string;
  /** How many rows there is room for: those known, and some to come. */
  count: number;
  /** How many rows the server says there are; null if it does not. */
  total: number | null;
  /** Whether the whole list is known, and how many rows are. */
  ended: boolean;
  known: number;
  /** The row, or undefined while it is being read. */
  row: (index: number) => Row | undefined;
  /** Asks for the rows that are shown. */
  show: (first: number, last: number) => void;
  error: Error | null;
  refetch: () => void;
};

const PAGE = 200;
const HELD = 60_000;
/** How far one jump may lead beyond what is known. */
const RUNWAY = 2_000;
const UNKNOWN_RUNWAY = 40;

/**
 * Reads a keyset list of any length: only the pages that are shown are held and
 * kept up to date, so that a million rows cost what a screenful does.
 */
export function useKeysetRows<Row>({
  queryKey,
  read,
  size = PAGE,
  fixed = false,
}: {
  queryKey: QueryKey;
  read: (page: { cursor?: string | undefined; size: number }, signal: AbortSignal) => Promise<KeysetPage<Row>>;
  size?: number;
  /** What is read does not change: it is not asked for again. */
  fixed?: boolean;
}): KeysetRows<Row> {
  const name = hashKey(queryKey);
  const [at, setAt] = useState(() => ({ name, trail: new Trail(), first: 0, last: 0 }));
  if (at.name !== name) setAt({ name, trail: new Trail(), first: 0, last: 0 });
  const { trail, first, last } = at;
  useSyncExternalStore(trail.subscribe, () => trail.version);

  const pages = trail.pages(first, last);
  const results = useQueries({
    queries: pages.map((page) => {
      const cursor = trail.cursor(page);
      return queryOptions({
        queryKey: [...queryKey, { cursor, size }],
        queryFn: ({ signal }) => read({ cursor, size }, signal),
        gcTime: HELD,
        ...(fixed ? { staleTime: Infinity } : live),
      });
    }),
  });
  useEffect(() => {
    results.forEach(({ data }, each) => {
      const page = pages[each];
      if (data === undefined || page === undefined) return;
      trail.note(page, {
        length: data.data.length,
        next: data.pagination.cursor,
        total: page === 0 ? data.pagination.totalCount : undefined,
      });
    });
  });

  const show = useCallback((from: number, to: number) => {
    setAt((now) => (now.first === from && now.last === to ? now : { ...now, first: from, last: to }));
  }, []);
  const left = trail.total === null ? UNKNOWN_RUNWAY : Math.max(trail.total - trail.known, 1);
  return {
    name,
    count: trail.known + (trail.ended ? 0 : Math.min(left, RUNWAY)),
    total: trail.total,
    ended: trail.ended,
    known: trail.known,
    row: (index) => {
      for (const [each, page] of pages.entries()) {
        const row = results[each]?.data?.data[index - trail.start(page)];
        if (row !== undefined && index >= trail.start(page)) return row;
      }
      return undefined;
    },
    show,
    error: results.find((result) => result.error !== null)?.error ?? null,
    refetch: () => {
      for (const result of results) void result.refetch();
    },
  };
}
