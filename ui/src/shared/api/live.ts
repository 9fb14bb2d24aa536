import { QueryClient, type Query } from '@tanstack/react-query';
import { ApiError } from '@/shared/api/errors';

const AFTER_FAILURE = 5_000;
/** What the server says holds until it says that it changed; this bounds what a lost word can do. */
const HOLDS = 10_000;

/**
 * When to ask again by itself: after a failure, later when the server asks for it, and never when asking
 * again changes nothing. What changes is asked again because the server tells of it (see follow.ts).
 */
export function nextRefresh(error: Error | null): number | false {
  if (error === null) return false;
  if (!(error instanceof ApiError)) return AFTER_FAILURE;
  if (error.status === 429) return Math.max(error.retryAfter ?? AFTER_FAILURE, AFTER_FAILURE);
  return error.status >= 500 ? AFTER_FAILURE : false;
}

/** Options of a query that asks again after a failure while the page is visible. */
export const live = {
  refetchInterval: (query: Pick<Query, 'state'>): number | false => nextRefresh(query.state.error),
};

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: false, staleTime: HOLDS, networkMode: 'always' },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
