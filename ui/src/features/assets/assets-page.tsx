import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { Asset, AssetClass, AssetList, AssetType } from '@/shared/api/assets';
import { usersQuery } from '@/shared/api/users';
import { useMay } from '@/shared/auth/may';
import { CLASSES, classWords, KINDS, STATES, TYPES, typeWord } from '@/features/assets/asset-words';
import { ChoiceField, Filters, SearchField } from '@/shared/ui/filters';
import { LinkButton } from '@/shared/ui/link-button';
import { Page, Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { RelativeTime } from '@/shared/ui/relative-time';
import { SearchSelect } from '@/shared/ui/search-select';
import { Empty, Loaded } from '@/shared/ui/states';
import { type Order, Rows } from '@/shared/ui/table';
import classes from '@/features/assets/assets.module.css';

export type AssetsSearch = {
  q?: string | undefined;
  class?: AssetClass | undefined;
  type?: AssetType | undefined;
  owner?: number | undefined;
  kind?: (typeof KINDS)[number]['value'] | undefined;
  state?: (typeof STATES)[number]['value'] | undefined;
  sort?: 'createdAt' | 'updatedAt' | 'name' | undefined;
  sortDir?: 'ASC' | 'DESC' | undefined;
  cursor?: string | undefined;
  create?: 'yes' | undefined;
};

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

const FOUND = 20;

export function AssetsPage({
  search,
  list,
  size,
  tools,
}: {
  search: AssetsSearch;
  list: Query<AssetList>;
  size: number;
  /** What can be done with the whole list. */
  tools: ReactNode;
}) {
  const navigate = useNavigate({ from: '/assets' });
  const may = useMay();
  const set = (change: Partial<AssetsSearch>) =>
    void navigate({ search: (before) => ({ ...before, cursor: undefined, ...change }) });
  const narrowed = [search.q, search.class, search.type, search.owner, search.kind, search.state].some(
    (each) => each !== undefined,
  );
  const order: Order = { sort: search.sort ?? 'name', sortDir: search.sortDir ?? 'ASC' };
  const creates = may('assets-post') && (
    <LinkButton size="xs" from="/assets" to="/assets" search={(before) => ({ ...before, create: 'yes' as const })}>
      New asset
    </LinkButton>
  );
  const imports = may('assets-import') && (
    <LinkButton size="xs" variant="default" to="/assets/import">
      Import
    </LinkButton>
  );
  return (
    <Page
      title="Assets"
      below="What the organisation answers for, and who answers for each."
      actions={
        <>
          {tools}
          {imports}
          {creates}
        </>
      }
    >
      <Filters label="Narrow the assets">
        <SearchField
          label="Search name, description or id"
          value={search.q}
          onChange={(q) => {
            set({ q });
          }}
        />
        <ChoiceField
          label="Class"
          searchable
          value={search.class}
          choices={CLASSES}
          onChange={(value) => {
            set({ class: value });
          }}
        />
        <ChoiceField
          label="Type"
          value={search.type}
          choices={TYPES}
          onChange={(type) => {
            set({ type });
          }}
        />
        {may('users-get') && (
          <OwnerFilter
            owner={search.owner}
            known={list.data?.data.find(({ ownerId }) => ownerId === search.owner)?.owner?.displayName}
            set={(owner) => {
              set({ owner });
            }}
          />
        )}
        <ChoiceField
          label="Kind"
          value={search.kind}
          choices={KINDS}
          onChange={(kind) => {
            set({ kind });
          }}
        />
        <ChoiceField
          label="State"
          value={search.state}
          choices={STATES}
          onChange={(state) => {
            set({ state });
          }}
        />
      </Filters>
      <Loaded query={list} label="assets">
        {({ data, pagination }) =>
          data.length === 0 && search.cursor === undefined ? (
            narrowed ? (
              <Empty title="No asset is like that" actions={<Link to="/assets">Show all assets</Link>}>
                Nothing fits this search and these filters.
              </Empty>
            ) : (
              <Empty
                title="No assets yet"
                actions={
                  <>
                    {creates}
                    {imports}
                  </>
                }
              >
                An asset is a thing that somebody answers for: a server, a database, a contract. Devices of MDM
                connections appear here by themselves.
              </Empty>
            )
          ) : (
            <Panel title="Assets">
              <Rows
                label="Assets"
                rows={data}
                rowKey={({ id }) => id}
                order={order}
                onOrder={({ sort, sortDir }) => {
                  set({ sort: sort as AssetsSearch['sort'], sortDir });
                }}
                columns={[
                  {
                    id: 'name',
                    header: 'Asset',
                    sort: { by: 'name', first: 'ASC' },
                    cell: (row) => <Name of={row} />,
                  },
                  {
                    id: 'classes',
                    header: 'Classes',
                    wideOnly: true,
                    cell: (row) => classWords(row).join(', '),
                  },
                  { id: 'type', header: 'Type', wideOnly: true, cell: typeWord },
                  { id: 'owner', header: 'Owner', cell: (row) => row.owner?.displayName ?? `User ${row.ownerId}` },
                  {
                    id: 'updated',
                    header: 'Changed',
                    wideOnly: true,
                    sort: { by: 'updatedAt', first: 'DESC' },
                    cell: (row) => <RelativeTime at={row.updatedAt} />,
                  },
                ]}
              />
              <Pager
                cursor={search.cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="asset"
              />
            </Panel>
          )
        }
      </Loaded>
    </Page>
  );
}

function Name({ of }: { of: Asset }) {
  return (
    <>
      <Link to="/assets/$assetId" params={{ assetId: of.id }} className={classes.name}>
        {of.name}
      </Link>
      <span className={classes.sub}>
        {of.associatedId !== null && 'device · '}
        {of.removedAt !== null && (
          <>
            removed <RelativeTime at={of.removedAt} /> ·{' '}
          </>
        )}
        {of.description}
      </span>
    </>
  );
}

function OwnerFilter({
  owner,
  known,
  set,
}: {
  owner: number | undefined;
  /** What the chosen one is called, as far as the list tells. */
  known: string | undefined;
  set: (owner: number | undefined) => void;
}) {
  const [search, setSearch] = useState('');
  const users = useQuery(usersQuery({ q: search, size: FOUND }));
  const options = (users.data?.data ?? []).map(({ id, displayName }) => ({ value: String(id), label: displayName }));
  const label = known ?? options.find(({ value }) => value === String(owner))?.label ?? `User ${owner ?? ''}`;
  return (
    <SearchSelect
      label="Owner"
      hideLabel
      size="xs"
      className={classes.ownerFilter ?? ''}
      options={options}
      chosen={owner === undefined ? undefined : { value: String(owner), label }}
      onSearch={setSearch}
      onChange={(value) => {
        set(value === undefined ? undefined : Number(value));
      }}
    />
  );
}
