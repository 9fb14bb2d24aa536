import { useQueries, useQuery } from '@tanstack/react-query';
import { InWorkspace } from '@/app/workspace';
import { OverviewPage, type Totals } from '@/features/overview/overview-page';
import { connectionsQuery } from '@/shared/api/connections';
import { companyQuery } from '@/shared/api/organisation';
import { testsQuery } from '@/shared/api/tests';
import type { Test } from '@/shared/api/types';

const FAILING = 50;
const NEWEST = 10;
const CONNECTIONS = 50;

export function OverviewRoute() {
  return <InWorkspace>{(workspaceId) => <Overview workspaceId={workspaceId} />}</InWorkspace>;
}

function Overview({ workspaceId }: { workspaceId: number }) {
  const company = useQuery(companyQuery());
  const connections = useQuery(connectionsQuery({ size: CONNECTIONS }));
  // The totals come with the lists; only the failing tests themselves are shown.
  const [failed, error, ready, passed] = useQueries({
    queries: [
      testsQuery(workspaceId, { size: FAILING }, 'FAILED'),
      testsQuery(workspaceId, { size: 1 }, 'ERROR'),
      testsQuery(workspaceId, { size: 1 }, 'READY'),
      testsQuery(workspaceId, { size: 1 }, 'PASSED'),
    ],
  });
  const all = [failed, error, ready, passed];
  const total = (list: (typeof all)[number]) => list.data?.pagination.totalCount ?? 0;
  const totals: Totals | undefined = all.every((list) => list.data !== undefined)
    ? { FAILED: total(failed), ERROR: total(error), READY: total(ready), PASSED: total(passed) }
    : undefined;
  return (
    <OverviewPage
      organisation={company.data?.name}
      totals={{
        data: totals,
        error: all.find((list) => list.error !== null)?.error ?? null,
        refetch: () => Promise.all(all.map((list) => list.refetch())),
      }}
      failing={{ data: failed.data && newest(failed.data.data), error: null, refetch: failed.refetch }}
      connections={{
        data: connections.data?.data,
        error: connections.error,
        refetch: connections.refetch,
      }}
      origin={window.location.origin}
    />
  );
}

// The server sorts its list by creation or update only.
function newest(tests: Test[]): Test[] {
  return tests.toSorted((a, b) => (b.failedSince ?? '').localeCompare(a.failedSince ?? '')).slice(0, NEWEST);
}
