import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import type { ResourceAt } from '@/shared/api/connections';
import type { operations } from '@/shared/api/schema';
import type { Attributes, BodyOf } from '@/shared/api/types';

const ATTRIBUTES = '/public/v2/custom-connections/{connectionId}/resources/{resourceId}/attributes';
const MINUTE = 60_000;

export type KnownValues = BodyOf<operations['listAttributeValues']>;

/** What conditions over a resource can look at. */
export function attributesQuery(at: ResourceAt) {
  return queryOptions({
    queryKey: ['resources', at, 'attributes'],
    queryFn: ({ signal }) => bodyOf<Attributes>(api.GET(ATTRIBUTES, { params: { path: at }, parseAs: 'text', signal })),
    staleTime: MINUTE,
  });
}

/** Values that an attribute has, the most frequent first. */
export function valuesQuery(at: ResourceAt, address: { fact: string; path?: string }, prefix: string) {
  return queryOptions({
    queryKey: ['resources', at, 'values', address, prefix],
    queryFn: ({ signal }) =>
      bodyOf<KnownValues>(
        api.GET(`${ATTRIBUTES}/values`, {
          params: { path: at, query: { ...address, ...(prefix === '' ? {} : { prefix }), size: 20 } },
          parseAs: 'text',
          signal,
        }),
      ),
    staleTime: MINUTE,
    placeholderData: keepPreviousData,
  });
}
