import { Link } from '@tanstack/react-router';
import type { Test, TestList } from '@/shared/api/types';
import type { ListedResult } from '@/shared/api/tests';
import { testSteps } from '@/shared/format/first-steps';
import { count } from '@/shared/format/number';
import { Page, Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { RelativeTime } from '@/shared/ui/relative-time';
import { ResultChip } from '@/shared/ui/result-chip';
import { Empty, Loaded } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/tests/tests-page.module.css';

const FILTERS: { result: ListedResult | undefined; word: string }[] = [
  { result: undefined, word: 'All' },
  { result: 'FAILED', word: 'Failed' },
  { result: 'ERROR', word: 'Error' },
  { result: 'READY', word: 'Ready' },
  { result: 'PASSED', word: 'Passed' },
];

export function TestsPage({
  list,
  result,
  cursor,
  size,
  origin,
  workspaceId,
}: {
  list: { data: TestList | undefined; error: Error | null; refetch: () => unknown };
  result: ListedResult | undefined;
  cursor: string | undefined;
  size: number;
  origin: string;
  workspaceId: number;
}) {
  return (
    <Page title="Tests">
      <nav className={classes.filters} aria-label="Tests by result">
        {FILTERS.map((filter) => (
          <Link
            key={filter.word}
            to="/tests"
            search={(search) => ({ ...search, result: filter.result, cursor: undefined })}
            className={classes.filter}
            activeOptions={{ exact: true, explicitUndefined: true }}
            aria-current={filter.result === result ? 'page' : undefined}
            data-current={filter.result === result || undefined}
          >
            {filter.word}
          </Link>
        ))}
      </nav>
      <Loaded query={list} label="tests">
        {({ data, pagination }) =>
          data.length === 0 && cursor === undefined ? (
            <NoTests result={result} origin={origin} workspaceId={workspaceId} />
          ) : (
            <Panel title={result === undefined ? 'All tests' : `${word(result)} tests`}>
              <TestTable tests={data} />
              <Pager
                cursor={cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="test"
              />
            </Panel>
          )
        }
      </Loaded>
    </Page>
  );
}

function word(result: ListedResult): string {
  return FILTERS.find((filter) => filter.result === result)?.word ?? result;
}

function NoTests({
  result,
  origin,
  workspaceId,
}: {
  result: ListedResult | undefined;
  origin: string;
  workspaceId: number;
}) {
  if (result !== undefined) {
    return (
      <Empty title={`No test has the result “${word(result)}”`}>
        <Link to="/tests">Show all tests</Link>
      </Empty>
    );
  }
  return (
    <Empty title="No tests yet" steps={testSteps(origin, workspaceId)}>
      A test is rules over the records of a resource. Its verdict follows every push.
    </Empty>
  );
}

function TestTable({ tests }: { tests: Test[] }) {
  return (
    <Rows
      label="Tests"
      rows={tests}
      rowKey={(test) => test.testId}
      columns={[
        {
          id: 'name',
          header: 'Test',
          cell: (test) => (
            <>
              <Link to="/tests/$testId" params={{ testId: test.testId }}>
                {test.name}
              </Link>
              {test.checkStatus === 'DISABLED' && <span className={classes.mark}>disabled</span>}
              {test.hasDraft && <span className={classes.mark}>draft</span>}
              <Controls test={test} />
            </>
          ),
        },
        {
          id: 'result',
          header: 'Result',
          cell: (test) => <ResultChip result={test.checkResultStatus} reason={test.resultReason} />,
        },
        {
          id: 'failing',
          header: 'Failing',
          end: true,
          cell: (test) => (
            <>
              <span data-failing={test.counts.failing > 0 || undefined} className={classes.failing}>
                {count(test.counts.failing)}
              </span>{' '}
              <span className={classes.of}>of {count(test.counts.inScope)}</span>
            </>
          ),
        },
        {
          id: 'since',
          header: 'Failing since',
          end: true,
          wideOnly: true,
          cell: (test) => <RelativeTime at={test.failedSince} never="–" />,
        },
        {
          id: 'checked',
          header: 'Last check',
          end: true,
          wideOnly: true,
          cell: (test) => <RelativeTime at={test.lastCheckAt} />,
        },
      ]}
    />
  );
}

function Controls({ test }: { test: Test }) {
  const controls = test.controls ?? [];
  if (controls.length === 0) return null;
  return (
    <span className={classes.controls}>
      {controls.map((control) => (
        <span key={control.id} title={control.name}>
          {control.code}
        </span>
      ))}
    </span>
  );
}
