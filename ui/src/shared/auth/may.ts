import { queryOptions, useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { api, bodyOf } from '@/shared/api/client';
import { workspacesQuery } from '@/shared/api/organisation';
import type { Me } from '@/shared/api/types';

const MINUTE = 60_000;

/** Who asks and what they may do. */
export function meQuery() {
  return queryOptions({
    queryKey: ['me'],
    queryFn: ({ signal }) => bodyOf<Me>(api.GET('/public/v2/me', { parseAs: 'text', signal })),
    staleTime: MINUTE,
  });
}

/** Whether the server grants a scope in a workspace, or everywhere when none is named. */
export function grants(me: Me, scope: string, workspaceId: number | undefined): boolean {
  return (
    me.scopes.includes(scope) ||
    me.grants.some((grant) => grant.workspaceId === workspaceId && grant.scopes.includes(scope))
  );
}

/**
 * Tells whether what needs a scope may be done in the workspace that is shown,
 * so that a page leaves out what would be refused. False until the server has said it.
 */
export function useMay(): (scope: string) => boolean {
  const { workspace } = useSearch({ from: '__root__' });
  const { data: me } = useQuery(meQuery());
  const { data: workspaces } = useQuery(workspacesQuery());
  const shown = workspace ?? (workspaces?.data.find((each) => each.primary) ?? workspaces?.data[0])?.id;
  return (scope) => me !== undefined && grants(me, scope, shown);
}
