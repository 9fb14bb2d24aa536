import { QueryClient, type Query } from '@tanstack/react-query';
import { ApiError } from '@/shared/api/errors';

const EVERY = 2_000;
const AFTER_FAILURE = 5_000;

/**
 * When to ask again: every two seconds while the page is visible, later when
 * the server fails or asks for it, and never when asking again changes nothing.
 */
export function nextRefresh(error: Error | null): number | false {
  if (error === null) return EVERY;
  if (!(error instanceof ApiError)) return AFTER_FAILURE;
  if (error.status === 429) return Math.max(error.retryAfter ?? AFTER_FAILURE, AFTER_FAILURE);
  return error.status >= 500 ? AFTER_FAILURE : false;
}

/** Options of a query that follows the server while the page is visible. */
export const live = {
  refetchInterval: (query: Pick<Query, 'state'>): number | false => nextRefresh(query.state.error),
};

export function newQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: { retry: false, staleTime: 1_000, networkMode: 'always' },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}
