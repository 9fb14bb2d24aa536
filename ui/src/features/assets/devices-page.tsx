import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { type Device, type DeviceCheck, type DeviceList, type DeviceSummary, reported } from '@/shared/api/devices';
import type { Connection } from '@/shared/api/types';
import { useMay } from '@/shared/auth/may';
import { CHECK_WORDS, STATUS_WORDS } from '@/shared/format/compliance';
import { count } from '@/shared/format/number';
import { DEVICE_LOOKS, type DeviceLook, PLATFORMS, SOURCES } from '@/features/assets/device-words';
import { Address } from '@/shared/ui/address';
import { ComplianceChip } from '@/shared/ui/compliance-chip';
import { LookCards } from '@/shared/ui/count-cards';
import { ChoiceField, Filters, SearchField } from '@/shared/ui/filters';
import { LinkButton } from '@/shared/ui/link-button';
import { Page, Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Empty, Loaded } from '@/shared/ui/states';
import { type Column, type Order, Rows } from '@/shared/ui/table';
import classes from '@/features/assets/assets.module.css';

export type DevicesSearch = {
  q?: string | undefined;
  look?: DeviceLook | undefined;
  check?: DeviceCheck | undefined;
  connection?: number | undefined;
  source?: Device['sourceType'] | undefined;
  platform?: NonNullable<Device['platformName']> | undefined;
  sort?: 'createdAt' | 'updatedAt' | undefined;
  sortDir?: 'ASC' | 'DESC' | undefined;
  cursor?: string | undefined;
  connect?: 'yes' | undefined;
};

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

export function DevicesPage({
  search,
  list,
  summary,
  connections,
  size,
  tools,
}: {
  search: DevicesSearch;
  list: Query<DeviceList>;
  summary: DeviceSummary | undefined;
  /** Those that report devices; undefined until they are known. */
  connections: readonly Connection[] | undefined;
  size: number;
  /** What can be done with the whole list. */
  tools: ReactNode;
}) {
  const navigate = useNavigate({ from: '/devices' });
  const may = useMay();
  const set = (change: Partial<DevicesSearch>) =>
    void navigate({ search: (before) => ({ ...before, cursor: undefined, ...change }) });
  const narrowed = [search.q, search.look, search.check, search.connection, search.source, search.platform].some(
    (each) => each !== undefined,
  );
  const order: Order = { sort: search.sort ?? 'updatedAt', sortDir: search.sortDir ?? 'DESC' };
  const nameOf = (id: number) => connections?.find((each) => each.id === id)?.clientAlias ?? `Connection ${id}`;
  return (
    <Page
      title="Devices"
      below="The computers and phones that people work with, as your MDM connections report them."
      actions={
        <>
          {tools}
          {may('custom-connections-post') && (
            <LinkButton
              size="xs"
              from="/devices"
              to="/devices"
              search={(before) => ({ ...before, connect: 'yes' as const })}
            >
              Connect an MDM
            </LinkButton>
          )}
        </>
      }
    >
      {(summary?.total ?? 0) > 0 && (
        <LookCards
          label="Which to look at first"
          looks={DEVICE_LOOKS}
          chosen={search.look}
          figure={({ count: of }) => (summary === undefined ? undefined : of(summary))}
        />
      )}
      <Filters label="Narrow the devices">
        <SearchField
          label="Search serial number, MAC, model or owner"
          value={search.q}
          onChange={(q) => {
            set({ q });
          }}
        />
        <ChoiceField
          label="Failing check"
          value={search.check}
          choices={(summary?.checks ?? []).map(({ type, failing }) => ({
            value: type,
            label: `${CHECK_WORDS[type]} (${count(failing)})`,
          }))}
          onChange={(check) => {
            set({ check });
          }}
        />
        <ChoiceField
          label="System"
          value={search.platform}
          choices={PLATFORMS}
          onChange={(platform) => {
            set({ platform });
          }}
        />
        <ChoiceField
          label="Connection"
          searchable
          value={search.connection === undefined ? undefined : String(search.connection)}
          choices={(connections ?? []).map(({ id }) => ({ value: String(id), label: nameOf(id) }))}
          onChange={(id) => {
            set({ connection: id === undefined ? undefined : Number(id) });
          }}
        />
        <ChoiceField
          label="Source"
          value={search.source}
          choices={SOURCES}
          onChange={(source) => {
            set({ source });
          }}
        />
      </Filters>
      <Loaded query={list} label="devices">
        {({ data, pagination }) =>
          data.length === 0 && search.cursor === undefined ? (
            <Nothing narrowed={narrowed} connections={connections} />
          ) : (
            <Panel title="Devices">
              <Rows
                label="Devices"
                rows={data}
                rowKey={({ id }) => id}
                order={order}
                onOrder={({ sort, sortDir }) => {
                  set({ sort: sort as DevicesSearch['sort'], sortDir });
                }}
                columns={deviceColumns((connections?.length ?? 0) > 1 ? nameOf : undefined)}
              />
              <Pager
                cursor={search.cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="device"
              />
            </Panel>
          )
        }
      </Loaded>
    </Page>
  );
}

/** The columns of a list of devices; without names of connections, of one connection. */
export function deviceColumns(nameOf?: (connectionId: number) => string): Column<Device>[] {
  return [
    {
      id: 'name',
      header: 'Device',
      cell: (row) => (
        <>
          <Link to="/devices/$deviceId" params={{ deviceId: row.id }} className={classes.name}>
            {row.displayName}
          </Link>
          <span className={classes.sub}>
            {[row.osVersion, row.serialNumber !== row.displayName && row.serialNumber].filter(Boolean).join(' · ')}
          </span>
          <span className={classes.narrow}>
            <span className={classes.sub}>{row.owner?.displayName}</span>
          </span>
        </>
      ),
    },
    {
      id: 'owner',
      header: 'Owner',
      wideOnly: true,
      cell: (row) => <Owner of={row} />,
    },
    { id: 'checks', header: 'Checks', cell: (row) => <Standing of={row} /> },
    ...(nameOf === undefined
      ? []
      : [
          {
            id: 'connection',
            header: 'Connection',
            wideOnly: true,
            cell: (row: Device) => (reported(row) ? nameOf(row.connectionId) : null),
          },
        ]),
    {
      id: 'reported',
      header: 'Last report',
      wideOnly: true,
      sort: { by: 'updatedAt', first: 'DESC' },
      cell: (row) => (
        <>
          <RelativeTime at={row.lastCheckedAt} />
          {row.sourceType === 'AGENT' && <span className={classes.sub}>by the agent</span>}
        </>
      ),
    },
    {
      id: 'created',
      header: 'First seen',
      wideOnly: true,
      sort: { by: 'createdAt', first: 'DESC' },
      cell: (row) => <RelativeTime at={row.createdAt} />,
    },
  ];
}

/** Whose a device is. */
export function Owner({ of }: { of: Pick<Device, 'owner' | 'personnelId'> }) {
  const may = useMay();
  const name = of.owner?.displayName ?? `Person ${of.personnelId}`;
  return (
    <>
      {may('personnel-get') ? (
        <Link to="/personnel/$personId" params={{ personId: of.personnelId }}>
          {name}
        </Link>
      ) : (
        name
      )}
      {of.owner !== undefined && of.owner.email !== name && <Address of={of.owner.email} />}
    </>
  );
}

/** What the server makes of a device, and which checks are the reason. */
function Standing({ of }: { of: Device }) {
  const { complianceStatus: status, complianceChecks = [] } = of;
  if (status === undefined) return null;
  const fails = complianceChecks.filter((check) => check.status === 'FAIL');
  const unknown = complianceChecks.filter((check) => check.status === 'MISCONFIGURED');
  return (
    <>
      <ComplianceChip status={status} word={status === 'PASS' ? 'Compliant' : STATUS_WORDS[status]} />
      {fails.length > 0 && <span className={classes.sub}>{fails.map(({ type }) => CHECK_WORDS[type]).join(', ')}</span>}
      {unknown.length > 0 && (
        <span className={classes.sub}>
          {unknown.length === complianceChecks.length
            ? 'No check is known'
            : `Not known: ${unknown.map(({ type }) => CHECK_WORDS[type]).join(', ')}`}
        </span>
      )}
    </>
  );
}

function Nothing({ narrowed, connections }: { narrowed: boolean; connections: readonly Connection[] | undefined }) {
  const may = useMay();
  const first = connections?.[0];
  if (narrowed)
    return (
      <Empty title="No device is like that" actions={<Link to="/devices">Show all devices</Link>}>
        Nothing fits this search and these filters.
      </Empty>
    );
  if (first !== undefined)
    return (
      <Empty
        title="No devices yet"
        actions={
          <LinkButton
            size="xs"
            to="/connections/$connectionId"
            params={{ connectionId: first.id }}
            search={{ tab: 'devices' }}
          >
            See how to send them
          </LinkButton>
        }
      >
        {first.clientAlias ?? 'A connection'} is ready for them. They appear here as soon as the first report comes in.
      </Empty>
    );
  return (
    <Empty
      title="No devices yet"
      actions={
        may('custom-connections-post') && (
          <LinkButton size="xs" to="/devices" search={{ connect: 'yes' }}>
            Connect an MDM
          </LinkButton>
        )
      }
    >
      Devices come through a connection of the type MDM: your device management, or a script of yours, reports each of
      them. Plumbline then checks password manager, disk encryption, antivirus, automatic updates and lock screen.
    </Empty>
  );
}
