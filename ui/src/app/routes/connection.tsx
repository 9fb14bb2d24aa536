import { useQuery } from '@tanstack/react-query';
import { useParams } from '@tanstack/react-router';
import { ConnectionPage } from '@/features/connections/connection-page';
import { connectionQuery } from '@/shared/api/connections';
import { Loaded } from '@/shared/ui/states';

export function ConnectionRoute() {
  const { connectionId } = useParams({ from: '/signed-in/connections/$connectionId' });
  const connection = useQuery(connectionQuery(connectionId));
  return (
    <Loaded query={connection} label="the connection" page="Connection">
      {(data) => <ConnectionPage connection={data} />}
    </Loaded>
  );
}
