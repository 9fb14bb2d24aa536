import { useQuery } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { NotFound } from '@/app/not-found';
import { ResourcePage } from '@/features/connections/resource-page';
import { connectionQuery, recordQuery, recordRows, type RecordOrder } from '@/shared/api/connections';
import { useKeysetRows } from '@/shared/api/keyset-rows';
import { Loaded } from '@/shared/ui/states';

const FROM = '/signed-in/connections/$connectionId/resources/$resourceId';

export function ResourceRoute() {
  const at = useParams({ from: FROM });
  const { record, sort = 'createdAt', sortDir = 'DESC' } = useSearch({ from: FROM });
  const order: RecordOrder = { sort, sortDir };
  const connection = useQuery(connectionQuery(at.connectionId));
  const opened = useQuery({ ...recordQuery(at, record ?? ''), enabled: record !== undefined });
  const records = useKeysetRows(recordRows(at, order));
  return (
    <Loaded query={connection} label="the resource" page="Resource">
      {(data) => {
        const resource = data.customResources?.find((each) => each.id === at.resourceId);
        if (resource === undefined) return <NotFound />;
        return (
          <ResourcePage
            connection={data}
            resource={resource}
            records={records}
            order={order}
            opened={record === undefined ? undefined : { id: record, record: opened }}
            origin={window.location.origin}
          />
        );
      }}
    </Loaded>
  );
}
