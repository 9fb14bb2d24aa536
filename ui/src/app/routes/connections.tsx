import { useSearch } from '@tanstack/react-router';
import { InWorkspace } from '@/app/workspace';
import { ConnectionsPage } from '@/features/connections/connections-page';
import { connectionRows } from '@/shared/api/connections';
import { useKeysetRows } from '@/shared/api/keyset-rows';
import { useMay } from '@/shared/auth/may';

const SIZE = 100;

export function ConnectionsRoute() {
  return <InWorkspace>{(workspaceId) => <Connections workspaceId={workspaceId} />}</InWorkspace>;
}

function Connections({ workspaceId }: { workspaceId: number }) {
  const {
    q,
    type,
    health,
    state,
    sort = 'createdAt',
    sortDir = 'DESC',
  } = useSearch({ from: '/signed-in/connections' });
  const filter = { q, providerType: type, health, state };
  const order = { sort, sortDir };
  const rows = useKeysetRows({ ...connectionRows(workspaceId, filter, order), size: SIZE });
  const may = useMay();
  return (
    <ConnectionsPage
      workspaceId={workspaceId}
      rows={rows}
      filter={filter}
      order={order}
      mayCreate={may('custom-connections-post')}
    />
  );
}
