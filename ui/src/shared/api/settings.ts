import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import type { operations } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const MINUTE = 60_000;

export type Settings = BodyOf<operations['getSettings']>;

export function settingsQuery() {
  return queryOptions({
    queryKey: ['settings'],
    queryFn: ({ signal }) => bodyOf<Settings>(api.GET('/public/v2/settings', { parseAs: 'text', signal })),
    staleTime: MINUTE,
  });
}
