import { Button, Group, Menu, Text } from '@mantine/core';
import { IconDots, IconPlugConnected, IconPlugConnectedX, IconRefresh } from '@tabler/icons-react';
import { useState } from 'react';
import type { ConnectionAction } from '@/shared/api/sync-runs';
import type { Connection } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { notifyFailed } from '@/shared/ui/notify';
import { RelativeTime } from '@/shared/ui/relative-time';
import { connectionName } from '@/features/connections/names';
import classes from '@/features/connections/connection.module.css';

type Act = (action: ConnectionAction) => Promise<unknown>;

/** What can be done with a connection as a whole. */
export function IntakeMenu({ connection, act }: { connection: Connection; act: Act }) {
  const [leaving, setLeaving] = useState(false);
  const active = connection.state === 'ACTIVE';
  const collected = connection.customResources?.some((resource) => resource.collected) === true;
  return (
    <>
      <Menu position="bottom-end" withinPortal>
        <Menu.Target>
          <Button size="xs" variant="default" aria-label="More actions" px={8}>
            <IconDots size={16} aria-hidden />
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {active && collected && (
            <Menu.Item
              leftSection={<IconRefresh size={14} aria-hidden />}
              onClick={() => {
                act('refresh').catch(notifyFailed);
              }}
            >
              Refresh now
            </Menu.Item>
          )}
          {active ? (
            <Menu.Item
              leftSection={<IconPlugConnectedX size={14} aria-hidden />}
              onClick={() => {
                setLeaving(true);
              }}
            >
              Disconnect…
            </Menu.Item>
          ) : (
            <Menu.Item
              leftSection={<IconPlugConnected size={14} aria-hidden />}
              onClick={() => {
                act('reconnect').catch(notifyFailed);
              }}
            >
              Connect again
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
      <Confirm
        opened={leaving}
        close={() => {
          setLeaving(false);
        }}
        title={`Disconnect ${connectionName(connection)}?`}
        action="Disconnect"
        act={() => act('disconnect')}
      >
        <Text size="sm">
          It keeps its {counted(connection.recordCount, 'record')} and takes no new ones: pushes are refused, and a
          session that is open is cancelled. Tests go on over the data that is there. You can connect it again at any
          time.
        </Text>
      </Confirm>
    </>
  );
}

/** Says that a connection takes no data, or why it is not well. */
export function IntakeNotice({ connection, act }: { connection: Connection; act: Act | undefined }) {
  if (connection.state === 'DISCONNECTED') {
    return (
      <section className={classes.notice} aria-label="Disconnected">
        <p>
          Disconnected <RelativeTime at={connection.disconnectedAt} />. It keeps its data and takes none.
        </p>
        {act !== undefined && (
          <Group>
            <Button
              size="xs"
              onClick={() => {
                act('reconnect').catch(notifyFailed);
              }}
            >
              Connect again
            </Button>
          </Group>
        )}
      </section>
    );
  }
  if (connection.health !== 'UNHEALTHY' && connection.health !== 'STALE') return null;
  return (
    <section className={classes.notice} data-health={connection.health} aria-label="Health">
      <p>
        {connection.healthReason}{' '}
        {connection.healthSince !== null && (
          <small>
            since <RelativeTime at={connection.healthSince} />
          </small>
        )}
      </p>
    </section>
  );
}
