import { Link, useNavigate } from '@tanstack/react-router';
import type { SyncStatus } from '@/shared/api/sync-runs';
import type { SyncRun, SyncRunList } from '@/shared/api/types';
import { count } from '@/shared/format/number';
import { duration, exactTime } from '@/shared/format/time';
import { Facts } from '@/shared/ui/facts';
import { ChoiceField } from '@/shared/ui/filters';
import { LinkButton } from '@/shared/ui/link-button';
import { Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { RelativeTime } from '@/shared/ui/relative-time';
import { DrawerPart, SideDrawer } from '@/shared/ui/side-drawer';
import { Empty, Loaded } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import { SyncSteps } from '@/features/connections/sync-steps';
import chip from '@/shared/ui/result-chip.module.css';
import classes from '@/features/connections/connection.module.css';

const LOOKS: Record<SyncStatus, { look: string; word: string }> = {
  RUNNING: { look: 'ERROR', word: 'Going on' },
  COMPLETED: { look: 'PASSED', word: 'Completed' },
  FAILED: { look: 'FAILED', word: 'Failed' },
  CANCELED: { look: 'READY', word: 'Cancelled' },
};

const CHOICES = (Object.keys(LOOKS) as SyncStatus[]).map((value) => ({ value, label: LOOKS[value].word }));

const TRIGGERS: Record<SyncRun['trigger'], string> = { PUSH: 'Pushes', SESSION: 'Session', COLLECTION: 'Collection' };

function StatusChip({ status }: { status: SyncStatus }) {
  const { look, word } = LOOKS[status];
  return (
    <span className={chip.chip} data-result={look}>
      <span className={chip.dot} aria-hidden />
      {word}
    </span>
  );
}

const received = (run: SyncRun) => run.steps.find((step) => step.name === 'VALIDATE')?.counts['received'] ?? 0;

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

/** The steps of the last run. */
export function LastSync({ last, several }: { last: Query<SyncRun | null>; several: boolean }) {
  return (
    <Panel
      title="Sync status"
      aside={
        last.data && (
          <>
            {TRIGGERS[last.data.trigger]}
            {several && ` into ${last.data.resourceName}`}, <RelativeTime at={last.data.startedAt} />
          </>
        )
      }
    >
      <Loaded query={last} label="the last sync run">
        {(run) =>
          run === null ? (
            <p className={classes.padded}>
              Nothing has come in yet. Each session, each collection and each minute of pushes will show its steps here.
            </p>
          ) : (
            <SyncSteps run={run} />
          )
        }
      </Loaded>
    </Panel>
  );
}

export function SyncRuns({
  list,
  status,
  cursor,
  size,
  several,
}: {
  list: Query<SyncRunList>;
  status: SyncStatus | undefined;
  cursor: string | undefined;
  size: number;
  /** Whether the connection has several resources. */
  several: boolean;
}) {
  const navigate = useNavigate({ from: '/connections/$connectionId' });
  return (
    <Panel
      title="Sync runs"
      aside={
        <ChoiceField
          label="State of the runs"
          value={status}
          choices={CHOICES}
          onChange={(sync) =>
            void navigate({ search: (now) => ({ ...now, sync, cursor: undefined }), resetScroll: false })
          }
        />
      }
    >
      <Loaded query={list} label="sync runs">
        {({ data, pagination }) =>
          data.length === 0 && cursor === undefined ? (
            status === undefined ? (
              <Empty
                title="No sync run yet"
                actions={
                  <LinkButton
                    size="xs"
                    from="/connections/$connectionId"
                    to="."
                    search={({ workspace }) => ({ workspace, tab: 'api' as const })}
                  >
                    See the call that sends data
                  </LinkButton>
                }
              >
                A connection shows its steps from its first run on.
              </Empty>
            ) : (
              <p className={classes.padded}>No run is in this state.</p>
            )
          ) : (
            <>
              <Rows
                label="Sync runs"
                rows={data}
                rowKey={(run) => run.id}
                columns={[
                  {
                    id: 'run',
                    header: 'Began',
                    cell: (run) => (
                      <Link
                        from="/connections/$connectionId"
                        to="."
                        search={(now) => ({ ...now, run: run.id })}
                        resetScroll={false}
                        aria-label={`${TRIGGERS[run.trigger]} of ${exactTime(run.startedAt)}`}
                      >
                        <RelativeTime at={run.startedAt} />
                      </Link>
                    ),
                  },
                  { id: 'state', header: 'State', cell: (run) => <StatusChip status={run.status} /> },
                  {
                    id: 'how',
                    header: 'How',
                    wideOnly: true,
                    cell: (run) => (several ? `${TRIGGERS[run.trigger]}, ${run.resourceName}` : TRIGGERS[run.trigger]),
                  },
                  { id: 'by', header: 'By', wideOnly: true, cell: (run) => run.actor.name },
                  { id: 'records', header: 'Records', end: true, cell: (run) => count(received(run)) },
                  {
                    id: 'took',
                    header: 'Took',
                    end: true,
                    wideOnly: true,
                    cell: (run) => duration(run.startedAt, run.endedAt) ?? '–',
                  },
                ]}
              />
              <Pager
                cursor={cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="run"
              />
            </>
          )
        }
      </Loaded>
      <p className={classes.note}>
        A connection shows its steps from its first run on: nothing is made up for the time before. Runs are kept for 13
        months.
      </p>
    </Panel>
  );
}

export function SyncRunDrawer({ run, opened }: { run: Query<SyncRun>; opened: boolean }) {
  const navigate = useNavigate({ from: '/connections/$connectionId' });
  return (
    <SideDrawer
      opened={opened}
      close={() => void navigate({ search: (now) => ({ ...now, run: undefined }), resetScroll: false })}
      title="Sync run"
      size="xl"
    >
      <Loaded query={run} label="the sync run">
        {(shown) => (
          <>
            <DrawerPart title="Steps" aside={<StatusChip status={shown.status} />}>
              <SyncSteps run={shown} />
            </DrawerPart>
            <DrawerPart title="Key facts">
              <Facts
                facts={[
                  ['How', TRIGGERS[shown.trigger]],
                  ['By', shown.actor.name],
                  ['Resource', shown.resourceName],
                  shown.sessionId === null ? null : ['Session', shown.sessionId],
                  ['Began', <RelativeTime key="began" at={shown.startedAt} />],
                  ['Ended', <RelativeTime key="ended" at={shown.endedAt} never="not yet" />],
                  ['Run', String(shown.id)],
                ]}
              />
            </DrawerPart>
          </>
        )}
      </Loaded>
    </SideDrawer>
  );
}
