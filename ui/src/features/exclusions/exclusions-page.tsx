import { Button } from '@mantine/core';
import { IconFilter, IconFileText } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { testChoicesQuery } from '@/shared/api/choices';
import type {
  Exclusion,
  ExclusionAudit,
  ExclusionCategory,
  ExclusionList,
  ExclusionProblem,
} from '@/shared/api/exclusions';
import { useMay } from '@/shared/auth/may';
import { count } from '@/shared/format/number';
import { Expiry } from '@/features/exclusions/expiry';
import { exclusionName, KINDS, PROBLEMS, STATES } from '@/features/exclusions/words';
import { CountCards, CountCardText, countCard } from '@/shared/ui/count-cards';
import { ChoiceField, Filters, SearchField } from '@/shared/ui/filters';
import { CATEGORIES, categoryWord } from '@/shared/format/exclusion';
import { Page, Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { SearchSelect } from '@/shared/ui/search-select';
import { BulkBar, useSelection } from '@/shared/ui/selection';
import { Empty, Loaded } from '@/shared/ui/states';
import { type Order, Rows } from '@/shared/ui/table';
import classes from '@/features/exclusions/exclusions-page.module.css';

export type ExclusionsSearch = {
  q?: string | undefined;
  test?: number | undefined;
  category?: ExclusionCategory | undefined;
  kind?: 'RECORD' | 'SELECTOR' | undefined;
  state?: Exclusion['state'] | 'ALL' | undefined;
  problem?: ExclusionProblem | undefined;
  sort?: 'createdAt' | 'updatedAt' | 'expiresAt' | undefined;
  sortDir?: 'ASC' | 'DESC' | undefined;
  cursor?: string | undefined;
  exclusion?: string | undefined;
};

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

export function ExclusionsPage({
  workspaceId,
  search,
  list,
  counts,
  size,
  tools,
  create,
  extend,
  remove,
}: {
  workspaceId: number;
  search: ExclusionsSearch;
  list: Query<ExclusionList>;
  /** How many exclusions have each problem. */
  counts: ExclusionAudit['counts'] | undefined;
  size: number;
  /** What can be done with the whole list. */
  tools?: React.ReactNode;
  create: () => void;
  extend: (exclusions: Exclusion[]) => void;
  remove: (exclusions: Exclusion[]) => void;
}) {
  const may = useMay();
  const navigate = useNavigate({ from: '/exclusions' });
  const set = (change: Partial<ExclusionsSearch>) =>
    void navigate({ search: (before) => ({ ...before, cursor: undefined, ...change }) });
  const problem = PROBLEMS.find(({ value }) => value === search.problem);
  const narrowed = [search.q, search.test, search.category, search.kind, search.state].some(
    (each) => each !== undefined,
  );
  const newOne = may('monitors-post-exclusion') && (
    <Button size="xs" onClick={create}>
      New exclusion
    </Button>
  );
  return (
    <Page
      title="Exclusions"
      below="Records that a test does not count: each for a reason, and until a day."
      actions={
        <>
          {tools}
          {newOne}
        </>
      }
    >
      <Audit counts={counts} chosen={search.problem} />
      {problem === undefined && <Narrow workspaceId={workspaceId} search={search} set={set} />}
      <Loaded query={list} label="exclusions">
        {({ data, pagination }) =>
          data.length === 0 && search.cursor === undefined ? (
            <Nothing problem={problem?.title} narrowed={narrowed} newOne={newOne} />
          ) : (
            <Panel
              title={problem?.title ?? 'Exclusions'}
              aside={problem === undefined ? undefined : `${problem.text} ${problem.advice}`}
            >
              <List data={data} search={search} set={set} extend={extend} remove={remove} />
              <Pager
                cursor={search.cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="exclusion"
              />
            </Panel>
          )
        }
      </Loaded>
    </Page>
  );
}

/** What the self-audit found, each with the way to its list. */
function Audit({
  counts,
  chosen,
}: {
  counts: ExclusionAudit['counts'] | undefined;
  chosen: ExclusionProblem | undefined;
}) {
  return (
    <CountCards label="What somebody should look at">
      {PROBLEMS.map(({ value, title, text }) => (
        <Link
          key={value}
          to="/exclusions"
          search={(before) => ({
            workspace: before.workspace,
            problem: value === chosen ? undefined : value,
          })}
          {...countCard({ current: value === chosen, grave: (counts?.[value] ?? 0) > 0 })}
        >
          <CountCardText figure={counts?.[value]} title={title} text={text} />
        </Link>
      ))}
    </CountCards>
  );
}

function Narrow({
  workspaceId,
  search,
  set,
}: {
  workspaceId: number;
  search: ExclusionsSearch;
  set: (change: Partial<ExclusionsSearch>) => void;
}) {
  const [text, setText] = useState('');
  const tests = useQuery(testChoicesQuery(workspaceId, text));
  const chosen = useQuery({
    ...testChoicesQuery(workspaceId, String(search.test)),
    enabled: search.test !== undefined,
  });
  const name = chosen.data?.data.find(({ testId }) => testId === search.test)?.name;
  return (
    <Filters label="Narrow the exclusions">
      <SearchField
        label="Search reason, record or ticket"
        value={search.q}
        onChange={(q) => {
          set({ q });
        }}
      />
      <SearchSelect
        size="xs"
        label="Test"
        hideLabel
        className={classes.testFilter ?? ''}
        options={(tests.data?.data ?? []).map((test) => ({ value: String(test.testId), label: test.name }))}
        chosen={
          search.test === undefined ? undefined : { value: String(search.test), label: name ?? `Test ${search.test}` }
        }
        onSearch={setText}
        onChange={(test) => {
          set({ test: test === undefined ? undefined : Number(test) });
        }}
      />
      <ChoiceField
        label="Reason"
        value={search.category}
        choices={CATEGORIES}
        onChange={(category) => {
          set({ category });
        }}
      />
      <ChoiceField
        label="Covers"
        value={search.kind}
        choices={KINDS}
        onChange={(kind) => {
          set({ kind });
        }}
      />
      <ChoiceField
        label="State"
        value={search.state ?? 'ACTIVE'}
        choices={STATES}
        onChange={(state) => {
          set({ state: state === 'ACTIVE' ? undefined : state });
        }}
      />
    </Filters>
  );
}

function Nothing({
  problem,
  narrowed,
  newOne,
}: {
  problem: string | undefined;
  narrowed: boolean;
  newOne: React.ReactNode;
}) {
  if (problem !== undefined) {
    return (
      <Empty title="Nothing to do here" actions={<Link to="/exclusions">Show all exclusions</Link>}>
        No exclusion is in this list: {problem.toLowerCase()}.
      </Empty>
    );
  }
  if (narrowed) {
    return (
      <Empty title="No exclusion is like that" actions={<Link to="/exclusions">Show all that are in force</Link>}>
        Nothing fits these filters.
      </Empty>
    );
  }
  return (
    <Empty title="No exclusions" actions={newOne}>
      A record that fails for a good reason can be left out of a test&apos;s count: with a reason, for an auditor to
      read, and until a day, so that nobody forgets it.
    </Empty>
  );
}

function List({
  data,
  search,
  set,
  extend,
  remove,
}: {
  data: Exclusion[];
  search: ExclusionsSearch;
  set: (change: Partial<ExclusionsSearch>) => void;
  extend: (exclusions: Exclusion[]) => void;
  remove: (exclusions: Exclusion[]) => void;
}) {
  const may = useMay();
  const selection = useSelection(data.map(exclusionName));
  const chosen = data.filter((each) => selection.has(exclusionName(each)));
  const standing = chosen.filter(({ state }) => state === 'ACTIVE');
  const changes = may('monitors-put-exclusion') || may('monitors-delete-exclusion');
  const order: Order = { sort: search.sort ?? 'createdAt', sortDir: search.sortDir ?? 'DESC' };
  return (
    <>
      <BulkBar chosen={chosen.length} unit="exclusion" clear={selection.clear}>
        {standing.length < chosen.length && <span className={classes.ended}>Ended ones cannot be changed.</span>}
        {may('monitors-put-exclusion') && (
          <Button
            size="compact-xs"
            variant="default"
            disabled={standing.length === 0}
            onClick={() => {
              extend(standing);
            }}
          >
            Extend {count(standing.length)}
          </Button>
        )}
        {may('monitors-delete-exclusion') && (
          <Button
            size="compact-xs"
            variant="default"
            disabled={standing.length === 0}
            onClick={() => {
              remove(standing);
            }}
          >
            Delete {count(standing.length)}
          </Button>
        )}
      </BulkBar>
      <Rows
        label="Exclusions"
        rows={data}
        rowKey={exclusionName}
        order={order}
        onOrder={({ sort, sortDir }) => {
          set({ sort: sort as ExclusionsSearch['sort'], sortDir });
        }}
        {...(changes ? { selection: { ...selection, name: (row: Exclusion) => row.targetName } } : {})}
        columns={[
          {
            id: 'what',
            header: 'Excluded',
            cell: (row) => (
              <>
                <Link
                  from="/exclusions"
                  to="."
                  search={(before) => ({ ...before, exclusion: exclusionName(row) })}
                  state={true}
                  className={classes.target}
                >
                  {row.selector === undefined ? (
                    <IconFileText size={15} stroke={1.6} aria-label="One record" />
                  ) : (
                    <IconFilter size={15} stroke={1.6} aria-label="All that match" />
                  )}
                  {row.targetName}
                </Link>
                <span className={classes.test}>{row.testName}</span>
              </>
            ),
          },
          {
            id: 'reason',
            header: 'Reason',
            cell: (row) => (
              <>
                <span className={classes.reason}>{row.reason}</span>
                <span className={classes.category}>{categoryWord(row.category)}</span>
              </>
            ),
          },
          {
            id: 'who',
            header: 'By',
            wideOnly: true,
            cell: (row) => (
              <>
                {row.createdBy.name}
                {row.approver ? <span className={classes.category}>approved by {row.approver}</span> : null}
              </>
            ),
          },
          ...(search.problem === undefined
            ? []
            : [
                {
                  id: 'covers',
                  header: 'Covers now',
                  end: true,
                  wideOnly: true,
                  cell: (row: Exclusion) =>
                    row.now === undefined ? '–' : `${count(row.now.matching)} (${count(row.now.failing)} failing)`,
                },
              ]),
          {
            id: 'until',
            header: 'Until',
            sort: search.problem === undefined ? { by: 'expiresAt', first: 'ASC' } : undefined,
            cell: (row) => <Expiry exclusion={row} />,
          },
        ]}
      />
    </>
  );
}
