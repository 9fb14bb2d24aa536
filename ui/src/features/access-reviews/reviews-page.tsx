import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Review, ReviewList } from '@/shared/api/access-reviews';
import { useMay } from '@/shared/auth/may';
import { count, counted } from '@/shared/format/number';
import { stateWord, STATES } from '@/features/access-reviews/words';
import { ChoiceField, Filters, SearchField } from '@/shared/ui/filters';
import { Page, Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Empty, Loaded } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/access-reviews/reviews.module.css';

export type ReviewsSearch = {
  q?: string | undefined;
  state?: Review['state'] | undefined;
  cursor?: string | undefined;
  /** The dialog that begins a review is open. */
  create?: 'yes' | undefined;
};

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

export function ReviewsPage({
  search,
  list,
  size,
  tools,
}: {
  search: ReviewsSearch;
  list: Query<ReviewList>;
  size: number;
  tools: React.ReactNode;
}) {
  const may = useMay();
  const navigate = useNavigate({ from: '/access-reviews' });
  const set = (change: Partial<ReviewsSearch>) =>
    void navigate({ search: (before) => ({ ...before, cursor: undefined, ...change }) });
  const narrowed = search.q !== undefined || search.state !== undefined;
  const begin = may('access-reviews-post') && (
    <Button
      size="xs"
      onClick={() => {
        set({ create: 'yes' });
      }}
    >
      New access review
    </Button>
  );
  return (
    <Page
      title="Access reviews"
      below="Does everybody still need the access that they have? Decide account by account, and sign it off."
      actions={
        <>
          {tools}
          {begin}
        </>
      }
    >
      <Loaded query={list} label="access reviews">
        {({ data, pagination }) =>
          data.length === 0 && search.cursor === undefined && !narrowed ? (
            <Empty title="No access reviews yet" actions={begin}>
              A review takes the list of accounts as it is now. Reviewers say of each: keep, revoke or change. What is
              to be revoked is followed until it is gone.
            </Empty>
          ) : (
            <>
              <Filters label="Narrow the access reviews">
                <SearchField
                  label="Search the name"
                  value={search.q}
                  onChange={(q) => {
                    set({ q });
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
              {data.length === 0 ? (
                <Empty title="No access review is like that" actions={<Link to="/access-reviews">Show all</Link>}>
                  Nothing fits these filters.
                </Empty>
              ) : (
                <Panel title="Access reviews">
                  <List data={data} />
                  <Pager
                    cursor={search.cursor}
                    next={pagination.cursor}
                    shown={data.length}
                    size={size}
                    total={pagination.totalCount}
                    unit="access review"
                  />
                </Panel>
              )}
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function List({ data }: { data: Review[] }) {
  return (
    <Rows
      label="Access reviews"
      rows={data}
      rowKey={({ id }) => id}
      columns={[
        {
          id: 'name',
          header: 'Review',
          cell: (row) => (
            <>
              <Link to="/access-reviews/$reviewId" params={{ reviewId: row.id }} className={classes.name}>
                {row.name}
              </Link>
              <span className={classes.sub}>
                accounts of <RelativeTime at={row.createdAt} />
              </span>
            </>
          ),
        },
        {
          id: 'state',
          header: 'State',
          cell: (row) => (
            <span className={row.state === 'OVERDUE' ? classes.alarm : undefined}>{stateWord(row.state)}</span>
          ),
        },
        {
          id: 'progress',
          header: 'Decided',
          cell: ({ progress }) => (
            <>
              {count(progress.decided)} of {count(progress.total)}
              {progress.openRevocations > 0 && (
                <span className={classes.sub}>{counted(progress.openRevocations, 'revocation')} open</span>
              )}
            </>
          ),
        },
        {
          id: 'reviewers',
          header: 'Reviewers',
          wideOnly: true,
          cell: ({ reviewers }) =>
            reviewers.length === 0 ? (
              <span className={classes.dim}>Everybody who may</span>
            ) : (
              reviewers.map(({ name }) => name).join(', ')
            ),
        },
        {
          id: 'due',
          header: 'Due',
          wideOnly: true,
          cell: ({ dueAt, signOff }) =>
            signOff === null ? (
              <RelativeTime at={dueAt} never="no end" />
            ) : (
              <>
                signed off <RelativeTime at={signOff.at} />
              </>
            ),
        },
      ]}
    />
  );
}
