import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { ConnectionsPage } from '@/features/connections/connections-page';
import { connectionsQuery } from '@/shared/api/connections';

const SIZE = 50;

export function ConnectionsRoute() {
  const { cursor } = useSearch({ from: '/signed-in/connections' });
  const list = useQuery(connectionsQuery({ cursor, size: SIZE }));
  return <ConnectionsPage list={list} cursor={cursor} size={SIZE} origin={window.location.origin} />;
}
