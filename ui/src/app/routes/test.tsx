import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { ControlsRoute } from '@/app/routes/test/controls';
import { ExcludedRoute } from '@/app/routes/test/excluded';
import { FindingsRoute } from '@/app/routes/test/findings';
import { HistoryRoute } from '@/app/routes/test/history';
import { LogicRoute } from '@/app/routes/test/logic';
import { SettingsRoute } from '@/app/routes/test/settings';
import { VersionsRoute } from '@/app/routes/test/versions';
import { InWorkspace } from '@/app/workspace';
import type { TestTab } from '@/features/tests/tabs';
import { TestPage } from '@/features/tests/test-page';
import { cancelRun, runningQuery } from '@/shared/api/runs';
import { actOnTest, testQuery, type TestAction, type TestAt } from '@/shared/api/tests';
import type { TestDetail } from '@/shared/api/types';
import { useMay } from '@/shared/auth/may';
import { notifyDone } from '@/shared/ui/notify';
import { Loaded } from '@/shared/ui/states';

const FROM = '/signed-in/tests/$testId';

export function TestRoute() {
  return <InWorkspace>{(workspaceId) => <Test workspaceId={workspaceId} />}</InWorkspace>;
}

/** What a tab is drawn from. */
export type TabProps = { at: TestAt; test: TestDetail };

const TAB_ROUTES: Record<TestTab, (props: TabProps) => ReactNode> = {
  failing: (props) => <FindingsRoute key="failing" {...props} kind="failing" />,
  passing: (props) => <FindingsRoute key="passing" {...props} kind="passing" />,
  errors: (props) => <FindingsRoute key="errors" {...props} kind="errors" />,
  excluded: (props) => <ExcludedRoute {...props} />,
  history: (props) => <HistoryRoute {...props} />,
  logic: (props) => <LogicRoute {...props} />,
  versions: (props) => <VersionsRoute {...props} />,
  controls: (props) => <ControlsRoute {...props} />,
  settings: (props) => <SettingsRoute {...props} />,
};

const UNDONE: Partial<Record<TestAction, { said: string; by: TestAction }>> = {
  enable: { said: 'Enabled.', by: 'disable' },
  disable: { said: 'Disabled.', by: 'enable' },
};

function Test({ workspaceId }: { workspaceId: number }) {
  const { testId } = useParams({ from: FROM });
  const { show = 'failing' } = useSearch({ from: FROM });
  const at = { workspaceId, testId };
  const queries = useQueryClient();
  const may = useMay();
  const test = useQuery(testQuery(at));
  const running = useQuery(runningQuery(at));
  const mayAct = may('monitors-post-action');
  const act = useMutation({
    mutationFn: ({ action, note }: { action: TestAction; note?: string | undefined }) => actOnTest(at, action, note),
    onSuccess: (_, { action }) => {
      const back = UNDONE[action];
      if (back === undefined) return;
      notifyDone(back.said, async () => {
        await actOnTest(at, back.by, 'Undone');
        await queries.invalidateQueries();
      });
    },
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <Loaded query={test} label="the test" page="Test">
      {(data) => (
        <TestPage
          test={data}
          shown={show}
          act={{
            run: (action, note) => {
              act.mutate({ action, note });
            },
            running: act.isPending ? act.variables.action : undefined,
            error: act.error,
          }}
          may={{ act: mayAct, edit: may('monitors-put-monitor') }}
          running={running.data ?? null}
          cancel={
            mayAct && running.data
              ? async () => {
                  if (running.data) await cancelRun({ ...at, runId: running.data.id });
                  await queries.invalidateQueries({ queryKey: ['runs'] });
                }
              : undefined
          }
        >
          {TAB_ROUTES[show]({ at, test: data })}
        </TestPage>
      )}
    </Loaded>
  );
}
