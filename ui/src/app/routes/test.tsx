import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { InWorkspace } from '@/app/workspace';
import { TestPage } from '@/features/tests/test-page';
import { actOnTest, findingsQuery, testQuery } from '@/shared/api/tests';
import type { TestAction } from '@/shared/api/types';
import { Loaded } from '@/shared/ui/states';

const FROM = '/signed-in/tests/$testId';
const SIZE = 50;

export function TestRoute() {
  return <InWorkspace>{(workspaceId) => <Test workspaceId={workspaceId} />}</InWorkspace>;
}

function Test({ workspaceId }: { workspaceId: number }) {
  const { testId } = useParams({ from: FROM });
  const { cursor, show = 'failing' } = useSearch({ from: FROM });
  const at = { workspaceId, testId };
  const queries = useQueryClient();
  const test = useQuery(testQuery(at));
  const kind = show === 'passing' ? 'passes' : 'failures';
  const findings = useQuery({ ...findingsQuery(at, kind, { cursor, size: SIZE }), enabled: show !== 'logic' });
  const act = useMutation({
    mutationFn: (action: TestAction) => actOnTest(at, action),
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <Loaded query={test} label="the test" page="Test">
      {(data) => (
        <TestPage
          test={data}
          findings={findings}
          shown={show}
          cursor={cursor}
          size={SIZE}
          act={{ run: act.mutate, running: act.isPending ? act.variables : undefined, error: act.error }}
        />
      )}
    </Loaded>
  );
}
