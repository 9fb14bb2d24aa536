import { Link } from '@tanstack/react-router';
import type { Connection, ConnectionList } from '@/shared/api/types';
import { firstSteps } from '@/shared/format/first-steps';
import { ResourceTable } from '@/features/connections/resource-table';
import { Page, Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { Empty, Loaded } from '@/shared/ui/states';
import { connectionName } from '@/features/connections/names';

export function ConnectionsPage({
  list,
  cursor,
  size,
  origin,
}: {
  list: { data: ConnectionList | undefined; error: Error | null; refetch: () => unknown };
  cursor: string | undefined;
  size: number;
  origin: string;
}) {
  return (
    <Page title="Connections">
      <Loaded query={list} label="connections">
        {({ data, pagination }) =>
          data.length === 0 && cursor === undefined ? (
            <Empty title="No connections yet" steps={firstSteps(origin)}>
              A connection joins one outside system; its resources hold the records you push.
            </Empty>
          ) : (
            <>
              {data.map((connection) => (
                <ConnectionPanel key={connection.id} connection={connection} />
              ))}
              <Pager
                cursor={cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="connection"
              />
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function ConnectionPanel({ connection }: { connection: Connection }) {
  return (
    <Panel
      title={
        <Link to="/connections/$connectionId" params={{ connectionId: connection.id }}>
          {connectionName(connection)}
        </Link>
      }
      aside={connection.description}
    >
      <ResourceTable connection={connection} />
    </Panel>
  );
}
