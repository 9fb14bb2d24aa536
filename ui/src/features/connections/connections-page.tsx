import { Button, Group } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { connectionFilter, type ConnectionFilter, type ListOrder } from '@/shared/api/connections';
import type { KeysetRows } from '@/shared/api/keyset-rows';
import type { Connection } from '@/shared/api/types';
import { count, counted } from '@/shared/format/number';
import { ExportMenu } from '@/shared/ui/export-menu';
import { ChoiceField, Filters, SearchField } from '@/shared/ui/filters';
import { HealthChip } from '@/shared/ui/health-chip';
import { LinkButton } from '@/shared/ui/link-button';
import { Page, Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { CONNECTION_SECTIONS, Sections } from '@/shared/ui/sections';
import { Empty, Failure } from '@/shared/ui/states';
import { type VirtualColumn, VirtualTable } from '@/shared/ui/virtual-table';
import { categories, connectionName, createdBy, PROVIDER_CHOICES } from '@/features/connections/names';

const HEALTHS = [
  { value: 'HEALTHY', label: 'Healthy' },
  { value: 'UNHEALTHY', label: 'Unhealthy' },
  { value: 'STALE', label: 'Stale' },
] as const;

const STATES = [
  { value: 'ACTIVE', label: 'Active' },
  { value: 'DISCONNECTED', label: 'Disconnected' },
] as const;

const COLUMNS: VirtualColumn<Connection>[] = [
  {
    id: 'name',
    header: 'Connection',
    width: 220,
    cell: (connection) => (
      <Link to="/connections/$connectionId" params={{ connectionId: connection.id }}>
        {connectionName(connection)}
      </Link>
    ),
  },
  {
    id: 'health',
    header: 'Health',
    width: 140,
    cell: (connection) => <HealthChip of={connection} />,
  },
  {
    id: 'records',
    header: 'Records',
    width: 100,
    end: true,
    wideOnly: true,
    cell: (connection) => count(connection.recordCount),
  },
  {
    id: 'last',
    header: 'Last sync',
    width: 140,
    wideOnly: true,
    cell: (connection) => <RelativeTime at={connection.lastSyncAt} />,
  },
  { id: 'category', header: 'Category', width: 130, wideOnly: true, cell: categories },
  { id: 'by', header: 'Created by', width: 150, wideOnly: true, cell: createdBy },
  {
    id: 'created',
    header: 'Created',
    width: 130,
    end: true,
    wideOnly: true,
    sort: 'createdAt',
    cell: (connection) => <RelativeTime at={connection.createdAt} />,
  },
];

export function ConnectionsPage({
  workspaceId,
  rows,
  filter,
  order,
  mayCreate,
}: {
  workspaceId: number;
  rows: KeysetRows<Connection>;
  filter: ConnectionFilter;
  order: ListOrder;
  mayCreate: boolean;
}) {
  const navigate = useNavigate({ from: '/connections' });
  const filtered = Object.values(filter).some((value) => value !== undefined);
  const nothing = rows.ended && rows.known === 0;
  return (
    <Page
      title="Connections"
      below={<span>Each connection brings the data of one outside system.</span>}
      actions={
        mayCreate && (
          <LinkButton size="xs" to="/connections/new" leftSection={<IconPlus size={14} aria-hidden />}>
            New connection
          </LinkButton>
        )
      }
    >
      <Sections label="Connections" sections={CONNECTION_SECTIONS} />
      {rows.error !== null && <Failure error={rows.error} retry={rows.refetch} />}
      {nothing && !filtered ? (
        <Empty title="No connections yet">
          A connection joins one outside system. Anything that can send JSON will do: paste a sample, and Plumbline
          works out the rest.
          {mayCreate && (
            <Group gap={8} mt={14}>
              <LinkButton to="/connections/available">Look through the catalogue</LinkButton>
              <LinkButton variant="default" to="/connections/new">
                Create the first connection
              </LinkButton>
              <LinkButton variant="default" to="/connections/new" search={{ sample: 'directory' }}>
                Try it with a sample
              </LinkButton>
            </Group>
          )}
        </Empty>
      ) : (
        <>
          <Filters label="Narrow the connections">
            <SearchField
              label="Search connections"
              value={filter.q}
              onChange={(q) =>
                void navigate({ search: (search) => ({ ...search, q }), replace: true, resetScroll: false })
              }
            />
            <ChoiceField
              label="Health"
              value={filter.health}
              choices={HEALTHS}
              onChange={(health) => void navigate({ search: (search) => ({ ...search, health }), resetScroll: false })}
            />
            <ChoiceField
              label="State"
              value={filter.state}
              choices={STATES}
              onChange={(state) => void navigate({ search: (search) => ({ ...search, state }), resetScroll: false })}
            />
            <ChoiceField
              label="Category"
              value={filter.providerType}
              searchable
              choices={PROVIDER_CHOICES}
              onChange={(type) => void navigate({ search: (search) => ({ ...search, type }), resetScroll: false })}
            />
          </Filters>
          {nothing ? (
            <Empty title="No connection fits">
              <Button variant="default" size="xs" mt={10} onClick={() => void navigate({ search: {} })}>
                Show all connections
              </Button>
            </Empty>
          ) : (
            <Panel
              title="Connections"
              aside={
                <>
                  {rows.total !== null && counted(rows.total, 'connection')}{' '}
                  <ExportMenu
                    path="/public/v2/connections"
                    query={{ ...connectionFilter(filter), ...order, workspaceId }}
                    name="connections"
                  />
                </>
              }
            >
              <VirtualTable
                label="Connections"
                unit="connection"
                rows={rows}
                rowKey={(connection) => String(connection.id)}
                columns={COLUMNS}
                sorted={{ by: order.sort, descending: order.sortDir === 'DESC' }}
                onSort={({ by, descending }) =>
                  void navigate({
                    search: (search) => ({
                      ...search,
                      sort: by === 'updatedAt' ? 'updatedAt' : 'createdAt',
                      sortDir: descending ? 'DESC' : 'ASC',
                    }),
                    resetScroll: false,
                  })
                }
                onOpen={({ id }) =>
                  void navigate({ to: '/connections/$connectionId', params: { connectionId: id }, search: {} })
                }
              />
            </Panel>
          )}
        </>
      )}
    </Page>
  );
}
