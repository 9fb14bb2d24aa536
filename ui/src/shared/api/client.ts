import createClient, { type Middleware } from 'openapi-fetch';
import { currentKey, refuseKey } from '@/shared/auth/key';
import { refusalOf } from '@/shared/api/errors';
import { parseExact } from '@/shared/api/json';
import type { paths } from '@/shared/api/schema';

const authorize: Middleware = {
  onRequest({ request }) {
    const { key } = currentKey();
    if (key !== null && !request.headers.has('Authorization')) request.headers.set('Authorization', `Bearer ${key}`);
    return request;
  },
};

/** The public API, typed by the OpenAPI document. Requests carry the key in use. */
export const api = createClient<paths>({ baseUrl: window.location.origin, cache: 'no-store' });
api.use(authorize);

type Reply = { response: Response; data?: unknown; error?: unknown };

/**
 * The body of a reply to a call made with `parseAs: 'text'`, its numbers exact.
 * Throws an ApiError when the server refuses; a refused key is also dropped, so
 * that the page asks for another.
 */
export async function bodyOf<Body>(call: Promise<Reply>): Promise<Body> {
  const sentWith = currentKey().key;
  const { response, data, error } = await call;
  if (!response.ok) {
    if (response.status === 401 && sentWith !== null) refuseKey(sentWith);
    throw refusalOf(response, typeof error === 'string' ? error : JSON.stringify(error ?? null));
  }
  return parseExact(data as string) as Body;
}
