import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { live } from '@/shared/api/live';
import type { ConnectionList, EventList, FindingList, FrameworkList, Posture, TestList } from '@/shared/api/types';

/** How the tests of a workspace stand, now and on each of the last 90 days. */
export function postureQuery(workspaceId: number) {
  return queryOptions({
    queryKey: ['tests', 'posture', workspaceId],
    queryFn: ({ signal }) =>
      bodyOf<Posture>(
        api.GET('/public/v2/workspaces/{workspaceId}/posture', {
          params: { path: { workspaceId }, query: { days: 90 } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

/** The first frameworks of a workspace with how much of each is ready. */
export function installedFrameworksQuery(workspaceId: number, size: number) {
  return queryOptions({
    queryKey: ['frameworks', 'posture', workspaceId, size],
    queryFn: ({ signal }) =>
      bodyOf<FrameworkList>(
        api.GET('/public/v2/workspaces/{workspaceId}/frameworks', {
          params: { path: { workspaceId }, query: { size } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

/** The last changes of results. */
export function resultChangesQuery(workspaceId: number, size: number) {
  return queryOptions({
    queryKey: ['events', 'posture', workspaceId, size],
    queryFn: ({ signal }) =>
      bodyOf<EventList>(
        api.GET('/public/v2/events', {
          params: {
            query: {
              workspaceId,
              size,
              type: 'MONITOR_TEST_STATUS_UPDATED',
              'expand[]': ['metadata', 'testId', 'testName'],
            },
          },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

/** The tests that began to fail last. */
export function newestFailingQuery(workspaceId: number, size: number) {
  return queryOptions({
    queryKey: ['tests', 'newest failing', workspaceId, size],
    queryFn: ({ signal }) =>
      bodyOf<TestList>(
        api.GET('/public/v2/workspaces/{workspaceId}/monitoring-tests', {
          params: {
            path: { workspaceId },
            query: { size, checkResultStatus: 'FAILED', sort: 'failedSince', sortDir: 'DESC' },
          },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

/** The findings that began last, of all tests. */
export function newestFindingsQuery(workspaceId: number, size: number) {
  return queryOptions({
    queryKey: ['findings', 'newest', { workspaceId }, size],
    queryFn: ({ signal }) =>
      bodyOf<FindingList>(
        api.GET('/public/v2/workspaces/{workspaceId}/findings', {
          params: { path: { workspaceId }, query: { size, sort: 'openedAt' } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

/** The first connections of a workspace that are unhealthy or stale, or wait for their first data. */
export function neglectedQuery(
  workspaceId: number,
  which: { health: 'UNHEALTHY' | 'STALE' } | { dataStatus: 'NO_DATA'; state: 'ACTIVE' },
  size: number,
) {
  return queryOptions({
    queryKey: ['connections', 'posture', workspaceId, which, size],
    queryFn: ({ signal }) =>
      bodyOf<ConnectionList>(
        api.GET('/public/v2/connections', {
          params: { query: { workspaceId, ...which, size } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}
