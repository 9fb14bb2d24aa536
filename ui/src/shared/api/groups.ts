import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { live } from '@/shared/api/live';
import type { components, operations } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const ALL = '/public/v2/groups';
const ONE = `${ALL}/{groupId}` as const;
const SCOPE = '/public/v2/workspaces/{workspaceId}/scoped-personnel-groups';

export type Group = BodyOf<operations['getGroup']>;
export type GroupList = BodyOf<operations['listGroups']>;
export type GroupRule = components['schemas']['GroupRule'];
export type GroupForm = { name: string; rule: GroupRule | null };
export type ScopeCounts = BodyOf<operations['getScopedPersonnelCounts']>;

/** All groups: the organisation has at most as many as one page. */
export function groupsQuery() {
  return queryOptions({
    queryKey: ['personnel', 'groups'],
    queryFn: ({ signal }) =>
      bodyOf<GroupList>(
        api.GET(ALL, { params: { query: { size: 500, sort: 'name', sortDir: 'ASC' } }, parseAs: 'text', signal }),
      ),
    ...live,
  });
}

export function createGroup(body: GroupForm): Promise<Group> {
  return bodyOf(api.POST(ALL, { body, parseAs: 'text' }));
}

export function updateGroup(groupId: number, body: GroupForm): Promise<Group> {
  return bodyOf(api.PUT(ONE, { params: { path: { groupId } }, body, parseAs: 'text' }));
}

export async function deleteGroup(groupId: number): Promise<void> {
  await bodyOf(api.DELETE(ONE, { params: { path: { groupId } }, parseAs: 'text' }));
}

/** Adds people to a group without a rule, or removes them; tells of how many that changed something. */
export async function actOnGroup(groupId: number, action: 'add' | 'remove', personnelIds: number[]): Promise<number> {
  const { count } = await bodyOf<{ count: number }>(
    api.POST(`${ONE}/actions`, { params: { path: { groupId } }, body: { action, personnelIds }, parseAs: 'text' }),
  );
  return count;
}

/** How many people a rule is true of. */
export function groupPreviewQuery(rule: GroupRule) {
  return queryOptions({
    queryKey: ['personnel', 'groups', 'preview', rule],
    queryFn: ({ signal }) =>
      bodyOf<BodyOf<operations['previewGroup']>>(
        api.POST(`${ALL}/preview`, { body: { rule }, parseAs: 'text', signal }),
      ),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** The groups of the personnel scope of a workspace; none: everybody is in scope. */
export function scopeQuery(workspaceId: number) {
  return queryOptions({
    queryKey: ['workspaces', 'scope', workspaceId],
    queryFn: ({ signal }) =>
      bodyOf<BodyOf<operations['listScopedPersonnelGroups']>>(
        api.GET(SCOPE, {
          params: { path: { workspaceId }, query: { size: 500, sort: 'name', sortDir: 'ASC' } },
          parseAs: 'text',
          signal,
        }),
      ),
  });
}

/** Who would be in scope with these groups. */
export function scopeCountsQuery(workspaceId: number, groupIds: readonly number[]) {
  return queryOptions({
    queryKey: ['personnel', 'scope', workspaceId, groupIds],
    queryFn: ({ signal }) =>
      bodyOf<ScopeCounts>(
        api.GET('/public/v2/workspaces/{workspaceId}/scoped-personnel-counts', {
          params: { path: { workspaceId }, query: { 'groupIds[]': [...groupIds] } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

export async function setScope(workspaceId: number, groupIds: number[]): Promise<void> {
  await bodyOf(api.PUT(SCOPE, { params: { path: { workspaceId } }, body: { groupIds }, parseAs: 'text' }));
}
