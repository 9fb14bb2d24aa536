import { Link } from '@tanstack/react-router';
import type { Connection } from '@/shared/api/types';
import { count, counted } from '@/shared/format/number';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Rows } from '@/shared/ui/table';
import { connectionName } from '@/features/connections/names';

/** The resources of a connection with what the server knows of their records. */
export function ResourceTable({ connection }: { connection: Connection }) {
  return (
    <Rows
      even
      label={`Resources of ${connectionName(connection)}`}
      rows={connection.customResources ?? []}
      rowKey={(resource) => resource.id}
      columns={[
        {
          id: 'resource',
          header: 'Resource',
          cell: (resource) => (
            <Link
              to="/connections/$connectionId/resources/$resourceId"
              params={{ connectionId: connection.id, resourceId: resource.id }}
            >
              {resource.name}
            </Link>
          ),
        },
        { id: 'records', header: 'Records', end: true, cell: (resource) => count(resource.recordCount) },
        {
          id: 'updated',
          header: 'Last update',
          end: true,
          cell: (resource) => <RelativeTime at={resource.lastRecordAt} />,
        },
        {
          id: 'freshness',
          header: 'Freshness limit',
          end: true,
          wideOnly: true,
          cell: (resource) =>
            typeof resource.freshnessHours === 'number' ? counted(resource.freshnessHours, 'hour') : 'none',
        },
      ]}
    />
  );
}
