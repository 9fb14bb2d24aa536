import { Button, Tabs } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { Run } from '@/shared/api/runs';
import type { TestAction } from '@/shared/api/tests';
import type { TestDetail } from '@/shared/api/types';
import { type Judged, judgedFigures } from '@/shared/format/judged';
import { count, counted } from '@/shared/format/number';
import { Page } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { ResultChip } from '@/shared/ui/result-chip';
import { Failure } from '@/shared/ui/states';
import { AskWhy } from '@/features/tests/bulk-actions';
import { Diagnosis } from '@/features/tests/diagnosis';
import { DraftBar } from '@/features/tests/draft-bar';
import { RunProgress } from '@/features/tests/run-drawer';
import { TABS, type TestTab } from '@/features/tests/tabs';
import classes from '@/features/tests/test-page.module.css';

export type Act = {
  run: (action: TestAction, note?: string) => void;
  running: TestAction | undefined;
  error: Error | null;
};

export function TestPage({
  test,
  shown,
  act,
  may,
  running,
  cancel,
  children,
}: {
  test: TestDetail;
  shown: TestTab;
  act: Act;
  may: { act: boolean; edit: boolean };
  /** The run over all records that is going on. */
  running: Run | null;
  cancel: (() => Promise<unknown>) | undefined;
  /** The tab that is shown. */
  children: ReactNode;
}) {
  const navigate = useNavigate({ from: '/tests/$testId' });
  const { counts } = test;
  const words: Record<TestTab, string> = {
    failing: `Failing ${count(counts.failing)}`,
    passing: `Passing ${count(counts.passing)}`,
    ...(counts.satisfying !== undefined && tabsOfNumbers(counts)),
    errors: `Errors ${count(counts.errors)}`,
    excluded: counts.excluded > 0 ? `Excluded ${count(counts.excluded)}` : 'Excluded',
    history: 'History',
    logic: 'Logic',
    versions: 'Versions',
    controls: `Controls ${count((test.controls ?? []).length)}`,
    settings: 'Settings',
  };
  return (
    <Page
      title={test.name}
      above={
        <Link to="/tests" activeOptions={{ exact: true }}>
          Monitoring
        </Link>
      }
      below={<State test={test} />}
      actions={<Actions test={test} act={act} may={may} />}
    >
      {act.error !== null && <Failure error={act.error} />}
      {test.description !== '' && <p className={classes.description}>{test.description}</p>}
      <Diagnosis test={test} mayEdit={may.edit} />
      {test.hasDraft && <DraftBar test={test} act={act} may={may} />}
      {running !== null && <RunProgress run={running} cancel={cancel} />}
      <Counts test={test} />
      <Tabs
        value={shown}
        keepMounted={false}
        onChange={(value) =>
          void navigate({
            search: ({ workspace }) => ({
              workspace,
              show: value === TABS[0] || value === null ? undefined : (value as TestTab),
            }),
          })
        }
      >
        <Tabs.List mb={14} className={classes.tabs ?? ''}>
          {TABS.filter((tab) => tab !== 'errors' || tab === shown || counts.errors > 0).map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {words[tab]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value={shown}>{children}</Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function State({ test }: { test: TestDetail }) {
  const connections = new Map((test.resources ?? []).map((each) => [each.connectionId, each.connectionName]));
  return (
    <>
      <ResultChip result={test.checkResultStatus} reason={test.resultReason} />
      {test.checkStatus === 'DISABLED' && <span>disabled</span>}
      {test.checkStatus === 'NEW' && <span>never published</span>}
      {test.failedSince ? (
        <span>
          failing since <RelativeTime at={test.failedSince} />
        </span>
      ) : (
        test.resultSince && (
          <span>
            since <RelativeTime at={test.resultSince} />
          </span>
        )
      )}
      <span>
        last run <RelativeTime at={test.lastCheckAt} />
      </span>
      {[...connections].map(([id, name]) => (
        <Link key={id} to="/connections/$connectionId" params={{ connectionId: id }}>
          {name}
        </Link>
      ))}
    </>
  );
}

function Actions({ test, act, may }: { test: TestDetail; act: Act; may: { act: boolean; edit: boolean } }) {
  const [asking, setAsking] = useState(false);
  const button = (action: TestAction, word: string) => (
    <Button
      key={action}
      size="xs"
      variant={action === 'run' ? 'filled' : 'default'}
      loading={act.running === action}
      disabled={act.running !== undefined && act.running !== action}
      onClick={() => {
        if (action === 'disable') setAsking(true);
        else act.run(action);
      }}
    >
      {word}
    </Button>
  );
  return (
    <>
      {may.act && test.checkStatus === 'ENABLED' && [button('run', 'Run'), button('disable', 'Disable')]}
      {may.act && test.checkStatus === 'DISABLED' && button('enable', 'Enable')}
      {may.edit && (
        <Button
          size="xs"
          variant="default"
          renderRoot={(props) => <Link to="/tests/$testId/edit" params={{ testId: test.testId }} {...props} />}
        >
          Edit
        </Button>
      )}
      <AskWhy
        opened={asking}
        close={() => {
          setAsking(false);
        }}
        title={`Disable ${test.name}`}
        action="Disable"
        required
        act={(why) => {
          setAsking(false);
          act.run('disable', why);
        }}
      >
        <p>
          A disabled test is not evaluated and counts for no control. {counted(test.counts.failing, 'open finding')} end
          now. Enabling the test evaluates it anew.
        </p>
      </AskWhy>
    </>
  );
}

/** Where a number of records is asserted the finding is the test's own, and a record that counts does not pass. */
function tabsOfNumbers({ passing, failing, satisfying = 0 }: Judged) {
  return failing === 0 && passing === 0
    ? { failing: 'Failing', passing: `Satisfying ${count(satisfying)}` }
    : { failing: `Failing ${count(failing)}`, passing: 'Passing, satisfying' };
}

function Counts({ test: { counts } }: { test: TestDetail }) {
  const figures: [word: string, value: number][] = [
    ['Records', counts.records],
    ['In scope', counts.inScope],
    ...judgedFigures(counts),
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
