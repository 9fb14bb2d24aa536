import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { LastSync, SyncRunDrawer, SyncRuns } from '@/features/connections/sync-runs';
import { syncRunQuery, syncRunsQuery } from '@/shared/api/sync-runs';
import type { Connection } from '@/shared/api/types';

const FROM = '/signed-in/connections/$connectionId';
const SIZE = 10;

const several = (connection: Connection) => (connection.customResources ?? []).length > 1;

/** How the last data of a resource came in. */
export function ConnectionLastSync({ connection, resourceId }: { connection: Connection; resourceId: number }) {
  const list = useQuery(syncRunsQuery(connection.id, { resourceId }, { size: 1 }));
  return <LastSync last={{ ...list, data: list.data && (list.data.data[0] ?? null) }} several={several(connection)} />;
}

/** All runs of a connection, and the one that the address names. */
export function ConnectionSyncRuns({ connection }: { connection: Connection }) {
  const { sync, cursor, run } = useSearch({ from: FROM });
  const list = useQuery(syncRunsQuery(connection.id, { status: sync }, { cursor, size: SIZE }));
  const shown = useQuery({ ...syncRunQuery(connection.id, run ?? 0), enabled: run !== undefined });
  return (
    <>
      <SyncRuns list={list} status={sync} cursor={cursor} size={SIZE} several={several(connection)} />
      <SyncRunDrawer run={shown} opened={run !== undefined} />
    </>
  );
}
