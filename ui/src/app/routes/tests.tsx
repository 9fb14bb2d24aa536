import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { testsSearch } from '@/app/search-tests';
import { InWorkspace } from '@/app/workspace';
import { TestsPage } from '@/features/tests/tests-page';
import { connectionsQuery } from '@/shared/api/connections';
import { actOnTest, testListQuery, testsPath, testsQuery } from '@/shared/api/tests';
import { useMay } from '@/shared/auth/may';
import { ExportMenu } from '@/shared/ui/export-menu';

const SIZE = 50;
const CONNECTIONS = 500;

export function TestsRoute() {
  return <InWorkspace>{(workspaceId) => <Tests workspaceId={workspaceId} />}</InWorkspace>;
}

function Tests({ workspaceId }: { workspaceId: number }) {
  const { cursor, ...filter } = testsSearch(useSearch({ from: '/signed-in/tests' }));
  const queries = useQueryClient();
  const may = useMay();
  const ordered = { sort: 'result', sortDir: 'DESC', ...filter } as const;
  const list = useQuery(testsQuery(workspaceId, { cursor, size: SIZE }, ordered));
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
      more={<ExportMenu path={testsPath(workspaceId)} query={testListQuery(ordered)} name="tests" />}
      may={{ create: may('monitors-post-monitor'), act: may('monitors-post-action') }}
    />
  );
}
