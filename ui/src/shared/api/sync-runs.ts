import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { type PageOf, pageQuery } from '@/shared/api/connections';
import { given } from '@/shared/api/given';
import { live } from '@/shared/api/live';
import type { Connection, SyncRun, SyncRunList } from '@/shared/api/types';

const CONNECTION = '/public/v2/connections/{connectionId}';

export type SyncStatus = SyncRun['status'];
export type SyncStep = SyncRun['steps'][number];

/** The sync runs of a connection, newest first. */
export function syncRunsQuery(
  connectionId: number,
  filter: { status?: SyncStatus | undefined; resourceId?: number | undefined },
  page: PageOf,
) {
  return queryOptions({
    queryKey: ['syncRuns', { connectionId }, filter, page],
    queryFn: ({ signal }) =>
      bodyOf<SyncRunList>(
        api.GET(`${CONNECTION}/sync-runs`, {
          params: { path: { connectionId }, query: { ...pageQuery(page), ...given(filter) } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}

export function syncRunQuery(connectionId: number, runId: number) {
  return queryOptions({
    queryKey: ['syncRuns', { connectionId }, runId],
    queryFn: ({ signal }) =>
      bodyOf<SyncRun>(
        api.GET(`${CONNECTION}/sync-runs/{runId}`, {
          params: { path: { connectionId, runId } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

export type ConnectionAction = 'refresh' | 'disconnect' | 'reconnect';

export function actOnConnection(connectionId: number, action: ConnectionAction): Promise<Connection> {
  return bodyOf<Connection>(
    api.POST(`${CONNECTION}/actions`, { params: { path: { connectionId } }, body: { action }, parseAs: 'text' }),
  );
}
