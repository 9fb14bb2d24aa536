import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import type { Grant, Invited, RoleList, RoleName, User, UserList, UserState } from '@/shared/api/types';

const MINUTE = 60_000;

export type UserFilter = {
  q?: string | undefined;
  role?: RoleName | undefined;
  state?: UserState | undefined;
  cursor?: string | undefined;
  size: number;
};

export function usersQuery({ size, ...filter }: UserFilter) {
  return queryOptions({
    queryKey: ['users', filter, size],
    queryFn: ({ signal }) =>
      bodyOf<UserList>(
        api.GET('/public/v2/users', {
          params: { query: { ...filter, size, includeTotalCount: true } as never },
          parseAs: 'text',
          signal,
        }),
      ),
  });
}

export function rolesQuery() {
  return queryOptions({
    queryKey: ['roles'],
    queryFn: ({ signal }) => bodyOf<RoleList>(api.GET('/public/v2/roles', { parseAs: 'text', signal })),
    staleTime: 10 * MINUTE,
  });
}

export function inviteUser(body: { email: string; grants: Grant[] }): Promise<Invited> {
  return bodyOf(api.POST('/public/v2/users', { body, parseAs: 'text' }));
}

const path = (userId: number) => ({ path: { userId: String(userId) } });

export function updateGrants(userId: number, grants: Grant[]): Promise<User> {
  return bodyOf(api.PUT('/public/v2/users/{userId}', { params: path(userId), body: { grants }, parseAs: 'text' }));
}

export type UserAction = 'disable' | 'enable' | 'renewLink' | 'endSessions';

/** Disabling can revoke the keys that the person made. */
export function actOnUser(userId: number, action: UserAction, revokeKeys = false): Promise<Invited> {
  return bodyOf(
    api.POST('/public/v2/users/{userId}/actions', {
      params: path(userId),
      body: { action, ...(revokeKeys ? { revokeKeys } : {}) },
      parseAs: 'text',
    }),
  );
}

export function deleteUser(userId: number, revokeKeys: boolean): Promise<void> {
  return bodyOf(
    api.DELETE('/public/v2/users/{userId}', {
      params: { ...path(userId), query: revokeKeys ? { revokeKeys } : {} },
      parseAs: 'text',
    }),
  );
}
