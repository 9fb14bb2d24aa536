import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { testsSearch } from '@/app/search-tests';
import { InWorkspace } from '@/app/workspace';
import { TestsPage } from '@/features/tests/tests-page';
import { connectionsQuery } from '@/shared/api/connections';
import { actOnTest, testsQuery } from '@/shared/api/tests';
import { useMay } from '@/shared/auth/may';

const SIZE = 50;
const CONNECTIONS = 500;

export function TestsRoute() {
  return <InWorkspace>{(workspaceId) => <Tests workspaceId={workspaceId} />}</InWorkspace>;
}

function Tests({ workspaceId }: { workspaceId: number }) {
  const { cursor, ...filter } = testsSearch(useSearch({ from: '/signed-in/tests' }));
  const queries = useQueryClient();
  const may = useMay();
  const list = useQuery(
    testsQuery(workspaceId, { cursor, size: SIZE }, { sort: 'result', sortDir: 'DESC', ...filter }),
  );
  const connections = useQuery(connectionsQuery({ size: CONNECTIONS }));
  return (
    <TestsPage
      list={list}
      filter={filter}
      cursor={cursor}
      size={SIZE}
      connections={connections.data?.data ?? []}
      act={async ({ testId }, action, note) => {
        await actOnTest({ workspaceId, testId }, action, note);
        await queries.invalidateQueries({ queryKey: ['tests'] });
      }}
      may={{ create: may('monitors-post-monitor'), act: may('monitors-post-action') }}
    />
  );
}
