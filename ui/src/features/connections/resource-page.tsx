import { Drawer } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Connection, EvidenceRecord, Resource } from '@/shared/api/types';
import type { RecordOrder } from '@/shared/api/connections';
import { pushSteps } from '@/shared/format/first-steps';
import { counted } from '@/shared/format/number';
import { JsonView } from '@/shared/ui/json-view';
import { Page, Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Empty, Failure, Loaded } from '@/shared/ui/states';
import type { KeysetRows } from '@/shared/api/keyset-rows';
import { type VirtualColumn, VirtualTable } from '@/shared/ui/virtual-table';
import { cellText, recordName, schemaColumns } from '@/features/connections/columns';
import { connectionName } from '@/features/connections/names';
import classes from '@/features/connections/resource-page.module.css';

const RESOURCE = '/connections/$connectionId/resources/$resourceId';

type Opened = {
  id: string;
  record: { data: EvidenceRecord | undefined; error: Error | null; refetch: () => unknown };
};

export function ResourcePage({
  connection,
  resource,
  records,
  order,
  opened,
  origin,
}: {
  connection: Connection;
  resource: Resource;
  records: KeysetRows<EvidenceRecord>;
  order: RecordOrder;
  /** The record that is shown as JSON. */
  opened: Opened | undefined;
  origin: string;
}) {
  const navigate = useNavigate({ from: RESOURCE });
  const close = () => void navigate({ search: (search) => ({ ...search, record: undefined }), state: true });
  return (
    <Page
      title={resource.name}
      above={
        <>
          <Link to="/connections" activeOptions={{ exact: true }}>
            Connections
          </Link>{' '}
          ›{' '}
          <Link
            to="/connections/$connectionId"
            activeOptions={{ exact: true }}
            params={{ connectionId: connection.id }}
          >
            {connectionName(connection)}
          </Link>
        </>
      }
      below={
        <>
          <span>{counted(resource.recordCount, 'record')}</span>
          <span>
            last update <RelativeTime at={resource.lastRecordAt} />
          </span>
          {typeof resource.freshnessHours === 'number' && (
            <span>freshness limit {counted(resource.freshnessHours, 'hour')}</span>
          )}
        </>
      }
    >
      {records.error !== null && <Failure error={records.error} retry={records.refetch} />}
      {records.ended && records.known === 0 ? (
        <Empty title="No records yet" steps={pushSteps(origin, connection.id, resource.id)}>
          Records appear here as soon as they are pushed.
        </Empty>
      ) : (
        <Panel title="Records" aside={counted(resource.recordCount, 'record')}>
          <VirtualTable
            label="Records"
            unit="record"
            rows={records}
            rowKey={(record) => record.id}
            columns={recordColumns(resource)}
            sorted={{ by: order.sort, descending: order.sortDir === 'DESC' }}
            onSort={({ by, descending }) =>
              void navigate({
                search: (search) => ({
                  ...search,
                  sort: by === 'updatedAt' ? 'updatedAt' : 'createdAt',
                  sortDir: descending ? 'DESC' : 'ASC',
                }),
              })
            }
            onOpen={(record) => void navigate({ search: (search) => ({ ...search, record: record.id }), state: true })}
            opened={opened?.id}
          />
        </Panel>
      )}
      <RecordDrawer opened={opened} displayNameKey={resource.displayNameKey} close={close} />
    </Page>
  );
}

function recordColumns(resource: Resource): VirtualColumn<EvidenceRecord>[] {
  return [
    {
      id: 'record name',
      header: resource.displayNameKey,
      width: 260,
      cell: (record) => (
        <Link from={RESOURCE} to="." search={(search) => ({ ...search, record: record.id })} state={true}>
          {recordName(record, resource.displayNameKey)}
        </Link>
      ),
    },
    ...schemaColumns(resource.schema, resource.displayNameKey).map((name): VirtualColumn<EvidenceRecord> => ({
      id: `attribute ${name}`,
      header: name,
      cell: (record) => {
        const text = cellText(record.attributes, name);
        return <span title={text}>{text}</span>;
      },
    })),
    {
      id: 'record created',
      header: 'Created',
      end: true,
      wideOnly: true,
      sort: 'createdAt',
      cell: (record) => <RelativeTime at={record.createdAt} />,
    },
    {
      id: 'record updated',
      header: 'Updated',
      end: true,
      sort: 'updatedAt',
      cell: (record) => <RelativeTime at={record.updatedAt} />,
    },
  ];
}

function RecordDrawer({
  opened,
  displayNameKey,
  close,
}: {
  opened: Opened | undefined;
  displayNameKey: string;
  close: () => void;
}) {
  return (
    <Drawer.Root
      opened={opened !== undefined}
      onClose={close}
      position="right"
      size="lg"
      transitionProps={{ duration: 120 }}
    >
      <Drawer.Overlay />
      <Drawer.Content>
        <div className={classes.drawer}>
          <div className={classes.drawerHead}>
            <Drawer.Title>
              {opened?.record.data === undefined ? opened?.id : recordName(opened.record.data, displayNameKey)}
            </Drawer.Title>
            <Drawer.CloseButton aria-label="Close" />
          </div>
          {opened !== undefined && (
            <Loaded query={opened.record} label="the record">
              {(record) => <RecordDetail record={record} />}
            </Loaded>
          )}
        </div>
      </Drawer.Content>
    </Drawer.Root>
  );
}

function RecordDetail({ record }: { record: EvidenceRecord }) {
  return (
    <>
      <dl className={classes.facts}>
        <dt>Id</dt>
        <dd>{record.id}</dd>
        <dt>Updated</dt>
        <dd>
          <RelativeTime at={record.updatedAt} />
        </dd>
        <dt>Created</dt>
        <dd>
          <RelativeTime at={record.createdAt} />
        </dd>
        {record.sessionId && (
          <>
            <dt>Session</dt>
            <dd>{record.sessionId}</dd>
          </>
        )}
      </dl>
      <JsonView value={record.attributes} label="record as JSON" />
    </>
  );
}
