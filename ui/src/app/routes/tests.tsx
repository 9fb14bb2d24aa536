import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { InWorkspace } from '@/app/workspace';
import { TestsPage } from '@/features/tests/tests-page';
import { testsQuery } from '@/shared/api/tests';

const SIZE = 50;

export function TestsRoute() {
  return <InWorkspace>{(workspaceId) => <Tests workspaceId={workspaceId} />}</InWorkspace>;
}

function Tests({ workspaceId }: { workspaceId: number }) {
  const { cursor, result } = useSearch({ from: '/signed-in/tests' });
  const list = useQuery(testsQuery(workspaceId, { cursor, size: SIZE }, result));
  return (
    <TestsPage
      list={list}
      result={result}
      cursor={cursor}
      size={SIZE}
      origin={window.location.origin}
      workspaceId={workspaceId}
    />
  );
}
