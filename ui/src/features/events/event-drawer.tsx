import { Link, type LinkProps } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Event } from '@/shared/api/events';
import { jsonLine } from '@/shared/api/json';
import { exactTime } from '@/shared/format/time';
import { categoryWord, factWord, SOURCES, typeWord } from '@/features/events/words';
import { Facts } from '@/shared/ui/facts';
import { JsonView } from '@/shared/ui/json-view';
import { RelativeTime } from '@/shared/ui/relative-time';
import { DrawerPart, SideDrawer } from '@/shared/ui/side-drawer';
import { Loaded } from '@/shared/ui/states';
import classes from '@/features/events/events-page.module.css';

/** One event with all that it tells, and the ways to what it names. */
export function EventDrawer({
  opened,
  close,
}: {
  opened: { data: Event | undefined; error: Error | null; refetch: () => unknown } | undefined;
  close: () => void;
}) {
  return (
    <SideDrawer
      opened={opened !== undefined}
      close={close}
      title={opened?.data === undefined ? 'Event' : typeWord(opened.data.type)}
    >
      {opened !== undefined && (
        <Loaded query={opened} label="the event">
          {(event) => <Detail event={event} />}
        </Loaded>
      )}
    </SideDrawer>
  );
}

function Detail({ event }: { event: Event }) {
  const metadata = (event.metadata ?? {}) as Record<string, unknown>;
  const ways = waysOf(event, metadata);
  return (
    <>
      <p className={classes.sentence}>{event.description}</p>
      <Facts
        facts={[
          [
            'When',
            <span key="when">
              {exactTime(event.createdAt)} (<RelativeTime at={event.createdAt} />)
            </span>,
          ],
          [
            'Who',
            <span key="who">
              {event.actor.name}
              {event.actor.kind !== 'system' && (
                <>
                  {event.actor.kind === 'key' ? ' (API key, ' : ' ('}
                  <Link
                    to="/events"
                    search={
                      { [event.actor.kind]: event.actor.id ?? undefined } as Partial<Record<'key' | 'user', number>>
                    }
                  >
                    all events of {event.actor.kind === 'key' ? 'it' : 'them'}
                  </Link>
                  )
                </>
              )}
            </span>,
          ],
          ['Through', SOURCES.find(({ value }) => value === event.source)?.label ?? typeWord(event.source)],
          event.requestDescription ? ['Request', event.requestDescription] : null,
          [
            'Kind',
            <span key="kind">
              {categoryWord(event.category)},{' '}
              <Link to="/events" search={{ type: event.type }}>
                all of this type
              </Link>
            </span>,
          ],
          ['Id', event.id],
        ]}
      />
      {ways.length > 0 && (
        <DrawerPart title="What it names">
          <ul className={classes.ways}>
            {ways.map(({ word, way, name }) => (
              <li key={word}>
                {word}: <Link {...way}>{name}</Link>
              </li>
            ))}
          </ul>
        </DrawerPart>
      )}
      {Object.keys(metadata).length > 0 && (
        <>
          <DrawerPart title="Details">
            <Facts facts={Object.entries(metadata).map(([name, value]) => [factWord(name), fact(value)] as const)} />
          </DrawerPart>
          <DrawerPart title="As JSON">
            <JsonView value={event} label="event as JSON" />
          </DrawerPart>
        </>
      )}
    </>
  );
}

function fact(value: unknown): ReactNode {
  if (value === null || value === '') return '–';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'string' ? value : jsonLine(value);
}

type Way = { word: string; name: string; way: LinkProps };

/** The pages of the objects that an event names. An object may be gone: its page says so. */
function waysOf(event: Event, metadata: Record<string, unknown>): Way[] {
  const number = (name: string): number | undefined => {
    const value = metadata[name];
    return typeof value === 'number' && value > 0 ? value : undefined;
  };
  const ways: (Way | undefined)[] = [
    event.testId
      ? {
          word: 'Test',
          name: event.testName ?? event.testId,
          way: { to: '/tests/$testId', params: { testId: Number(event.testId) } },
        }
      : undefined,
    event.connection
      ? {
          word: 'Connection',
          name: event.connection.clientAlias ?? String(event.connection.id),
          way: { to: '/connections/$connectionId', params: { connectionId: event.connection.id } },
        }
      : undefined,
    named('Control', number('controlId'), metadata.code, (controlId) => ({
      to: '/controls/$controlId',
      params: { controlId },
    })),
    named('Framework', number('frameworkId'), metadata.framework, (frameworkId) => ({
      to: '/frameworks/$frameworkId',
      params: { frameworkId },
    })),
    event.testId
      ? named('Exclusion', number('exclusionId'), metadata.targetId ?? metadata.selector, (exclusion) => ({
          to: '/exclusions',
          search: { exclusion: `${event.testId ?? ''}.${exclusion}`, state: 'ALL' },
        }))
      : undefined,
  ];
  return ways.filter((way) => way !== undefined);
}

function named(word: string, id: number | undefined, name: unknown, way: (id: number) => LinkProps): Way | undefined {
  if (id === undefined) return undefined;
  return { word, name: typeof name === 'string' && name !== '' ? name : String(id), way: way(id) };
}
