import { Button, Progress } from '@mantine/core';
import type { IdentitySync } from '@/shared/api/personnel';
import { count, counted } from '@/shared/format/number';
import { duration } from '@/shared/format/time';
import { Pager } from '@/shared/ui/pager';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/personnel/personnel.module.css';

/** What came of a sync, in words. */
export function outcome({ created, updated, unchanged, withoutAddress, taken }: IdentitySync): string {
  const parts: [number, string][] = [
    [created, 'new'],
    [updated, 'changed'],
    [unchanged, 'as before'],
    [withoutAddress, 'without an address'],
    [taken, 'with an address of somebody else'],
  ];
  const said = parts.filter(([n]) => n > 0).map(([n, word]) => `${count(n)} ${word}`);
  return said.length === 0 ? 'nobody to look at' : said.join(', ');
}

/** How the identity sync stands, and what can be done about it. */
export function SyncStrip({
  last,
  nextAt,
  start,
  starting,
  cancel,
}: {
  last: IdentitySync | undefined;
  nextAt: string | null | undefined;
  /** Left out where one may not. */
  start: (() => void) | undefined;
  starting: boolean;
  cancel: (sync: IdentitySync) => void;
}) {
  const running = last?.status === 'RUNNING';
  return (
    <section className={classes.strip} aria-label="Identity sync">
      {running ? (
        <div className={classes.running}>
          <span role="status">
            The identity sync is at work: {count(last.done)} of {counted(last.total, 'identity', 'identities')}
          </span>
          <Progress
            value={last.total === 0 ? 100 : (100 * last.done) / last.total}
            aria-label="How far the identity sync is"
            animated
          />
        </div>
      ) : (
        <span>
          {last === undefined ? (
            'There was no identity sync yet.'
          ) : (
            <>
              Last identity sync <RelativeTime at={last.endedAt} />: {outcome(last)}
              {last.status === 'CANCELED' && ', then cancelled'}.
            </>
          )}{' '}
          {nextAt !== null && nextAt !== undefined && (
            <span className={classes.dim}>
              The next one begins <RelativeTime at={nextAt} />.
            </span>
          )}
        </span>
      )}
      {start !== undefined &&
        (running ? (
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              cancel(last);
            }}
          >
            Cancel
          </Button>
        ) : (
          <Button size="xs" variant="default" loading={starting} onClick={start}>
            Sync now
          </Button>
        ))}
    </section>
  );
}

const STATES = { RUNNING: 'At work', COMPLETED: 'Done', CANCELED: 'Cancelled' } as const;

/** The syncs there were. */
export function SyncList({
  list,
  cursor,
  size,
}: {
  list: { data: IdentitySync[]; pagination: { cursor: string | null; totalCount?: number | null | undefined } };
  cursor: string | undefined;
  size: number;
}) {
  return (
    <Panel title="Earlier syncs">
      <Rows
        label="Identity syncs"
        rows={list.data}
        rowKey={({ id }) => id}
        columns={[
          {
            id: 'began',
            header: 'Began',
            cell: (sync) => (
              <>
                <RelativeTime at={sync.startedAt} />
                <span className={classes.sub}>
                  {sync.trigger === 'SCHEDULED' ? 'by the clock' : (sync.startedBy?.displayName ?? 'by an API key')}
                </span>
              </>
            ),
          },
          { id: 'status', header: 'Status', cell: ({ status }) => STATES[status] },
          { id: 'outcome', header: 'What came of it', cell: outcome },
          { id: 'total', header: 'Identities', end: true, wideOnly: true, cell: ({ total }) => count(total) },
          {
            id: 'took',
            header: 'Took',
            end: true,
            wideOnly: true,
            cell: ({ startedAt, endedAt }) => duration(startedAt, endedAt) ?? '–',
          },
        ]}
      />
      <Pager
        cursor={cursor}
        next={list.pagination.cursor}
        shown={list.data.length}
        size={size}
        total={list.pagination.totalCount}
        unit="sync"
      />
    </Panel>
  );
}
