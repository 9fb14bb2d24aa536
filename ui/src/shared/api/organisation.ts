import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import type { Company, WorkspaceList } from '@/shared/api/types';

const MINUTE = 60_000;

export function companyQuery() {
  return queryOptions({
    queryKey: ['company'],
    queryFn: ({ signal }) => bodyOf<Company>(api.GET('/public/v2/company', { parseAs: 'text', signal })),
    staleTime: MINUTE,
  });
}

export function workspacesQuery() {
  return queryOptions({
    queryKey: ['workspaces'],
    queryFn: ({ signal }) =>
      bodyOf<WorkspaceList>(
        api.GET('/public/v2/workspaces', { params: { query: { size: 500 } }, parseAs: 'text', signal }),
      ),
    staleTime: MINUTE,
  });
}

/** The workspaces with how many people are in scope of each. */
export function scopedWorkspacesQuery() {
  return queryOptions({
    queryKey: ['workspaces', 'scoped'],
    queryFn: ({ signal }) =>
      bodyOf<WorkspaceList>(
        api.GET('/public/v2/workspaces', {
          params: { query: { size: 500, 'expand[]': ['personnelScope'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    staleTime: MINUTE,
  });
}
