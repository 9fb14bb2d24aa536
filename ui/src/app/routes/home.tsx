import { useQuery } from '@tanstack/react-query';
import { InWorkspace } from '@/app/workspace';
import { HomePage } from '@/features/home/home-page';
import { connectionsQuery } from '@/shared/api/connections';
import { companyQuery } from '@/shared/api/organisation';
import { installedFrameworksQuery, newestFailingQuery, postureQuery, resultChangesQuery } from '@/shared/api/posture';
import { useMay } from '@/shared/auth/may';

export function HomeRoute() {
  return <InWorkspace>{(workspaceId) => <Home workspaceId={workspaceId} />}</InWorkspace>;
}

const NEWEST = 8;

function Home({ workspaceId }: { workspaceId: number }) {
  const may = useMay();
  const company = useQuery(companyQuery());
  const posture = useQuery(postureQuery(workspaceId));
  const failing = useQuery(newestFailingQuery(workspaceId, NEWEST));
  const connections = useQuery(connectionsQuery({ size: NEWEST }));
  const frameworks = useQuery(installedFrameworksQuery(workspaceId, NEWEST));
  const changes = useQuery(resultChangesQuery(workspaceId, NEWEST));
  return (
    <HomePage
      organisation={company.data?.name}
      mayConnect={may('custom-connections-post')}
      data={{
        posture,
        failing: { ...failing, data: failing.data?.data },
        frameworks: { ...frameworks, data: frameworks.data?.data },
        connections: { ...connections, data: connections.data?.data },
        connected: connections.data && connections.data.data.length > 0,
        changes: { ...changes, data: changes.data?.data },
      }}
    />
  );
}
