import { Checkbox } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { TestSort } from '@/shared/api/tests';
import type { Test } from '@/shared/api/types';
import { count } from '@/shared/format/number';
import { RelativeTime } from '@/shared/ui/relative-time';
import { ResultChip } from '@/shared/ui/result-chip';
import type { Selection } from '@/shared/ui/selection';
import classes from '@/features/tests/test-table.module.css';

type Direction = 'ASC' | 'DESC';

type Column = {
  id: string;
  header: string;
  sort?: TestSort;
  /** The direction in which one looks at it first. */
  first?: Direction;
  end?: boolean;
  /** From which width on it is shown. */
  from?: 'tablet' | 'desk' | 'wide';
  cell: (test: Test) => ReactNode;
};

const COLUMNS: Column[] = [
  { id: 'name', header: 'Test', sort: 'name', first: 'ASC', cell: (test) => <Name test={test} /> },
  {
    id: 'result',
    header: 'Result',
    sort: 'result',
    cell: (test) => <ResultChip result={test.checkResultStatus} reason={test.resultReason} />,
  },
  {
    id: 'failing',
    header: 'Failing',
    sort: 'failing',
    end: true,
    cell: (test) => (
      <>
        <span
          data-failing={(test.checkResultStatus === 'FAILED' && test.counts.failing > 0) || undefined}
          className={classes.failing}
        >
          {count(test.counts.failing)}
        </span>{' '}
        <span className={classes.of}>
          {test.counts.satisfying === undefined
            ? `of ${count(test.counts.inScope)}`
            : `of ${count(test.counts.inScope)}, ${count(test.counts.satisfying)} satisfying`}
        </span>
      </>
    ),
  },
  {
    id: 'since',
    header: 'Since',
    sort: 'failedSince',
    end: true,
    from: 'tablet',
    cell: (test) => <RelativeTime at={test.failedSince} never="–" />,
  },
  { id: 'connection', header: 'Connection', from: 'desk', cell: (test) => <Connections test={test} /> },
  {
    id: 'checked',
    header: 'Last run',
    sort: 'lastCheckAt',
    end: true,
    from: 'tablet',
    cell: (test) => <RelativeTime at={test.lastCheckAt} />,
  },
  {
    id: 'next',
    header: 'Next run',
    sort: 'nextRunAt',
    first: 'ASC',
    end: true,
    from: 'wide',
    cell: (test) => <RelativeTime at={test.nextRunAt} never="–" />,
  },
];

/** A page of tests that can be ordered by its headers and of which some can be chosen. */
export function TestTable({
  tests,
  selection,
  sort = 'result',
  sortDir = 'DESC',
  onSort,
}: {
  tests: Test[];
  /** Left out where nothing may be done with them. */
  selection: Selection | undefined;
  sort?: TestSort | undefined;
  sortDir?: Direction | undefined;
  onSort: (sort: TestSort, direction: Direction) => void;
}) {
  const ids = tests.map((test) => test.testId);
  const all = selection !== undefined && ids.length > 0 && ids.every(selection.has);
  const some = selection !== undefined && ids.some(selection.has);
  return (
    <table className={classes.table} aria-label="Tests">
      <thead>
        <tr>
          {selection !== undefined && (
            <th scope="col" className={classes.check}>
              <Checkbox
                size="xs"
                aria-label="Choose every test of this page"
                checked={all}
                indeterminate={some && !all}
                onChange={(event) => {
                  selection.set(ids, event.currentTarget.checked);
                }}
              />
            </th>
          )}
          {COLUMNS.map((column) => (
            <th
              key={column.id}
              scope="col"
              data-end={column.end}
              data-from={column.from}
              data-column={column.id}
              aria-sort={
                column.sort === undefined
                  ? undefined
                  : column.sort !== sort
                    ? 'none'
                    : sortDir === 'ASC'
                      ? 'ascending'
                      : 'descending'
              }
            >
              {column.sort === undefined ? (
                column.header
              ) : (
                <SortButton column={column} sort={sort} sortDir={sortDir} onSort={onSort} />
              )}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {tests.map((test) => (
          <tr key={test.testId} data-chosen={selection?.has(test.testId) || undefined}>
            {selection !== undefined && (
              <td className={classes.check}>
                <Checkbox
                  size="xs"
                  aria-label={`Choose ${test.name}`}
                  checked={selection.has(test.testId)}
                  onChange={(event) => {
                    selection.set([test.testId], event.currentTarget.checked);
                  }}
                />
              </td>
            )}
            {COLUMNS.map((column) => (
              <td key={column.id} data-end={column.end} data-from={column.from} data-column={column.id}>
                {column.cell(test)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function SortButton({
  column,
  sort,
  sortDir,
  onSort,
}: {
  column: Column;
  sort: TestSort;
  sortDir: Direction;
  onSort: (sort: TestSort, direction: Direction) => void;
}) {
  const by = column.sort;
  if (by === undefined) return null;
  const on = by === sort;
  const Arrow = !on ? IconArrowsSort : sortDir === 'ASC' ? IconArrowUp : IconArrowDown;
  return (
    <button
      type="button"
      className={classes.sort}
      data-on={on || undefined}
      onClick={() => {
        onSort(by, on ? (sortDir === 'ASC' ? 'DESC' : 'ASC') : (column.first ?? 'DESC'));
      }}
    >
      {column.header}
      <Arrow size={13} stroke={1.8} aria-hidden />
    </button>
  );
}

function Name({ test }: { test: Test }) {
  const controls = test.controls ?? [];
  return (
    <>
      <Link to="/tests/$testId" params={{ testId: test.testId }} className={classes.name}>
        {test.name}
      </Link>
      {test.checkStatus === 'DISABLED' && (
        <span className={classes.mark} title={test.disabledReason ?? undefined}>
          disabled
        </span>
      )}
      {test.hasDraft && <span className={classes.mark}>{test.version === null ? 'draft only' : 'draft'}</span>}
      {test.isBuilding && <span className={classes.mark}>running</span>}
      {controls.length > 0 && (
        <span className={classes.controls}>
          {controls.map((control) => (
            <span key={control.id} title={control.name}>
              {control.code}
            </span>
          ))}
        </span>
      )}
    </>
  );
}

function Connections({ test }: { test: Test }) {
  const known = new Map((test.resources ?? []).map((resource) => [resource.connectionId, resource.connectionName]));
  if (known.size === 0) return '–';
  return [...known].map(([id, name], at) => (
    <span key={id}>
      {at > 0 && ', '}
      <Link to="/connections/$connectionId" params={{ connectionId: id }} className={classes.connection}>
        {name}
      </Link>
    </span>
  ));
}
