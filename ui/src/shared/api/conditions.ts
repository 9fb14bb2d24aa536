import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import type { operations } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

type ConditionList = BodyOf<operations['listConditions']>;
export type NamedCondition = ConditionList['data'][number];

/** The named conditions of a workspace; it has few. */
export function conditionsQuery(workspaceId: number) {
  return queryOptions({
    queryKey: ['conditions', workspaceId],
    queryFn: ({ signal }) =>
      bodyOf<ConditionList>(
        api.GET('/public/v2/workspaces/{workspaceId}/conditions', {
          params: { path: { workspaceId } },
          parseAs: 'text',
          signal,
        }),
      ),
  });
}
