import { Button, Tabs } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { FindingList, TestAction, TestDetail } from '@/shared/api/types';
import { count, counted } from '@/shared/format/number';
import { JsonView } from '@/shared/ui/json-view';
import { Page, Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { RelativeTime } from '@/shared/ui/relative-time';
import { ResultChip } from '@/shared/ui/result-chip';
import { Empty, Failure, Loaded } from '@/shared/ui/states';
import { FailingRecords, PassingRecords } from '@/features/tests/finding-list';
import classes from '@/features/tests/test-page.module.css';

export type Shown = 'failing' | 'passing' | 'logic';

export function TestPage({
  test,
  findings,
  shown,
  cursor,
  size,
  act,
}: {
  test: TestDetail;
  /** The page of failing or passing records; of no use while the logic is shown. */
  findings: { data: FindingList | undefined; error: Error | null; refetch: () => unknown };
  shown: Shown;
  cursor: string | undefined;
  size: number;
  act: { run: (action: TestAction) => void; running: TestAction | undefined; error: Error | null };
}) {
  const navigate = useNavigate({ from: '/tests/$testId' });
  return (
    <Page
      title={test.name}
      above={
        <Link to="/tests" activeOptions={{ exact: true }}>
          Tests
        </Link>
      }
      below={<Facts test={test} />}
      actions={<Actions test={test} act={act} />}
    >
      {act.error !== null && <Failure error={act.error} />}
      {test.description !== '' && <p className={classes.description}>{test.description}</p>}
      <Counts test={test} />
      <Tabs
        value={shown}
        onChange={(value) =>
          void navigate({
            search: (search) => ({
              ...search,
              cursor: undefined,
              show: value === 'failing' || value === null ? undefined : (value as Shown),
            }),
          })
        }
      >
        <Tabs.List mb={14}>
          <Tabs.Tab value="failing">Failing {count(test.counts.failing)}</Tabs.Tab>
          <Tabs.Tab value="passing">Passing {count(test.counts.passing)}</Tabs.Tab>
          <Tabs.Tab value="logic">Logic</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="failing">
          {shown === 'failing' && (
            <FindingPage query={findings} cursor={cursor} size={size} kind="failing" test={test} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="passing">
          {shown === 'passing' && (
            <FindingPage query={findings} cursor={cursor} size={size} kind="passing" test={test} />
          )}
        </Tabs.Panel>
        <Tabs.Panel value="logic">
          {shown === 'logic' && <JsonView value={test.logic} label="logic as JSON" />}
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Facts({ test }: { test: TestDetail }) {
  return (
    <>
      <ResultChip result={test.checkResultStatus} reason={test.resultReason} />
      {test.checkStatus === 'DISABLED' && <span>disabled</span>}
      {test.checkStatus === 'NEW' && <span>never published</span>}
      {test.failedSince && (
        <span>
          failing since <RelativeTime at={test.failedSince} />
        </span>
      )}
      <span>
        last check <RelativeTime at={test.lastCheckAt} />
      </span>
      {test.hasDraft && <span>has a draft</span>}
      {(test.controls ?? []).map((control) => (
        <span key={control.id}>
          {control.code} {control.name}
        </span>
      ))}
    </>
  );
}

function Actions({
  test,
  act,
}: {
  test: TestDetail;
  act: { run: (action: TestAction) => void; running: TestAction | undefined };
}) {
  const button = (action: TestAction, word: string) => (
    <Button
      key={action}
      size="xs"
      variant={action === 'run' ? 'filled' : 'default'}
      loading={act.running === action}
      disabled={act.running !== undefined && act.running !== action}
      onClick={() => {
        act.run(action);
      }}
    >
      {word}
    </Button>
  );
  switch (test.checkStatus) {
    case 'ENABLED':
      return [button('run', 'Run'), button('disable', 'Disable')];
    case 'DISABLED':
      return button('enable', 'Enable');
    default:
      return null;
  }
}

function Counts({ test: { counts } }: { test: TestDetail }) {
  const figures: [word: string, value: number][] = [
    ['Records', counts.records],
    ['In scope', counts.inScope],
    ['Passing', counts.passing],
    ['Failing', counts.failing],
    ['Excluded', counts.excluded],
    ['Errors', counts.errors],
  ];
  return (
    <dl className={classes.counts}>
      {figures.map(([word, value]) => (
        <div key={word} data-word={value > 0 ? word : undefined}>
          <dt>{word}</dt>
          <dd>{count(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function FindingPage({
  query,
  cursor,
  size,
  kind,
  test,
}: {
  query: { data: FindingList | undefined; error: Error | null; refetch: () => unknown };
  cursor: string | undefined;
  size: number;
  kind: 'failing' | 'passing';
  test: TestDetail;
}) {
  return (
    <Loaded query={query} label={`${kind} records`}>
      {({ data, pagination }) =>
        data.length === 0 && cursor === undefined ? (
          <Empty title={kind === 'failing' ? 'No record fails' : 'No record passes'}>
            {test.checkResultStatus === 'READY' ? 'The test has not run yet: run it, or push records.' : undefined}
          </Empty>
        ) : (
          <Panel
            title={kind === 'failing' ? 'Failing records' : 'Passing records'}
            aside={counted(kind === 'failing' ? test.counts.failing : test.counts.passing, 'record')}
          >
            {kind === 'failing' ? <FailingRecords findings={data} /> : <PassingRecords findings={data} />}
            <Pager
              cursor={cursor}
              next={pagination.cursor}
              shown={data.length}
              size={size}
              total={pagination.totalCount}
              unit="record"
            />
          </Panel>
        )
      }
    </Loaded>
  );
}
