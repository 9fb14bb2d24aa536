import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { AgentDialog } from '@/features/assets/agent-dialog';
import { DevicesOfConnection } from '@/features/assets/devices-of-connection';
import { connectionName } from '@/features/connections/names';
import { devicesQuery } from '@/shared/api/devices';
import { createKey } from '@/shared/api/keys';
import type { Connection } from '@/shared/api/types';
import { useMay } from '@/shared/auth/may';

const SIZE = 50;

/** The devices that a connection reports. */
export function ConnectionDevices({ connection }: { connection: Connection }) {
  const { id: connectionId } = connection;
  const { cursor, q } = useSearch({ from: '/signed-in/connections/$connectionId' });
  const may = useMay();
  const list = useQuery(devicesQuery({ cursor, size: SIZE }, { connectionId, q, sort: 'updatedAt', sortDir: 'DESC' }));
  const queries = useQueryClient();
  const [installing, setInstalling] = useState(false);
  const makes = may('api-keys-post');
  return (
    <>
      <DevicesOfConnection
        connectionId={connectionId}
        list={list}
        q={q}
        cursor={cursor}
        size={SIZE}
        mayMakeKeys={makes}
        install={
          makes
            ? () => {
                setInstalling(true);
              }
            : undefined
        }
      />
      {installing && (
        <AgentDialog
          connectionId={connectionId}
          name={`Agent for ${connectionName(connection)}`}
          make={async (name) => {
            const key = await createKey({ name, scopes: ['devices-report'], connectionIds: [connectionId] });
            void queries.invalidateQueries({ queryKey: ['keys'] });
            return key;
          }}
          close={() => {
            setInstalling(false);
          }}
        />
      )}
    </>
  );
}
