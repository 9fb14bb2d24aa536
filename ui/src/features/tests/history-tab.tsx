import { SegmentedControl } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { KeysetRows } from '@/shared/api/keyset-rows';
import type { History, Run, RunFilter } from '@/shared/api/runs';
import { count } from '@/shared/format/number';
import { ChoiceField, Filters } from '@/shared/ui/filters';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { ResultChip } from '@/shared/ui/result-chip';
import { Empty, Failure, Loaded } from '@/shared/ui/states';
import { AgeBars, Trend } from '@/shared/ui/trend';
import { type VirtualColumn, VirtualTable } from '@/shared/ui/virtual-table';
import { duration, RUN_STATES, TRIGGERS } from '@/features/tests/words';
import classes from '@/features/tests/history-tab.module.css';

const SPANS = ['30', '90', '365'] as const;

const TRIGGER_CHOICES = (Object.keys(TRIGGERS) as Run['trigger'][]).map((value) => ({
  value,
  label: TRIGGERS[value],
}));

const COLUMNS: VirtualColumn<Run>[] = [
  { id: 'started', header: 'Started', width: 130, cell: (run) => <RelativeTime at={run.startedAt} /> },
  { id: 'trigger', header: 'By', width: 130, wideOnly: true, cell: (run) => TRIGGERS[run.trigger] },
  {
    id: 'result',
    header: 'Result',
    width: 220,
    cell: (run) =>
      run.state === 'DONE' && run.result !== null ? (
        <ResultChip result={run.result as 'PASSED'} reason={run.reason} />
      ) : (
        RUN_STATES[run.state]
      ),
  },
  {
    id: 'records',
    header: 'Records',
    width: 110,
    end: true,
    wideOnly: true,
    cell: (run) => count(run.progress.records),
  },
  {
    id: 'changed',
    header: 'Changed',
    width: 110,
    end: true,
    wideOnly: true,
    cell: (run) => count(run.changed),
  },
  {
    id: 'drift',
    header: 'Drift',
    width: 90,
    end: true,
    wideOnly: true,
    cell: (run) => <span data-drift={run.drift > 0 || undefined}>{count(run.drift)}</span>,
  },
  {
    id: 'duration',
    header: 'Took',
    width: 100,
    end: true,
    wideOnly: true,
    cell: (run) => duration(run.durationMs),
  },
];

/** How the verdicts went day by day, how old the open findings are, and every run. */
export function HistoryTab({
  history,
  days,
  runs,
  filter,
  opened,
  more,
  children,
}: {
  history: { data: History | undefined; error: Error | null; refetch: () => unknown };
  days: number;
  runs: KeysetRows<Run>;
  filter: RunFilter;
  opened: number | undefined;
  /** Buttons beside the filter of the runs. */
  more: ReactNode;
  /** The drawer of the run that is open. */
  children: ReactNode;
}) {
  const navigate = useNavigate({ from: '/tests/$testId' });
  return (
    <>
      <Loaded query={history} label="the history">
        {({ data, ages }) => (
          <div className={classes.charts}>
            <Panel
              title={`Records by verdict, ${days} days`}
              aside={
                <SegmentedControl
                  size="xs"
                  aria-label="How many days"
                  value={String(days)}
                  data={SPANS.map((value) => ({ value, label: `${value} days` }))}
                  onChange={(value) =>
                    void navigate({
                      search: (search) => ({ ...search, days: value === '90' ? undefined : Number(value) }),
                      replace: true,
                    })
                  }
                />
              }
            >
              <div className={classes.chart}>
                {data.length === 0 ? (
                  <p className={classes.quiet}>There is no verdict yet.</p>
                ) : (
                  <Trend
                    label={`Records by verdict on each of the last ${days} days`}
                    days={data.map(({ date, ...counts }) => ({ day: date, ...counts }))}
                  />
                )}
              </div>
            </Panel>
            <Panel title="Open findings by age">
              <div className={classes.chart}>
                <AgeBars
                  label="Open findings by age"
                  ages={ages.map((age) => ({ label: span(age.fromDays, age.toDays), count: age.findings }))}
                />
              </div>
            </Panel>
          </div>
        )}
      </Loaded>
      <Filters label="Narrow the list of runs">
        <ChoiceField
          label="Started by"
          value={filter.trigger}
          choices={TRIGGER_CHOICES}
          onChange={(trigger) => void navigate({ search: (search) => ({ ...search, trigger }), replace: true })}
        />
        {more}
      </Filters>
      {runs.error !== null && <Failure error={runs.error} retry={runs.refetch} />}
      {runs.ended && runs.known === 0 ? (
        <Empty title={filter.trigger === undefined ? 'No run yet' : 'No run was started that way'}>
          A published test runs with every push, by its schedule, and when you press Run.
        </Empty>
      ) : (
        <Panel title="Runs">
          <VirtualTable
            label="Runs"
            unit="run"
            columns={COLUMNS}
            rows={runs}
            rowKey={(run) => String(run.id)}
            onOpen={(run) => void navigate({ search: (search) => ({ ...search, run: run.id }), resetScroll: false })}
            opened={opened === undefined ? undefined : String(opened)}
          />
        </Panel>
      )}
      {children}
    </>
  );
}

function span(from: number, to: number | null): string {
  if (to === null) return `${from} days or more`;
  if (from === 0) return to === 1 ? 'Less than a day' : `Less than ${to} days`;
  return `${from} to ${to} days`;
}
