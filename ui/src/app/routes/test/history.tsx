import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { TabProps } from '@/app/routes/test';
import { HistoryTab } from '@/features/tests/history-tab';
import { RunDrawer } from '@/features/tests/run-drawer';
import { saveFile } from '@/shared/api/files';
import { useKeysetRows } from '@/shared/api/keyset-rows';
import { cancelRun, historyQuery, readEvidence, readRuns, type Run, runQuery } from '@/shared/api/runs';
import { testsPath } from '@/shared/api/tests';
import { useMay } from '@/shared/auth/may';
import { ExportMenu } from '@/shared/ui/export-menu';

const FROM = '/signed-in/tests/$testId';
const DAYS = 90;

export function HistoryRoute({ at }: TabProps) {
  const { days = DAYS, run: runId, trigger } = useSearch({ from: FROM });
  const navigate = useNavigate({ from: '/tests/$testId' });
  const queries = useQueryClient();
  const may = useMay();
  const history = useQuery(historyQuery(at, days));
  const runs = useKeysetRows<Run>({
    queryKey: ['runs', at, 'list', trigger],
    read: (page, signal) => readRuns(at, page, { trigger }, signal),
    size: 100,
  });
  const opened = { ...at, runId: runId ?? 0 };
  const run = useQuery({ ...runQuery(opened), enabled: runId !== undefined });
  return (
    <HistoryTab
      history={history}
      days={days}
      runs={runs}
      filter={{ trigger }}
      opened={runId}
      more={<ExportMenu path={`${testsPath(at.workspaceId)}/${at.testId}/runs`} query={{ trigger }} name="runs" />}
    >
      <RunDrawer
        id={runId}
        run={run}
        close={() => void navigate({ search: (search) => ({ ...search, run: undefined }), resetScroll: false })}
        download={async (format) => {
          saveFile(await readEvidence(opened, format));
        }}
        cancel={
          may('monitors-post-action')
            ? async () => {
                await cancelRun(opened);
                await queries.invalidateQueries({ queryKey: ['runs'] });
              }
            : undefined
        }
      />
    </HistoryTab>
  );
}
