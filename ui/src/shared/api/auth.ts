import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import type { AuthState, LinkInfo, Me, SignedIn, WebSessionList } from '@/shared/api/types';

const MINUTE = 60_000;

/** Whether somebody is signed in here, and what a sign-in page must know. */
export function authQuery() {
  return queryOptions({
    queryKey: ['auth'],
    queryFn: ({ signal }) => bodyOf<AuthState>(api.GET('/public/v2/auth', { parseAs: 'text', signal })),
    staleTime: MINUTE,
  });
}

export function signIn(body: { email: string; password: string } | { token: string }): Promise<SignedIn> {
  return bodyOf(api.POST('/public/v2/auth/sign-in', { body, parseAs: 'text' }));
}

export function lookAtLink(token: string): Promise<LinkInfo> {
  return bodyOf(api.POST('/public/v2/auth/links', { body: { token }, parseAs: 'text' }));
}

export type NewAccount = { firstName: string; lastName: string; email: string; password: string };

export function setUp(token: string, account: NewAccount): Promise<SignedIn> {
  return bodyOf(api.POST('/public/v2/auth/set-up', { body: { token, ...account }, parseAs: 'text' }));
}

export function acceptInvitation(
  token: string,
  account: { firstName: string; lastName: string; password: string },
): Promise<SignedIn> {
  return bodyOf(api.POST('/public/v2/auth/accept-invitation', { body: { token, ...account }, parseAs: 'text' }));
}

export function changePassword(body: { currentPassword: string; password: string }): Promise<SignedIn> {
  return bodyOf(api.POST('/public/v2/auth/password', { body, parseAs: 'text' }));
}

export function signOut(where: 'HERE' | 'EVERYWHERE' | 'OTHERS'): Promise<void> {
  return bodyOf(api.POST('/public/v2/auth/sign-out', { body: { where }, parseAs: 'text' }));
}

export function webSessionsQuery() {
  return queryOptions({
    queryKey: ['sign-ins'],
    queryFn: ({ signal }) => bodyOf<WebSessionList>(api.GET('/public/v2/auth/sessions', { parseAs: 'text', signal })),
  });
}

export function endWebSession(webSessionId: number): Promise<void> {
  return bodyOf(
    api.DELETE('/public/v2/auth/sessions/{webSessionId}', { params: { path: { webSessionId } }, parseAs: 'text' }),
  );
}

export function updateMe(body: { firstName: string; lastName: string; jobTitle: string }): Promise<Me> {
  return bodyOf(api.PUT('/public/v2/me', { body, parseAs: 'text' }));
}
