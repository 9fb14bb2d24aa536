import createClient from 'openapi-fetch';
import { tellSignedOut } from '@/shared/auth/session';
import { refusalOf } from '@/shared/api/errors';
import { parseExact } from '@/shared/api/json';
import type { paths } from '@/shared/api/schema';

/** The code with which the server says that nobody is signed in. */
const NOBODY = 26430;

/** The public API, typed by the OpenAPI document. The browser adds the cookie of the session. */
export const api = createClient<paths>({ baseUrl: window.location.origin, cache: 'no-store' });

type Reply = { response: Response; data?: unknown; error?: unknown };

/**
 * The body of a reply to a call made with `parseAs: 'text'`, its numbers exact.
 * Throws an ApiError when the server refuses.
 */
export async function bodyOf<Body>(call: Promise<Reply>): Promise<Body> {
  const { response, data, error } = await call;
  if (!response.ok) {
    const refusal = refusalOf(response, typeof error === 'string' ? error : JSON.stringify(error ?? null));
    if (refusal.status === 401 && refusal.code === NOBODY) tellSignedOut();
    throw refusal;
  }
  return (response.status === 204 ? undefined : parseExact(data as string)) as Body;
}
