import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { DeviceList } from '@/shared/api/devices';
import { deviceColumns } from '@/features/assets/devices-page';
import { reportCommand } from '@/features/assets/device-words';
import { Filters, SearchField } from '@/shared/ui/filters';
import { LinkButton } from '@/shared/ui/link-button';
import { Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { Empty, Loaded } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';

/** The devices of one connection; where there are none, how to send them. */
export function DevicesOfConnection({
  connectionId,
  list,
  q,
  cursor,
  size,
  mayMakeKeys,
  install,
}: {
  connectionId: number;
  list: { data: DeviceList | undefined; error: Error | null; refetch: () => unknown };
  q: string | undefined;
  cursor: string | undefined;
  size: number;
  mayMakeKeys: boolean;
  /** Begins to install the agent; left out where one may not. */
  install: (() => void) | undefined;
}) {
  const navigate = useNavigate({ from: '/connections/$connectionId' });
  return (
    <Loaded query={list} label="devices">
      {({ data, pagination }) =>
        data.length === 0 && cursor === undefined && q === undefined ? (
          <Empty
            title="No devices yet"
            actions={
              <>
                {install !== undefined && (
                  <Button size="xs" onClick={install}>
                    Install the agent
                  </Button>
                )}
                {mayMakeKeys && (
                  <LinkButton size="xs" variant="default" to="/settings/keys">
                    Make an API key
                  </LinkButton>
                )}
              </>
            }
            steps={[
              {
                label: 'Put an API key with the scope devices-post into the shell.',
                command: 'read -rs PLUMBLINE_API_KEY && export PLUMBLINE_API_KEY',
              },
              {
                label: 'Report a device. Its owner is a person that Plumbline knows, by number or by address.',
                command: reportCommand(window.location.origin, connectionId),
              },
            ]}
          >
            Install the agent on each machine, or send one report for each device. What a report says holds for 30 days;
            send it every day, and this list follows by itself.
          </Empty>
        ) : (
          <>
            <Filters label="Narrow the devices">
              <SearchField
                label="Search serial number, MAC, model or owner"
                value={q}
                onChange={(text) =>
                  void navigate({
                    search: (before) => ({ ...before, cursor: undefined, q: text }),
                    resetScroll: false,
                  })
                }
              />
              {install !== undefined && (
                <Button size="xs" variant="default" onClick={install}>
                  Install the agent
                </Button>
              )}
            </Filters>
            {data.length === 0 && cursor === undefined ? (
              <Empty
                title="No device is like that"
                actions={
                  <Link from="/connections/$connectionId" to="." search={(before) => ({ ...before, q: undefined })}>
                    Show all devices
                  </Link>
                }
              >
                Nothing of this connection fits the search.
              </Empty>
            ) : (
              <Panel title="Devices">
                <Rows label="Devices" rows={data} rowKey={({ id }) => id} columns={deviceColumns()} />
                <Pager
                  cursor={cursor}
                  next={pagination.cursor}
                  shown={data.length}
                  size={size}
                  total={pagination.totalCount}
                  unit="device"
                />
              </Panel>
            )}
          </>
        )
      }
    </Loaded>
  );
}
