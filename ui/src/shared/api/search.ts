import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import type { components } from '@/shared/api/schema';

export type Hit = components['schemas']['Hit'];
type Hits = components['schemas']['Hits'];

/** What is called so, the best first. A text that is typed on cancels the search before. */
export function searchQuery(workspaceId: number, text: string) {
  return queryOptions({
    queryKey: ['search', { workspaceId }, text],
    queryFn: ({ signal }) =>
      bodyOf<Hits>(
        api.GET('/public/v2/workspaces/{workspaceId}/search', {
          params: { path: { workspaceId }, query: { q: text } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
}
