import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Event } from '@/shared/api/events';
import type { Connection, Resource } from '@/shared/api/types';
import { count, counted } from '@/shared/format/number';
import { Facts } from '@/shared/ui/facts';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Loaded } from '@/shared/ui/states';
import { categories, createdBy } from '@/features/connections/names';
import { DataChip } from '@/features/connections/data-chip';
import classes from '@/features/connections/connection.module.css';

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

export function OverviewTab({
  connection,
  resource,
  sessions,
  events,
  sync,
  runs,
  children,
}: {
  connection: Connection;
  resource: Resource | undefined;
  /** How many sessions there were; undefined until the server said it. */
  sessions: number | undefined;
  /** The newest events; undefined for whom may not see them. */
  events: Query<Event[]> | undefined;
  /** How the last data came in, and all the runs before. */
  sync: ReactNode;
  runs: ReactNode;
  /** The tests. */
  children: ReactNode;
}) {
  const link = (tab: 'records' | 'sessions' | 'schema', word: string) => (
    <Link from="/connections/$connectionId" to="." search={(now) => ({ ...now, tab })}>
      {word}
    </Link>
  );
  const resourceFacts = (of: Resource): (readonly [string, ReactNode] | null)[] => [
    ['Data', <DataChip key="data" status={of.dataStatus} staleAt={of.staleAt} />],
    ['Records', link('records', count(of.recordCount))],
    ['Last data', <RelativeTime key="last" at={of.lastRecordAt} />],
    ['Freshness limit', of.freshnessHours === null ? 'none' : counted(of.freshnessHours, 'hour')],
    of.staleAt === null ? null : ['Stale', <RelativeTime key="stale" at={of.staleAt} />],
    sessions === undefined ? null : ['Sessions', link('sessions', count(sessions))],
    ['Schema', link('schema', `version ${of.schemaVersion}`)],
    ['Display name', of.displayNameKey],
    ['Resource', `${of.name} (${of.id})`],
  ];
  return (
    <div className={classes.grid}>
      <div>
        {sync}
        {children}
        {runs}
      </div>
      <div>
        <Panel title="Key facts">
          <div className={classes.padded}>
            <Facts
              facts={[
                connection.description === null ? null : ['Description', connection.description],
                ['Category', categories(connection)],
                ...(resource === undefined ? [] : resourceFacts(resource)),
                ['Connection', String(connection.id)],
                ['Created', <RelativeTime key="created" at={connection.createdAt} />],
                ['Created by', createdBy(connection)],
              ]}
            />
          </div>
        </Panel>
        {events !== undefined && (
          <Panel title="Recent events">
            <div className={classes.rowHead}>
              <Loaded query={events} label="events">
                {(list) =>
                  list.length === 0 ? (
                    <p className={classes.padded}>Nothing has happened yet.</p>
                  ) : (
                    <ul className={classes.events}>
                      {list.map((event) => (
                        <li key={event.id}>
                          {event.description}
                          <small>
                            <RelativeTime at={event.createdAt} />
                          </small>
                        </li>
                      ))}
                    </ul>
                  )
                }
              </Loaded>
            </div>
          </Panel>
        )}
      </div>
    </div>
  );
}
