import { Button, TextInput } from '@mantine/core';
import { IconTrash } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { ListOrder } from '@/shared/api/connections';
import type { KeysetRows } from '@/shared/api/keyset-rows';
import type { EvidenceRecord, Resource } from '@/shared/api/types';
import { count, counted } from '@/shared/format/number';
import { ColumnMenu } from '@/shared/ui/column-menu';
import { Confirm } from '@/shared/ui/confirm';
import { ExportMenu } from '@/shared/ui/export-menu';
import { ChoiceField, Filters, SearchField } from '@/shared/ui/filters';
import { LinkButton } from '@/shared/ui/link-button';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { BulkBar } from '@/shared/ui/selection';
import { Empty, Failure } from '@/shared/ui/states';
import { type VirtualColumn, VirtualTable } from '@/shared/ui/virtual-table';
import { cellText, recordName, schemaColumns } from '@/features/connections/columns';

const PAGE = '/connections/$connectionId';
const AT_FIRST = 4;
const MOST_AT_ONCE = 200;

export type RecordsSearch = { q?: string | undefined; property?: string | undefined; value?: string | undefined };

/** The ids of the columns that are shown: those in the address, else the first ones. */
function shownColumns(text: string | undefined, all: string[]): string[] {
  if (text !== undefined) {
    try {
      const named: unknown = JSON.parse(text);
      if (Array.isArray(named)) return all.filter((id) => named.includes(id));
    } catch {
      // Somebody edited the address; the first columns are shown.
    }
  }
  return [...all.filter((id) => id.startsWith('.')).slice(0, AT_FIRST), 'updated'];
}

export function RecordsTab({
  resource,
  rows,
  order,
  search,
  columns,
  opened,
  may,
  deleteAll,
}: {
  resource: Resource;
  rows: KeysetRows<EvidenceRecord>;
  order: ListOrder;
  search: RecordsSearch;
  /** The columns shown, as the address has them. */
  columns: string | undefined;
  opened: string | undefined;
  may: { delete: boolean };
  /** Deletes records by their ids. */
  deleteAll: (ids: string[]) => Promise<unknown>;
}) {
  const navigate = useNavigate({ from: PAGE });
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set());
  const [deleting, setDeleting] = useState(false);
  const properties = schemaColumns(resource.schema, resource.displayNameKey);
  const offered = recordColumns(resource, properties);
  const optional = offered.filter((column) => column.id !== 'name');
  const shown = shownColumns(
    columns,
    optional.map((column) => column.id),
  );
  const filtered = search.q !== undefined || (search.property !== undefined && search.value !== undefined);
  const nothing = rows.ended && rows.known === 0;
  if (nothing && !filtered) {
    return (
      <Empty title="No records yet">
        Records appear here as soon as they are sent.
        <div>
          <LinkButton
            mt={12}
            size="xs"
            from={PAGE}
            to="."
            search={({ workspace }) => ({ workspace, tab: 'api' as const })}
          >
            See how to send them
          </LinkButton>
        </div>
      </Empty>
    );
  }
  return (
    <>
      {rows.error !== null && <Failure error={rows.error} retry={rows.refetch} />}
      <Filters label="Narrow the records">
        <SearchField
          label={`Search by ${resource.displayNameKey === 'id' ? 'id' : `${resource.displayNameKey} or id`}`}
          value={search.q}
          onChange={(q) => void navigate({ search: (now) => ({ ...now, q }), replace: true, resetScroll: false })}
        />
        <ChoiceField
          label="Property"
          searchable
          value={search.property}
          choices={[resource.displayNameKey, ...properties].map((name) => ({ value: name, label: name }))}
          onChange={(property) =>
            void navigate({
              search: (now) => ({ ...now, property, value: property === undefined ? undefined : now.value }),
              resetScroll: false,
            })
          }
        />
        {search.property !== undefined && (
          <ValueField
            key={search.property}
            property={search.property}
            value={search.value}
            onChange={(value) =>
              void navigate({ search: (now) => ({ ...now, value }), replace: true, resetScroll: false })
            }
          />
        )}
      </Filters>
      <BulkBar
        chosen={chosen.size}
        unit="record"
        clear={() => {
          setChosen(new Set());
        }}
      >
        {may.delete && (
          <Button
            size="compact-xs"
            color="red"
            leftSection={<IconTrash size={13} aria-hidden />}
            disabled={chosen.size > MOST_AT_ONCE}
            title={chosen.size > MOST_AT_ONCE ? `At most ${count(MOST_AT_ONCE)} at once` : undefined}
            onClick={() => {
              setDeleting(true);
            }}
          >
            Delete
          </Button>
        )}
      </BulkBar>
      {nothing ? (
        <Empty title="No record fits">
          <Button
            variant="default"
            size="xs"
            mt={10}
            onClick={() =>
              void navigate({ search: (now) => ({ ...now, q: undefined, property: undefined, value: undefined }) })
            }
          >
            Show all records
          </Button>
        </Empty>
      ) : (
        <Panel
          title="Records"
          aside={
            <>
              <span>
                {filtered
                  ? `${counted(rows.known, 'record')} found${rows.ended ? '' : ' so far'}`
                  : counted(rows.total ?? resource.recordCount, 'record')}
              </span>{' '}
              <ExportMenu
                path={`/public/v2/custom-connections/${resource.connectionId}/resources/${resource.id}/records`}
                query={{
                  ...order,
                  q: search.q,
                  ...(search.property !== undefined && search.value !== undefined
                    ? { [`where[${search.property}]`]: search.value }
                    : {}),
                }}
                name="records"
              />{' '}
              <ColumnMenu
                columns={optional}
                hidden={optional.map((column) => column.id).filter((id) => !shown.includes(id))}
                onChange={(hidden) =>
                  void navigate({
                    search: (now) => ({
                      ...now,
                      columns: JSON.stringify(optional.map((column) => column.id).filter((id) => !hidden.includes(id))),
                    }),
                    replace: true,
                    resetScroll: false,
                  })
                }
              />
            </>
          }
        >
          <VirtualTable
            label="Records"
            unit="record"
            rows={rows}
            rowKey={(record) => record.id}
            rowName={(record) => recordName(record, resource.displayNameKey)}
            columns={offered}
            hidden={optional.map((column) => column.id).filter((id) => !shown.includes(id))}
            sorted={{ by: order.sort, descending: order.sortDir === 'DESC' }}
            onSort={({ by, descending }) =>
              void navigate({
                search: (now) => ({
                  ...now,
                  sort: by === 'updatedAt' ? ('updatedAt' as const) : ('createdAt' as const),
                  sortDir: descending ? ('DESC' as const) : ('ASC' as const),
                }),
                resetScroll: false,
              })
            }
            onOpen={(record) =>
              void navigate({ search: (now) => ({ ...now, record: record.id }), state: true, resetScroll: false })
            }
            opened={opened}
            {...(may.delete ? { selected: chosen, onSelect: setChosen } : {})}
          />
        </Panel>
      )}
      <Confirm
        opened={deleting}
        close={() => {
          setDeleting(false);
        }}
        title={`Delete ${counted(chosen.size, 'record')}?`}
        action={`Delete ${counted(chosen.size, 'record')}`}
        act={async () => {
          await deleteAll([...chosen]);
          setChosen(new Set());
        }}
      >
        What tests found about {chosen.size === 1 ? 'it' : 'them'} ends too. The history stays. You can undo this for a
        short while.
      </Confirm>
    </>
  );
}

// A value is looked for when it is complete, not while it is typed.
function ValueField({
  property,
  value,
  onChange,
}: {
  property: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  const [typed, setTyped] = useState(value ?? '');
  const tell = () => {
    onChange(typed.trim() === '' ? undefined : typed.trim());
  };
  return (
    <TextInput
      size="xs"
      aria-label={`Value of ${property}`}
      placeholder="is exactly …"
      value={typed}
      onChange={(event) => {
        setTyped(event.currentTarget.value);
      }}
      onKeyDown={(event) => {
        if (event.key === 'Enter') tell();
      }}
      onBlur={tell}
    />
  );
}

function recordColumns(resource: Resource, properties: string[]): VirtualColumn<EvidenceRecord>[] {
  return [
    {
      id: 'name',
      header: resource.displayNameKey,
      width: 220,
      cell: (record) => (
        <Link from={PAGE} to="." search={(now) => ({ ...now, record: record.id })} state={true} resetScroll={false}>
          {recordName(record, resource.displayNameKey)}
        </Link>
      ),
    },
    ...properties.map((name): VirtualColumn<EvidenceRecord> => ({
      id: `.${name}`,
      header: name,
      cell: (record) => {
        const text = cellText(record.attributes, name);
        return <span title={text}>{text}</span>;
      },
    })),
    {
      id: 'created',
      header: 'Created',
      end: true,
      width: 140,
      wideOnly: true,
      sort: 'createdAt',
      cell: (record) => <RelativeTime at={record.createdAt} />,
    },
    {
      id: 'updated',
      header: 'Updated',
      end: true,
      width: 140,
      sort: 'updatedAt',
      cell: (record) => <RelativeTime at={record.updatedAt} />,
    },
  ];
}
