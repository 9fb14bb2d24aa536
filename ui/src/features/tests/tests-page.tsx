import { Button, VisuallyHidden } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { ListedResult, TestFilter } from '@/shared/api/tests';
import type { Connection, Test, TestList } from '@/shared/api/types';
import { ChoiceField, Filters, SearchField } from '@/shared/ui/filters';
import { Page, Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { useSelection } from '@/shared/ui/selection';
import { Empty, Loaded } from '@/shared/ui/states';
import { type BulkAction, BulkActions } from '@/features/tests/bulk-actions';
import { ResultFilter } from '@/features/tests/result-filter';
import { TestTable } from '@/features/tests/test-table';

const STATES = [
  { value: 'draft', label: 'Custom (Draft)' },
  { value: 'published', label: 'Custom (Published)' },
  { value: 'disabled', label: 'Disabled' },
] as const;

const CATEGORIES = [
  { value: 'CUSTOM', label: 'Custom' },
  { value: 'HRIS', label: 'HRIS' },
  { value: 'MDM', label: 'MDM' },
] as const;

export function TestsPage({
  list,
  filter,
  cursor,
  size,
  connections,
  act,
  may,
  more,
}: {
  list: { data: TestList | undefined; error: Error | null; refetch: () => unknown };
  filter: TestFilter;
  cursor: string | undefined;
  size: number;
  connections: Connection[];
  act: (test: Test, action: BulkAction, note: string) => Promise<unknown>;
  may: { create: boolean; act: boolean };
  /** Buttons beside the filters. */
  more?: ReactNode;
}) {
  const navigate = useNavigate({ from: '/tests' });
  const set = (change: Partial<TestFilter>) =>
    void navigate({ search: (search) => ({ ...search, ...change, cursor: undefined }), replace: true });
  const { q, result, state, connectionId, providerType, controlId } = filter;
  const narrowed = [q, result, state, connectionId, providerType, controlId].some((each) => each !== undefined);
  return (
    <Page
      title="Monitoring"
      actions={
        may.create && (
          <Button
            size="xs"
            leftSection={<IconPlus size={15} aria-hidden />}
            renderRoot={(props) => <Link to="/tests/new" {...props} />}
          >
            New test
          </Button>
        )
      }
    >
      <ResultFilter counts={list.data?.resultCounts} result={result} />
      <Filters label="Narrow the list of tests">
        <SearchField
          label="Search tests"
          value={q}
          onChange={(value) => {
            set({ q: value });
          }}
        />
        <ChoiceField
          label="Status"
          value={state}
          choices={STATES}
          onChange={(value) => {
            set({ state: value });
          }}
        />
        <ChoiceField
          label="Connection"
          value={connectionId === undefined ? undefined : String(connectionId)}
          choices={connections.map((each) => ({
            value: String(each.id),
            label: each.clientAlias ?? `Connection ${each.id}`,
          }))}
          searchable
          onChange={(value) => {
            set({ connectionId: value === undefined ? undefined : Number(value) });
          }}
        />
        <ChoiceField
          label="Category"
          value={providerType}
          choices={CATEGORIES}
          onChange={(value) => {
            set({ providerType: value });
          }}
        />
        {controlId !== undefined && (
          <Button
            size="xs"
            variant="default"
            rightSection={<IconX size={13} aria-hidden />}
            onClick={() => {
              set({ controlId: undefined });
            }}
          >
            {controlWords(list.data?.data ?? [], controlId)}
            <VisuallyHidden>: show all tests</VisuallyHidden>
          </Button>
        )}
        {more}
      </Filters>
      <Loaded query={list} label="tests">
        {({ data, pagination }) =>
          data.length === 0 && cursor === undefined ? (
            <NoTests
              narrowed={narrowed}
              reset={() => void navigate({ search: ({ workspace }) => ({ workspace }) })}
              mayCreate={may.create}
            />
          ) : (
            <Chosen tests={data} act={act} may={may.act} filter={filter} set={set}>
              <Pager
                cursor={cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="test"
              />
            </Chosen>
          )
        }
      </Loaded>
    </Page>
  );
}

// Each of the tests proves it, so any of them knows its code.
function controlWords(tests: Test[], controlId: number): string {
  const control = (tests[0]?.controls ?? []).find((each) => each.id === controlId);
  return control === undefined ? 'Tests of one control' : `Tests of ${control.code}`;
}

const WORDS: Record<ListedResult, string> = {
  FAILED: 'Failed tests',
  ERROR: 'Tests in error',
  READY: 'Tests without a verdict',
  PASSED: 'Passed tests',
};

function Chosen({
  tests,
  act,
  may,
  filter,
  set,
  children,
}: {
  tests: Test[];
  act: (test: Test, action: BulkAction, note: string) => Promise<unknown>;
  may: boolean;
  filter: TestFilter;
  set: (change: Partial<TestFilter>) => void;
  children: ReactNode;
}) {
  const selection = useSelection(tests.map((test) => test.testId));
  return (
    <Panel title={filter.result === undefined ? 'Tests' : WORDS[filter.result]}>
      <BulkActions tests={tests.filter((test) => selection.has(test.testId))} act={act} clear={selection.clear} />
      <TestTable
        tests={tests}
        selection={may ? selection : undefined}
        sort={filter.sort}
        sortDir={filter.sortDir}
        onSort={(sort, sortDir) => {
          set({ sort, sortDir });
        }}
      />
      {children}
    </Panel>
  );
}

function NoTests({ narrowed, reset, mayCreate }: { narrowed: boolean; reset: () => void; mayCreate: boolean }) {
  if (narrowed) {
    return (
      <Empty title="No test fits these filters">
        <Button size="xs" variant="default" onClick={reset}>
          Show all tests
        </Button>
      </Empty>
    );
  }
  return (
    <Empty title="No tests yet">
      A test is rules over the records of a resource. It says which record fails since when, and its verdict follows
      every push.
      {mayCreate && (
        <>
          {' '}
          <Link to="/tests/new">Make the first test</Link>
        </>
      )}
    </Empty>
  );
}
