import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { DevicesOfConnection } from '@/features/assets/devices-of-connection';
import { devicesQuery } from '@/shared/api/devices';
import { useMay } from '@/shared/auth/may';

const SIZE = 50;

/** The devices that a connection reports. */
export function ConnectionDevices({ connectionId }: { connectionId: number }) {
  const { cursor, q } = useSearch({ from: '/signed-in/connections/$connectionId' });
  const may = useMay();
  const list = useQuery(devicesQuery({ cursor, size: SIZE }, { connectionId, q, sort: 'updatedAt', sortDir: 'DESC' }));
  return (
    <DevicesOfConnection
      connectionId={connectionId}
      list={list}
      q={q}
      cursor={cursor}
      size={SIZE}
      mayMakeKeys={may('api-keys-post')}
    />
  );
}
