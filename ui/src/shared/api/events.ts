import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { given } from '@/shared/api/given';
import type { operations } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const ALL = '/public/v2/events';

export type EventList = BodyOf<operations['listEvents']>;
export type Event = NonNullable<EventList['data']>[number];
export type EventSource = Event['source'];

/** How the list of events is narrowed. */
export type EventFilter = {
  q?: string | undefined;
  category?: string | undefined;
  type?: string | undefined;
  source?: EventSource | undefined;
  keyId?: number | undefined;
  userId?: string | undefined;
  connectionId?: string | undefined;
  testId?: number | undefined;
  controlId?: number | undefined;
  frameworkId?: number | undefined;
  requirementId?: number | undefined;
  exclusionId?: number | undefined;
  workspaceId?: number | undefined;
  createdAtStartDate?: string | undefined;
  createdAtEndDate?: string | undefined;
};

const SIZE = 50;

/** Events, newest first, page after page. A page may be short, or empty, and still lead on. */
export function eventsQuery(filter: EventFilter, size = SIZE) {
  return infiniteQueryOptions({
    queryKey: ['events', filter, size],
    queryFn: ({ signal, pageParam }) =>
      bodyOf<EventList>(
        api.GET(ALL, {
          params: {
            query: {
              size,
              'expand[]': ['connection', 'testId', 'testName'],
              ...given(filter),
              ...(pageParam === '' ? {} : { cursor: pageParam }),
            },
          },
          parseAs: 'text',
          signal,
        }),
      ),
    initialPageParam: '',
    getNextPageParam: (page) => page.pagination.cursor ?? undefined,
  });
}

export function eventQuery(eventId: string) {
  return queryOptions({
    queryKey: ['events', 'one', eventId],
    queryFn: ({ signal }) =>
      bodyOf<Event>(
        api.GET(`${ALL}/{eventId}`, {
          params: {
            path: { eventId },
            query: { 'expand[]': ['metadata', 'connection', 'testId', 'testName', 'user'] },
          },
          parseAs: 'text',
          signal,
        }),
      ),
  });
}
