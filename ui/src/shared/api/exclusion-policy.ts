import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import type { operations } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const MINUTE = 60_000;

/** What the organisation demands of exclusions: whether they must end, and when at the latest. */
export type ExclusionPolicy = { mustEnd: boolean; maxDays: number };

export function exclusionPolicyQuery() {
  return queryOptions({
    queryKey: ['settings'],
    queryFn: ({ signal }) =>
      bodyOf<BodyOf<operations['getSettings']>>(api.GET('/public/v2/settings', { parseAs: 'text', signal })),
    select: (settings): ExclusionPolicy => ({
      mustEnd: settings.exclusionExpiryRequired,
      maxDays: settings.exclusionMaxDays,
    }),
    staleTime: MINUTE,
  });
}
