import { useQuery } from '@tanstack/react-query';
import { InWorkspace } from '@/app/workspace';
import { HomePage } from '@/features/home/home-page';
import { connectionsQuery } from '@/shared/api/connections';
import { companyQuery } from '@/shared/api/organisation';
import {
  installedFrameworksQuery,
  neglectedQuery,
  newestFindingsQuery,
  newestFailingQuery,
  postureQuery,
  resultChangesQuery,
} from '@/shared/api/posture';
import { useMay } from '@/shared/auth/may';

export function HomeRoute() {
  return <InWorkspace>{(workspaceId) => <Home workspaceId={workspaceId} />}</InWorkspace>;
}

const NEWEST = 8;

function Home({ workspaceId }: { workspaceId: number }) {
  const may = useMay();
  const tests = may('monitors-get');
  const connected = may('custom-connections-get');
  const company = useQuery({ ...companyQuery(), enabled: may('company-settings-get-info') });
  const posture = useQuery({ ...postureQuery(workspaceId), enabled: tests });
  const failing = useQuery({ ...newestFailingQuery(workspaceId, NEWEST), enabled: tests });
  const findings = useQuery({ ...newestFindingsQuery(workspaceId, NEWEST), enabled: tests });
  const any = useQuery({ ...connectionsQuery({ size: 1 }), enabled: connected });
  const ill = useQuery({ ...neglectedQuery(workspaceId, { health: 'UNHEALTHY' }, NEWEST), enabled: connected });
  const stale = useQuery({ ...neglectedQuery(workspaceId, { health: 'STALE' }, NEWEST), enabled: connected });
  const missing = useQuery({
    ...neglectedQuery(workspaceId, { dataStatus: 'NO_DATA', state: 'ACTIVE' }, NEWEST),
    enabled: connected,
  });
  const frameworks = useQuery({
    ...installedFrameworksQuery(workspaceId, NEWEST),
    enabled: may('workspaces-get-frameworks'),
  });
  const changes = useQuery({ ...resultChangesQuery(workspaceId, NEWEST), enabled: may('event-tracking-get') });
  return (
    <HomePage
      organisation={company.data?.name}
      mayConnect={may('custom-connections-post')}
      data={{
        ...(tests
          ? {
              posture,
              failing: { ...failing, data: failing.data?.data },
              findings: { ...findings, data: findings.data?.data },
            }
          : {}),
        ...(may('workspaces-get-frameworks') ? { frameworks: { ...frameworks, data: frameworks.data?.data } } : {}),
        ...(connected
          ? {
              connections: {
                data: ill.data &&
                  stale.data &&
                  missing.data && [
                    ...ill.data.data,
                    ...stale.data.data,
                    ...missing.data.data.filter(({ health }) => health === null),
                  ],
                error: ill.error ?? stale.error ?? missing.error,
                refetch: () => Promise.all([ill.refetch(), stale.refetch(), missing.refetch()]),
              },
              connected: any.data && any.data.data.length > 0,
            }
          : {}),
        ...(may('event-tracking-get') ? { changes: { ...changes, data: changes.data?.data } } : {}),
      }}
    />
  );
}
