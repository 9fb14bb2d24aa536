import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { given } from '@/shared/api/given';
import type { ApiKey, KeyList } from '@/shared/api/types';

const KEYS = '/public/v2/api-keys';

export type KeyFilter = {
  cursor?: string | undefined;
  size: number;
  /** Scopes; each key then tells which of them it lacks. */
  requires?: string[] | undefined;
  /** Only those that this person made. */
  userId?: number | undefined;
  /** Only those that are neither revoked nor expired. */
  usable?: boolean | undefined;
};

export function keysQuery({ requires, ...page }: KeyFilter) {
  return queryOptions({
    queryKey: ['keys', page, requires],
    queryFn: ({ signal }) =>
      bodyOf<KeyList>(
        api.GET(KEYS, {
          params: { query: { ...given({ ...page, 'requires[]': requires }), includeTotalCount: true } as never },
          parseAs: 'text',
          signal,
        }),
      ),
  });
}

export type NewKey = {
  name: string;
  scopes: string[];
  expiresAt?: string | null;
  allowedIps?: string[];
  connectionIds?: number[];
};

export function createKey(body: NewKey): Promise<ApiKey> {
  return bodyOf(api.POST(KEYS, { body, parseAs: 'text' }));
}

export function revokeKey(keyId: number): Promise<void> {
  return bodyOf(api.DELETE(`${KEYS}/{keyId}`, { params: { path: { keyId } }, parseAs: 'text' }));
}
