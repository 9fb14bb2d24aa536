import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Account, AccountList, AccountSummary, AccountView } from '@/shared/api/accounts';
import { useMay } from '@/shared/auth/may';
import { holderName, KINDS, type Look, LOOKS, SCOPES, STATUSES, VIEWS } from '@/features/accounts/words';
import { LookCards } from '@/shared/ui/count-cards';
import { ChoiceField, Filters, SearchField } from '@/shared/ui/filters';
import { LinkButton } from '@/shared/ui/link-button';
import { Page, Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { Pills } from '@/shared/ui/pills';
import { RelativeTime } from '@/shared/ui/relative-time';
import { BulkBar, useSelection } from '@/shared/ui/selection';
import { Empty, Loaded } from '@/shared/ui/states';
import { type Order, Rows } from '@/shared/ui/table';
import classes from '@/features/accounts/accounts.module.css';

export type AccountsSearch = {
  view?: AccountView | undefined;
  look?: Look | undefined;
  q?: string | undefined;
  connection?: number | undefined;
  status?: Account['status'] | undefined;
  kind?: 'service' | 'people' | undefined;
  scope?: 'in' | 'out' | undefined;
  sort?: 'createdAt' | 'updatedAt' | 'name' | 'lastActiveAt' | undefined;
  sortDir?: 'ASC' | 'DESC' | undefined;
  cursor?: string | undefined;
  account?: number | undefined;
};

/** What can be said of several accounts at once. */
export type Act = 'link' | 'service' | 'scope' | 'in' | 'evidence';

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

export function AccountsPage({
  search,
  list,
  summary,
  size,
  tools,
  act,
}: {
  search: AccountsSearch;
  list: Query<AccountList>;
  summary: AccountSummary | undefined;
  size: number;
  /** What can be done with the whole list. */
  tools: React.ReactNode;
  act: (kind: Act, accounts: Account[]) => void;
}) {
  const navigate = useNavigate({ from: '/accounts' });
  const may = useMay();
  const set = (change: Partial<AccountsSearch>) =>
    void navigate({ search: (before) => ({ ...before, cursor: undefined, ...change }) });
  const look = LOOKS.find(({ value }) => value === search.look);
  const tally = summary?.views.find(({ category }) => category === search.view)?.tally ?? summary?.all;
  const narrowed =
    look !== undefined ||
    [search.q, search.connection, search.status, search.kind, search.scope].some((each) => each !== undefined);
  return (
    <Page
      title="Accounts"
      below="Who can get in where, as your connections tell it."
      actions={
        <>
          {tools}
          {may('access-reviews-post') && (
            <LinkButton size="xs" to="/access-reviews" search={{ create: 'yes' }}>
              New access review
            </LinkButton>
          )}
        </>
      }
    >
      <Pills
        label="Views of accounts"
        name="view"
        value={search.view}
        choices={[{ value: undefined, label: 'All' }, ...VIEWS]}
      />
      {tally !== undefined && tally.resources > 0 && (
        <LookCards
          label="What to look at first"
          looks={LOOKS}
          chosen={search.look}
          figure={({ count: of }) => of(tally)}
          keeps={['view']}
        />
      )}
      {tally !== undefined && tally.resources > 0 && (
        <Narrow search={search} set={set} resources={summary?.resources ?? []} />
      )}
      <Loaded query={list} label="accounts">
        {({ data, pagination }) =>
          data.length === 0 && search.cursor === undefined ? (
            <Nothing narrowed={narrowed} mapped={(tally?.resources ?? 0) > 0} view={search.view} />
          ) : (
            <Panel title={look?.title ?? 'Accounts'} aside={look?.text}>
              <List data={data} search={search} set={set} act={act} />
              <Pager
                cursor={search.cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="account"
              />
            </Panel>
          )
        }
      </Loaded>
    </Page>
  );
}

function Narrow({
  search,
  set,
  resources,
}: {
  search: AccountsSearch;
  set: (change: Partial<AccountsSearch>) => void;
  resources: AccountSummary['resources'];
}) {
  const connections = new Map(
    resources
      .filter(({ categories }) => search.view === undefined || categories.includes(search.view))
      .map(({ connectionId, connectionName }) => [String(connectionId), connectionName]),
  );
  return (
    <Filters label="Narrow the accounts">
      <SearchField
        label="Search name or e-mail"
        value={search.q}
        onChange={(q) => {
          set({ q });
        }}
      />
      <ChoiceField
        label="Connection"
        searchable
        value={search.connection === undefined ? undefined : String(search.connection)}
        choices={[...connections].map(([value, label]) => ({ value, label }))}
        onChange={(id) => {
          set({ connection: id === undefined ? undefined : Number(id) });
        }}
      />
      {search.look === undefined && (
        <>
          <ChoiceField
            label="Status"
            value={search.status}
            choices={STATUSES}
            onChange={(status) => {
              set({ status });
            }}
          />
          <ChoiceField
            label="Kind"
            value={search.kind}
            choices={KINDS}
            onChange={(kind) => {
              set({ kind });
            }}
          />
          <ChoiceField
            label="Scope"
            value={search.scope}
            choices={SCOPES}
            onChange={(scope) => {
              set({ scope });
            }}
          />
        </>
      )}
    </Filters>
  );
}

function Nothing({ narrowed, mapped, view }: { narrowed: boolean; mapped: boolean; view: AccountView | undefined }) {
  if (narrowed && mapped) {
    return (
      <Empty
        title="No account is like that"
        actions={
          <Link to="/accounts" search={view === undefined ? {} : { view }}>
            Show all accounts
          </Link>
        }
      >
        Nothing fits these filters.
      </Empty>
    );
  }
  if (mapped) {
    return (
      <Empty title="No accounts yet" actions={<Link to="/connections">Look at the connections</Link>}>
        They appear here as soon as records come in.
      </Empty>
    );
  }
  return (
    <Empty
      title={view === undefined ? 'No accounts yet' : 'No connection of this kind tells of accounts'}
      actions={
        <LinkButton size="xs" to="/connections">
          Choose a connection
        </LinkButton>
      }
    >
      Open a connection whose records are users or members, go to its tab Accounts and choose the attribute that is the
      name of the account. Plumbline proposes one and shows what comes out.
    </Empty>
  );
}

function List({
  data,
  search,
  set,
  act,
}: {
  data: Account[];
  search: AccountsSearch;
  set: (change: Partial<AccountsSearch>) => void;
  act: (kind: Act, accounts: Account[]) => void;
}) {
  const may = useMay();
  const selection = useSelection(data.map(({ id }) => id));
  const chosen = data.filter(({ id }) => selection.has(id));
  const order: Order = { sort: search.sort ?? 'name', sortDir: search.sortDir ?? 'ASC' };
  const acts: [Act, string][] = [
    ['link', 'Link to a person'],
    ['service', 'Service account'],
    ['scope', 'Take out of scope'],
    ['in', 'Put in scope'],
  ];
  return (
    <>
      <BulkBar chosen={chosen.length} unit="account" clear={selection.clear}>
        {acts.map(([kind, label]) => (
          <Button
            key={kind}
            size="compact-xs"
            variant="default"
            onClick={() => {
              act(kind, chosen);
            }}
          >
            {label}
          </Button>
        ))}
      </BulkBar>
      <Rows
        label="Accounts"
        rows={data}
        rowKey={({ id }) => id}
        order={order}
        onOrder={({ sort, sortDir }) => {
          set({ sort: sort as AccountsSearch['sort'], sortDir });
        }}
        {...(may('accounts-put') ? { selection: { ...selection, name: (row: Account) => row.name } } : {})}
        columns={[
          {
            id: 'name',
            header: 'Account',
            sort: { by: 'name', first: 'ASC' },
            cell: (row) => (
              <>
                <Link
                  from="/accounts"
                  to="."
                  search={(before) => ({ ...before, account: row.id })}
                  state={true}
                  className={classes.name}
                >
                  {row.name}
                </Link>
                <span className={classes.sub}>
                  {row.displayName !== null && `${row.displayName} · `}
                  {row.connectionName}
                </span>
              </>
            ),
          },
          { id: 'person', header: 'Person', cell: (row) => <Holder account={row} /> },
          {
            id: 'roles',
            header: 'Roles',
            wideOnly: true,
            cell: (row) => <span className={classes.lines}>{row.roles.length === 0 ? '–' : row.roles.join(', ')}</span>,
          },
          { id: 'mfa', header: 'Second factor', wideOnly: true, cell: ({ mfa }) => <Factor mfa={mfa} /> },
          {
            id: 'seen',
            header: 'Last active',
            wideOnly: true,
            sort: { by: 'lastActiveAt', first: 'ASC' },
            cell: (row) => <RelativeTime at={row.lastActiveAt} never="–" />,
          },
          { id: 'status', header: 'Status', cell: (row) => <Standing account={row} /> },
        ]}
      />
    </>
  );
}

export function Factor({ mfa }: { mfa: boolean | null }) {
  if (mfa === null) return <span className={classes.nobody}>not known</span>;
  return mfa ? <>Yes</> : <span className={classes.alarm}>No</span>;
}

/** Whose account it is. */
export function Holder({ account }: { account: Pick<Account, 'person' | 'serviceAccount' | 'inScope'> }) {
  const { person, serviceAccount, inScope } = account;
  const name = holderName(account);
  if (name === undefined) return <span className={classes.nobody}>{inScope ? 'Nobody' : 'Out of scope'}</span>;
  return (
    <>
      <span className={classes.lines}>{name}</span>
      {(person?.state === 'DISABLED' || person?.state === 'LEFT') && <span className={classes.alarm}>has left</span>}
      {serviceAccount !== null && <span className={classes.sub}>service account</span>}
      {!inScope && <span className={classes.sub}>out of scope</span>}
    </>
  );
}

export function Standing({ account }: { account: Pick<Account, 'status' | 'removedAt' | 'evidence'> }) {
  const word = STATUSES.find(({ value }) => value === account.status)?.label;
  return (
    <>
      {word}
      {account.removedAt !== null && (
        <span className={classes.sub}>
          <RelativeTime at={account.removedAt} />
        </span>
      )}
      {account.removedAt === null && account.evidence !== null && (
        <span className={classes.sub}>revoked, see note</span>
      )}
    </>
  );
}
