import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { live } from '@/shared/api/live';
import type { Connection, ConnectionList, EvidenceRecord, RecordList } from '@/shared/api/types';

/** Where a page of a keyset list begins; without a cursor, at its head. */
export type PageOf = { cursor?: string | undefined; size: number };

export function connectionsQuery(page: PageOf) {
  return queryOptions({
    queryKey: ['connections', page],
    queryFn: ({ signal }) =>
      bodyOf<ConnectionList>(
        api.GET('/public/v2/custom-connections', {
          params: { query: { ...pageQuery(page), 'expand[]': ['customResources'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}

export function connectionQuery(connectionId: number) {
  return queryOptions({
    queryKey: ['connection', connectionId],
    queryFn: ({ signal }) =>
      bodyOf<Connection>(
        api.GET('/public/v2/custom-connections/{connectionId}', {
          params: { path: { connectionId }, query: { 'expand[]': ['customResources'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

export type RecordOrder = { sort: 'createdAt' | 'updatedAt'; sortDir: 'ASC' | 'DESC' };

/** The records of a resource, for useKeysetRows. */
export function recordRows(at: { connectionId: number; resourceId: number }, order: RecordOrder) {
  return {
    queryKey: ['records', at, order],
    read: (page: PageOf, signal: AbortSignal) =>
      bodyOf<RecordList>(
        api.GET('/public/v2/custom-connections/{connectionId}/resources/{resourceId}/records', {
          params: { path: at, query: { ...pageQuery(page), ...order } },
          parseAs: 'text',
          signal,
        }),
      ),
  };
}

export function recordQuery(at: { connectionId: number; resourceId: number }, recordId: string) {
  return queryOptions({
    queryKey: ['record', at, recordId],
    queryFn: ({ signal }) =>
      bodyOf<EvidenceRecord>(
        api.GET('/public/v2/custom-connections/{connectionId}/resources/{resourceId}/records/{recordId}', {
          params: { path: { ...at, recordId } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

/** The query parameters of a page. The total is only told on the first one. */
export function pageQuery({ cursor, size }: PageOf): { size: number; cursor?: string; includeTotalCount?: boolean } {
  return cursor === undefined ? { size, includeTotalCount: true } : { size, cursor };
}
