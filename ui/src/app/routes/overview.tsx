import { useQuery } from '@tanstack/react-query';
import { InWorkspace } from '@/app/workspace';
import { newestFailing, totalsOf } from '@/features/overview/figures';
import { OverviewPage } from '@/features/overview/overview-page';
import { connectionsQuery } from '@/shared/api/connections';
import { companyQuery } from '@/shared/api/organisation';
import { allTestsQuery } from '@/shared/api/tests';

const NEWEST = 10;
const CONNECTIONS = 50;

export function OverviewRoute() {
  return <InWorkspace>{(workspaceId) => <Overview workspaceId={workspaceId} />}</InWorkspace>;
}

function Overview({ workspaceId }: { workspaceId: number }) {
  const company = useQuery(companyQuery());
  const connections = useQuery(connectionsQuery({ size: CONNECTIONS }));
  const tests = useQuery(allTestsQuery(workspaceId));
  return (
    <OverviewPage
      organisation={company.data?.name}
      totals={{ data: tests.data && totalsOf(tests.data), error: tests.error, refetch: tests.refetch }}
      failing={{ data: tests.data && newestFailing(tests.data, NEWEST), error: null, refetch: tests.refetch }}
      connections={{
        data: connections.data?.data,
        error: connections.error,
        refetch: connections.refetch,
      }}
      origin={window.location.origin}
    />
  );
}
