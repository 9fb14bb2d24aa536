import { Button, TextInput } from '@mantine/core';
import { useIntersection } from '@mantine/hooks';
import type { InfiniteData } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect } from 'react';
import type { Event, EventList, EventSource } from '@/shared/api/events';
import { counted } from '@/shared/format/number';
import { CATEGORIES, type EventCategory, SOURCES, typeWord } from '@/features/events/words';
import { ChoiceField, Filters, SearchField } from '@/shared/ui/filters';
import { Page, Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Empty, Loaded } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/events/events-page.module.css';

export type EventsSearch = {
  q?: string | undefined;
  category?: EventCategory | undefined;
  type?: string | undefined;
  source?: EventSource | undefined;
  key?: number | undefined;
  user?: number | undefined;
  connection?: number | undefined;
  test?: number | undefined;
  control?: number | undefined;
  framework?: number | undefined;
  requirement?: number | undefined;
  exclusion?: number | undefined;
  from?: string | undefined;
  to?: string | undefined;
  event?: string | undefined;
};

type Query = {
  data: InfiniteData<EventList> | undefined;
  error: Error | null;
  refetch: () => unknown;
  fetchNextPage: () => unknown;
  hasNextPage: boolean;
  isFetchingNextPage: boolean;
};

// What other pages and the drawer narrow to; each can be taken away again.
const ABOUT = [
  'type',
  'key',
  'user',
  'connection',
  'test',
  'control',
  'framework',
  'requirement',
  'exclusion',
] as const;

export function EventsPage({
  search,
  list,
  tools,
}: {
  search: EventsSearch;
  list: Query;
  /** What can be done with the whole list. */
  tools?: ReactNode;
}) {
  const navigate = useNavigate({ from: '/events' });
  const set = (change: Partial<EventsSearch>) => void navigate({ search: (before) => ({ ...before, ...change }) });
  const narrowed = Object.entries(search).some(([name, value]) => name !== 'event' && value !== undefined);
  return (
    <Page
      title="Events"
      below="Who did what, and what the program did by itself. An event is written together with the change that it tells of."
      actions={tools}
    >
      <Filters label="Narrow the events">
        <SearchField
          label="Search the description"
          value={search.q}
          onChange={(q) => {
            set({ q });
          }}
        />
        <ChoiceField
          label="About"
          value={search.category}
          choices={CATEGORIES}
          onChange={(category) => {
            set({ category });
          }}
        />
        <ChoiceField
          label="Through"
          value={search.source}
          choices={SOURCES}
          onChange={(source) => {
            set({ source });
          }}
        />
        <Day
          label="From"
          value={search.from}
          onChange={(from) => {
            set({ from });
          }}
        />
        <Day
          label="To"
          value={search.to}
          onChange={(to) => {
            set({ to });
          }}
        />
      </Filters>
      <About search={search} set={set} />
      <Loaded query={list} label="events">
        {({ pages }) => {
          const events = pages.flatMap(({ data }) => data);
          return events.length === 0 && !list.hasNextPage ? (
            <Empty
              title={narrowed ? 'No event is like that' : 'No events yet'}
              actions={narrowed ? <Link to="/events">Show all events</Link> : undefined}
            >
              {narrowed ? 'Nothing fits these filters.' : 'Every change of anything will be told here.'}
            </Empty>
          ) : (
            <Panel title="Events" aside="newest first">
              <List events={events} />
              <More list={list} shown={events.length} />
            </Panel>
          );
        }}
      </Loaded>
    </Page>
  );
}

function Day({
  label,
  value,
  onChange,
}: {
  label: string;
  value: string | undefined;
  onChange: (value: string | undefined) => void;
}) {
  return (
    <label className={classes.day}>
      {label}
      <TextInput
        type="date"
        size="xs"
        value={value ?? ''}
        onChange={(event) => {
          onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value);
        }}
      />
    </label>
  );
}

function About({ search, set }: { search: EventsSearch; set: (change: Partial<EventsSearch>) => void }) {
  const shown = ABOUT.filter((name) => search[name] !== undefined);
  if (shown.length === 0) return null;
  return (
    <ul className={classes.about} aria-label="Only events of">
      {shown.map((name) => (
        <li key={name}>
          {typeWord(name)}: {name === 'type' ? typeWord(String(search[name])) : search[name]}
          <button
            type="button"
            aria-label={`Do not narrow by ${name}`}
            onClick={() => {
              set({ [name]: undefined });
            }}
          >
            ×
          </button>
        </li>
      ))}
    </ul>
  );
}

function List({ events }: { events: Event[] }) {
  return (
    <Rows
      label="Events"
      rows={events}
      rowKey={(event) => event.id}
      columns={[
        {
          id: 'what',
          header: 'What',
          cell: (event) => (
            <Link
              from="/events"
              to="."
              search={(before) => ({ ...before, event: event.id })}
              resetScroll={false}
              replace
            >
              {event.description}
            </Link>
          ),
        },
        {
          id: 'who',
          header: 'Who',
          cell: (event) => (
            <span className={classes.who} data-kind={event.actor.kind}>
              {event.actor.name}
            </span>
          ),
        },
        {
          id: 'type',
          header: 'Type',
          wideOnly: true,
          cell: (event) => (
            <Link
              from="/events"
              to="."
              search={(before) => ({ ...before, type: event.type })}
              className={classes.type}
              title="Only events of this type"
            >
              {typeWord(event.type)}
            </Link>
          ),
        },
        { id: 'when', header: 'When', end: true, cell: (event) => <RelativeTime at={event.createdAt} /> },
      ]}
    />
  );
}

/** Reads on as soon as the end of the list comes into sight. */
function More({ list, shown }: { list: Query; shown: number }) {
  const { ref, entry } = useIntersection({ rootMargin: '400px' });
  const { hasNextPage, isFetchingNextPage, fetchNextPage, error } = list;
  const inSight = entry?.isIntersecting === true;
  useEffect(() => {
    if (inSight && hasNextPage && !isFetchingNextPage && error === null) fetchNextPage();
  }, [inSight, hasNextPage, isFetchingNextPage, error, fetchNextPage, shown]);
  return (
    <div ref={ref} className={classes.more}>
      <span role="status">{isFetchingNextPage ? 'Reading on …' : `${counted(shown, 'event')} shown`}</span>
      {hasNextPage && !isFetchingNextPage && (
        <Button size="compact-xs" variant="default" onClick={() => fetchNextPage()}>
          Show more
        </Button>
      )}
    </div>
  );
}
