import { Link } from '@tanstack/react-router';
import type { Connection, Test } from '@/shared/api/types';
import { count, counted } from '@/shared/format/number';
import { Page, Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { reasonInWords } from '@/shared/ui/result-chip';
import { Rows } from '@/shared/ui/table';
import { Empty, Loaded } from '@/shared/ui/states';
import type { Totals } from '@/features/overview/figures';
import { ResultBar } from '@/features/overview/result-bar';
import { firstSteps } from '@/shared/format/first-steps';
import classes from '@/features/overview/overview-page.module.css';

type Loadable<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

export function OverviewPage({
  organisation,
  totals,
  failing,
  connections,
  origin,
}: {
  organisation: string | undefined;
  totals: Loadable<Totals>;
  failing: Loadable<Test[]>;
  connections: Loadable<Connection[]>;
  origin: string;
}) {
  return (
    <Page title="Overview" below={organisation}>
      {connections.data?.length === 0 && (
        <div className={classes.first}>
          <Empty title="No data yet" steps={firstSteps(origin)}>
            Push evidence from any system that can emit JSON. It shows here as soon as it arrives.
          </Empty>
        </div>
      )}
      <Loaded query={totals} label="tests by result">
        {(data) => <ResultBar totals={data} />}
      </Loaded>
      <div className={classes.columns}>
        <Panel
          title="Newest failing tests"
          aside={
            <Link to="/tests" search={{ result: 'FAILED' }}>
              All failing tests
            </Link>
          }
        >
          <div className={classes.body}>
            <Loaded query={failing} label="failing tests">
              {(tests) =>
                tests.length === 0 ? (
                  <p className={classes.quiet}>No test fails.</p>
                ) : (
                  <ul className={classes.list}>
                    {tests.map((test) => (
                      <li key={test.testId}>
                        <Link to="/tests/$testId" params={{ testId: test.testId }} className={classes.name}>
                          {test.name}
                        </Link>
                        <span className={classes.meta}>
                          <span className={classes.failing}>
                            {test.counts.failing > 0
                              ? `${count(test.counts.failing)} failing`
                              : (reasonInWords(test.resultReason) ?? 'failing as a whole')}
                          </span>
                          {test.counts.failing > 0 && ` of ${count(test.counts.inScope)}`},{' '}
                          <RelativeTime at={test.failedSince} never="since unknown" />
                        </span>
                      </li>
                    ))}
                  </ul>
                )
              }
            </Loaded>
          </div>
        </Panel>
        <Panel title="Connections" aside={<Link to="/connections">All connections</Link>}>
          <Loaded query={connections} label="connections">
            {(data) =>
              data.length === 0 ? (
                <p className={classes.none}>No connection.</p>
              ) : (
                <Rows
                  label="Connections and their records"
                  rows={data}
                  rowKey={(connection) => connection.id}
                  columns={[
                    {
                      id: 'name',
                      header: 'Connection',
                      cell: (connection) => (
                        <Link to="/connections/$connectionId" params={{ connectionId: connection.id }}>
                          {connection.clientAlias ?? `Connection ${connection.id}`}
                        </Link>
                      ),
                    },
                    {
                      id: 'records',
                      header: 'Records',
                      end: true,
                      cell: (connection) => (
                        <span title={counted(connection.customResources?.length ?? 0, 'resource')}>
                          {count((connection.customResources ?? []).reduce((sum, each) => sum + each.recordCount, 0))}
                        </span>
                      ),
                    },
                  ]}
                />
              )
            }
          </Loaded>
        </Panel>
      </div>
    </Page>
  );
}
