import { Button, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Connection, EventList, Finding, FrameworkList, Posture, Test } from '@/shared/api/types';
import { count, counted } from '@/shared/format/number';
import { HealthChip } from '@/shared/ui/health-chip';
import { Page, Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { reasonInWords, ResultChip } from '@/shared/ui/result-chip';
import { Loaded } from '@/shared/ui/states';
import { Trend } from '@/shared/ui/trend';
import { ResultBar } from '@/features/home/result-bar';
import classes from '@/features/home/home-page.module.css';

type Loadable<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };
type Framework = NonNullable<FrameworkList['data']>[number];

/** What the page shows; what the reader may not see is absent. */
export type HomeData = {
  posture?: Loadable<Posture>;
  failing?: Loadable<Test[]>;
  findings?: Loadable<Finding[]>;
  frameworks?: Loadable<Framework[]>;
  connections?: Loadable<Connection[]>;
  /** Whether any connection exists at all; undefined until it is known. */
  connected?: boolean | undefined;
  changes?: Loadable<NonNullable<EventList['data']>>;
};

const RESULTS = ['PASSED', 'FAILED', 'ERROR', 'READY'] as const;
const SHOWN_EXCLUSIONS = 5;

export function HomePage({
  organisation,
  data: { posture, failing, findings, frameworks, connections, connected, changes },
  mayConnect,
}: {
  organisation: string | undefined;
  data: HomeData;
  mayConnect: boolean;
}) {
  return (
    <Page title="Home" below={organisation}>
      {connected === false && <FirstSteps mayConnect={mayConnect} />}
      {posture !== undefined && (
        <Loaded query={posture} label="tests by result">
          {(known) => (
            <>
              <ResultBar posture={known} />
              {known.days.length > 1 && (
                <Panel title="Tests by result, day by day" aside={`the last ${counted(known.days.length, 'day')}`}>
                  <div className={classes.trend}>
                    <Trend
                      label="Tests by result on the last days"
                      unit="test"
                      height={200}
                      words={{ failing: 'Failed', errors: 'Error', excluded: 'Ready', passing: 'Passed' }}
                      days={known.days.map((day) => ({
                        day: day.date,
                        passing: day.passed,
                        failing: day.failed,
                        errors: day.error,
                        excluded: day.ready,
                      }))}
                    />
                  </div>
                </Panel>
              )}
            </>
          )}
        </Loaded>
      )}
      <div className={classes.columns}>
        <div>
          {failing !== undefined && (
            <Panel
              title="Newest failing tests"
              aside={
                <Link to="/tests" search={{ result: 'FAILED' }}>
                  All failing tests
                </Link>
              }
            >
              <List query={failing} label="failing tests" none="No test fails.">
                {(test) => (
                  <Line
                    key={test.testId}
                    name={
                      <Link to="/tests/$testId" params={{ testId: test.testId }} className={classes.name}>
                        {test.name}
                      </Link>
                    }
                  >
                    <span className={classes.failing}>
                      {test.counts.failing > 0
                        ? `${count(test.counts.failing)} failing`
                        : (reasonInWords(test.resultReason) ?? 'failing as a whole')}
                    </span>
                    {test.counts.failing > 0 && ` of ${count(test.counts.inScope)}`},{' '}
                    <RelativeTime at={test.failedSince} never="since unknown" />
                  </Line>
                )}
              </List>
            </Panel>
          )}
          {findings !== undefined && (
            <Panel title="Newest findings">
              <List query={findings} label="findings" none="No record fails a test.">
                {(finding) => (
                  <Line key={finding.id} name={<FindingName finding={finding} />}>
                    <RelativeTime at={finding.failedSince} never="since unknown" />
                  </Line>
                )}
              </List>
            </Panel>
          )}
          {changes !== undefined && (
            <Panel title="What changed" aside={<Link to="/events">All events</Link>}>
              <List query={changes} label="changes of results" none="No test has changed its result yet.">
                {(event) => (
                  <Line key={event.id} name={<Change event={event} />}>
                    <RelativeTime at={event.createdAt} />
                  </Line>
                )}
              </List>
            </Panel>
          )}
        </div>
        <div>
          {frameworks !== undefined && (
            <Panel title="Frameworks" aside={<Link to="/frameworks">All frameworks</Link>}>
              <List
                query={frameworks}
                label="frameworks"
                none={
                  <>
                    No framework is installed. <Link to="/frameworks">Choose one</Link> to see which of its requirements
                    your tests prove.
                  </>
                }
              >
                {(framework) => <Readiness key={framework.id} framework={framework} />}
              </List>
            </Panel>
          )}
          {connections !== undefined && (
            <Panel
              title="Connections that need a look"
              aside={
                <>
                  {posture?.data !== undefined && <Unwell of={posture.data.connections} />}
                  <Link to="/connections">All connections</Link>
                </>
              }
            >
              <List
                query={connections}
                label="connections"
                none={connected === false ? 'There is none yet.' : 'All of them are healthy.'}
              >
                {(connection) => (
                  <Line
                    key={connection.id}
                    name={
                      <Link
                        to="/connections/$connectionId"
                        params={{ connectionId: connection.id }}
                        className={classes.name}
                      >
                        {connection.clientAlias ?? `Connection ${connection.id}`}
                      </Link>
                    }
                  >
                    <HealthChip of={connection} />
                    {connection.healthSince !== null && (
                      <>
                        {' '}
                        <RelativeTime at={connection.healthSince} />
                      </>
                    )}
                  </Line>
                )}
              </List>
            </Panel>
          )}
          {posture !== undefined && (
            <Loaded query={posture} label="exclusions">
              {({ expiring }) => (
                <Panel title="Exclusions about to expire" aside={<Link to="/exclusions">All exclusions</Link>}>
                  <List
                    query={{ data: expiring.slice(0, SHOWN_EXCLUSIONS), error: null, refetch: posture.refetch }}
                    label="exclusions"
                    none="None ends soon."
                  >
                    {(exclusion) => (
                      <Line
                        key={exclusion.id}
                        name={
                          <span className={classes.name}>
                            {exclusion.targetName}
                            <Text size="xs" c="dimmed">
                              {exclusion.testName}
                            </Text>
                          </span>
                        }
                      >
                        <RelativeTime at={exclusion.expiresAt} />
                      </Line>
                    )}
                  </List>
                  {expiring.length > SHOWN_EXCLUSIONS && (
                    <p className={classes.more}>and {count(expiring.length - SHOWN_EXCLUSIONS)} more</p>
                  )}
                </Panel>
              )}
            </Loaded>
          )}
        </div>
      </div>
    </Page>
  );
}

/** How many connections are not well, each number a way to them. */
function Unwell({ of: { unhealthy, stale } }: { of: Posture['connections'] }) {
  return (
    <>
      {unhealthy > 0 && (
        <>
          <Link to="/connections" search={{ health: 'UNHEALTHY' }}>
            {count(unhealthy)} unhealthy
          </Link>
          {' · '}
        </>
      )}
      {stale > 0 && (
        <>
          <Link to="/connections" search={{ health: 'STALE' }}>
            {count(stale)} stale
          </Link>
          {' · '}
        </>
      )}
    </>
  );
}

function FirstSteps({ mayConnect }: { mayConnect: boolean }) {
  return (
    <section className={classes.first} aria-label="Where to begin">
      <h2>Begin with a connection</h2>
      <p>
        A connection takes evidence from one system: any system that can emit JSON. Paste a sample of its data, and
        Plumbline makes the schema, the key and the command that sends it. Then write a test over it, and see what
        fails.
      </p>
      {mayConnect ? (
        <Button component={Link} to="/connections/new">
          Create a connection
        </Button>
      ) : (
        <p>Somebody who may create connections has to begin: ask an administrator.</p>
      )}
    </section>
  );
}

function List<Item>({
  query,
  label,
  none,
  children,
}: {
  query: Loadable<Item[]>;
  label: string;
  none: ReactNode;
  children: (item: Item) => ReactNode;
}) {
  return (
    <div className={classes.body}>
      <Loaded query={query} label={label}>
        {(items) =>
          items.length === 0 ? (
            <p className={classes.quiet}>{none}</p>
          ) : (
            <ul className={classes.list}>{items.map(children)}</ul>
          )
        }
      </Loaded>
    </div>
  );
}

function Line({ name, children }: { name: ReactNode; children: ReactNode }) {
  return (
    <li>
      {name}
      <span className={classes.meta}>{children}</span>
    </li>
  );
}

/** A record that fails, with its test; it leads to why. */
function FindingName({ finding: { testId, testName, recordId, resourceName, causeText } }: { finding: Finding }) {
  return (
    <span className={classes.name}>
      <Link
        to="/tests/$testId"
        params={{ testId: testId ?? 0 }}
        search={{ ...(recordId === null ? {} : { finding: recordId }) }}
        className={classes.name}
      >
        {recordId === null ? (causeText[0] ?? resourceName) : resourceName}
      </Link>
      <Text size="xs" c="dimmed">
        {testName}
      </Text>
    </span>
  );
}

function Readiness({ framework }: { framework: Framework }) {
  const { numReadyInScopeRequirements: ready, numInScopeRequirements: all } = framework;
  return (
    <li>
      <Link to="/frameworks/$frameworkId" params={{ frameworkId: framework.id }} className={classes.name}>
        {framework.name}
      </Link>
      <span className={classes.meta}>
        {count(ready)} of {counted(all, 'requirement')} ready
      </span>
      <span className={classes.readiness} aria-hidden>
        <span style={{ flexGrow: ready }} data-ready />
        <span style={{ flexGrow: all - ready }} />
      </span>
    </li>
  );
}

/** A test and the result that it has now. */
function Change({ event }: { event: NonNullable<EventList['data']>[number] }) {
  const to = event.metadata?.['to'];
  const known = RESULTS.find((result) => result === to);
  if (!event.testId || !event.testName || known === undefined) {
    return <span className={classes.name}>{event.description}</span>;
  }
  return (
    <span className={classes.change}>
      <ResultChip result={known} />
      <Link to="/tests/$testId" params={{ testId: Number(event.testId) }} className={classes.name}>
        {event.testName}
      </Link>
    </span>
  );
}
