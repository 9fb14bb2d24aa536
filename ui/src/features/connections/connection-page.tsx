import { Link } from '@tanstack/react-router';
import type { Connection } from '@/shared/api/types';
import { ResourceTable } from '@/features/connections/resource-table';
import { connectionName } from '@/features/connections/names';
import { Page, Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';

export function ConnectionPage({ connection }: { connection: Connection }) {
  return (
    <Page
      title={connectionName(connection)}
      above={
        <Link to="/connections" activeOptions={{ exact: true }}>
          Connections
        </Link>
      }
      below={
        <>
          {connection.description && <span>{connection.description}</span>}
          <span>Connection {connection.id}</span>
          <span>
            made <RelativeTime at={connection.createdAt} />
          </span>
        </>
      }
    >
      <Panel title="Resources">
        <ResourceTable connection={connection} />
      </Panel>
    </Page>
  );
}
