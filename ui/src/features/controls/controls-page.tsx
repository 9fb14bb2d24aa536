import { Button } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Control, ControlList } from '@/shared/api/controls';
import type { Framework } from '@/shared/api/frameworks';
import { useMay } from '@/shared/auth/may';
import { count } from '@/shared/format/number';
import { ChoiceField, Filters, SearchField } from '@/shared/ui/filters';
import { Page, Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { Pills } from '@/shared/ui/pills';
import { personName } from '@/features/controls/person';
import { ReadinessChip, readinessOf } from '@/shared/ui/readiness';
import { BulkBar, useSelection } from '@/shared/ui/selection';
import { Empty, Loaded } from '@/shared/ui/states';
import { type Order, Rows } from '@/shared/ui/table';
import classes from '@/features/controls/controls-page.module.css';

export type ControlsState = 'lacking' | 'ready' | 'untested' | 'out' | 'all';

export type ControlsSearch = {
  q?: string | undefined;
  state?: ControlsState | undefined;
  framework?: number | undefined;
  owner?: 'mine' | undefined;
  sort?: 'createdAt' | 'updatedAt' | 'code' | 'name' | undefined;
  sortDir?: 'ASC' | 'DESC' | undefined;
  cursor?: string | undefined;
};

const STATES: readonly { value: ControlsState | undefined; label: string }[] = [
  { value: undefined, label: 'In scope' },
  { value: 'lacking', label: 'Not ready' },
  { value: 'ready', label: 'Ready' },
  { value: 'untested', label: 'Without a test' },
  { value: 'out', label: 'Out of scope' },
  { value: 'all', label: 'All' },
];

export function ControlsPage({
  search,
  list,
  frameworks,
  size,
  isPerson,
  create,
  scope,
  tools,
}: {
  search: ControlsSearch;
  list: { data: ControlList | undefined; error: Error | null; refetch: () => unknown };
  frameworks: readonly Framework[];
  size: number;
  /** Somebody who can own controls looks at the list, and no program. */
  isPerson: boolean;
  create: () => void;
  /** Marks controls in or out of scope. */
  scope: (controls: Control[], into: 'in' | 'out') => void;
  /** What can be done with the whole list. */
  tools?: ReactNode;
}) {
  const may = useMay();
  const navigate = useNavigate({ from: '/controls' });
  const set = (change: Partial<ControlsSearch>) =>
    void navigate({ search: (before) => ({ ...before, cursor: undefined, ...change }) });
  const narrowed = [search.q, search.state, search.framework, search.owner].some((each) => each !== undefined);
  const newOne = may('controls-post') && (
    <Button size="xs" onClick={create}>
      New control
    </Button>
  );
  return (
    <Page
      title="Controls"
      below="What the organisation does to meet its requirements. A control is ready when its tests pass."
      actions={
        <>
          {tools}
          {newOne}
        </>
      }
    >
      {isPerson && (
        <nav className={classes.mine} aria-label="Your controls">
          <Link
            to="/controls"
            search={({ workspace }) => ({ workspace, owner: 'mine', state: 'lacking' })}
            className={classes.mineLink}
            activeOptions={{ exact: true }}
            aria-current={search.owner === 'mine' && search.state === 'lacking' ? 'page' : undefined}
          >
            Mine and not ready
          </Link>
          <Link
            to="/controls"
            search={({ workspace }) => ({ workspace, owner: 'mine', state: 'all' })}
            className={classes.mineLink}
            activeOptions={{ exact: true }}
            aria-current={search.owner === 'mine' && search.state === 'all' ? 'page' : undefined}
          >
            All of mine
          </Link>
          {search.owner === 'mine' && (
            <Link from="/controls" to="." search={(before) => ({ ...before, owner: undefined, cursor: undefined })}>
              Show everybody&apos;s
            </Link>
          )}
        </nav>
      )}
      <Pills label="Controls by state" name="state" value={search.state} choices={STATES} />
      <Filters label="Narrow the controls">
        <SearchField
          label="Search code, name or description"
          value={search.q}
          onChange={(q) => {
            set({ q });
          }}
        />
        <ChoiceField
          label="Framework"
          searchable
          value={search.framework === undefined ? undefined : String(search.framework)}
          choices={frameworks.map(({ id, name }) => ({ value: String(id), label: name }))}
          onChange={(framework) => {
            set({ framework: framework === undefined ? undefined : Number(framework) });
          }}
        />
      </Filters>
      <Loaded query={list} label="controls">
        {({ data, pagination }) =>
          data.length === 0 && search.cursor === undefined ? (
            <Nothing narrowed={narrowed} newOne={newOne} />
          ) : (
            <Panel title="Controls">
              <List data={data} search={search} set={set} scope={scope} />
              <Pager
                cursor={search.cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="control"
              />
            </Panel>
          )
        }
      </Loaded>
    </Page>
  );
}

function Nothing({ narrowed, newOne }: { narrowed: boolean; newOne: ReactNode }) {
  if (narrowed) {
    return (
      <Empty title="No control is like that" actions={<Link to="/controls">Show all controls</Link>}>
        Nothing fits these filters.
      </Empty>
    );
  }
  return (
    <Empty
      title="No controls yet"
      actions={
        <>
          <Link to="/frameworks">Install a framework</Link>
          {newOne}
        </>
      }
    >
      A framework that comes with the program brings the controls that serve it. You can also write your own.
    </Empty>
  );
}

function List({
  data,
  search,
  set,
  scope,
}: {
  data: Control[];
  search: ControlsSearch;
  set: (change: Partial<ControlsSearch>) => void;
  scope: (controls: Control[], into: 'in' | 'out') => void;
}) {
  const may = useMay();
  const selection = useSelection(data.map(({ id }) => id));
  const chosen = data.filter(({ id }) => selection.has(id));
  const inScope = chosen.filter((control) => control.isInScope);
  const outOfScope = chosen.filter((control) => !control.isInScope);
  const order: Order = { sort: search.sort ?? 'code', sortDir: search.sortDir ?? 'ASC' };
  return (
    <>
      <BulkBar chosen={chosen.length} unit="control" clear={selection.clear}>
        {inScope.length > 0 && (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              scope(inScope, 'out');
            }}
          >
            Mark {count(inScope.length)} out of scope
          </Button>
        )}
        {outOfScope.length > 0 && (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              scope(outOfScope, 'in');
            }}
          >
            Mark {count(outOfScope.length)} in scope
          </Button>
        )}
      </BulkBar>
      <Rows
        label="Controls"
        rows={data}
        rowKey={(control) => control.id}
        order={order}
        onOrder={({ sort, sortDir }) => {
          set({ sort: sort as ControlsSearch['sort'], sortDir });
        }}
        {...(may('controls-post-action') ? { selection: { ...selection, name: (row: Control) => row.code } } : {})}
        columns={[
          {
            id: 'code',
            header: 'Code',
            sort: { by: 'code', first: 'ASC' },
            cell: (control) => (
              <Link to="/controls/$controlId" params={{ controlId: control.id }} className={classes.code}>
                {control.code}
              </Link>
            ),
          },
          {
            id: 'name',
            header: 'Name',
            sort: { by: 'name', first: 'ASC' },
            cell: (control) => (
              <>
                <Link to="/controls/$controlId" params={{ controlId: control.id }}>
                  {control.name}
                </Link>
                <Serves control={control} />
              </>
            ),
          },
          {
            id: 'readiness',
            header: 'Readiness',
            cell: (control) => (
              <>
                <ReadinessChip is={readinessOf(control)} />
                <span className={classes.why}>{control.isInScope ? control.notReadyBecause : control.rationale}</span>
              </>
            ),
          },
          {
            id: 'tests',
            header: 'Tests',
            end: true,
            wideOnly: true,
            cell: (control) =>
              control.numTests === 0 ? (
                <span className={classes.none}>none</span>
              ) : (
                <>
                  <span className={classes.failing} data-some={control.numFailingTests > 0 || undefined}>
                    {count(control.numFailingTests)} failing
                  </span>
                  <span className={classes.none}> of {count(control.numTests)}</span>
                </>
              ),
          },
          {
            id: 'owners',
            header: 'Owners',
            wideOnly: true,
            cell: (control) =>
              (control.owners?.data ?? []).map(personName).join(', ') || <span className={classes.none}>nobody</span>,
          },
        ]}
      />
    </>
  );
}

const SHOWN = 4;

/** The requirements that a control serves, the first of them by name. */
function Serves({ control }: { control: Control }) {
  const requirements = control.requirements ?? [];
  if (requirements.length === 0) return null;
  return (
    <span className={classes.serves}>
      {requirements.slice(0, SHOWN).map((requirement) => (
        <span key={requirement.id} title={requirement.name}>
          {requirement.framework?.pill} {requirement.code}
        </span>
      ))}
      {requirements.length > SHOWN && <span>+{requirements.length - SHOWN}</span>}
    </span>
  );
}
