import { beforeEach, describe, expect, it, vi } from 'vitest';
import { onSignedOut } from '@/shared/auth/session';

const sent: Request[] = [];
let answer: () => Response;

// The client takes the fetch that is there when its module is read.
vi.stubGlobal('fetch', (request: Request) => {
  sent.push(request);
  return Promise.resolve(answer());
});
const { api, bodyOf } = await import('@/shared/api/client');

const company = () => bodyOf(api.GET('/public/v2/company', { parseAs: 'text' }));
const signedOut = vi.fn();

beforeEach(() => {
  sent.length = 0;
  signedOut.mockReset();
  return onSignedOut(signedOut);
});

describe('a call of the API', () => {
  it('goes to the own server and carries no key', async () => {
    answer = () => new Response('{"name":"Org"}', { status: 200 });
    await expect(company()).resolves.toEqual({ name: 'Org' });
    expect(sent.map((request) => request.headers.get('Authorization'))).toEqual([null]);
    expect(new URL(sent[0]?.url ?? '').origin).toBe(window.location.origin);
  });

  it('tells when nobody is signed in any more', async () => {
    answer = () => new Response('{"message":"Unauthorized","code":26430}', { status: 401 });
    await expect(company()).rejects.toMatchObject({ status: 401, message: 'Unauthorized', code: 26430 });
    expect(signedOut).toHaveBeenCalledTimes(1);
  });

  it.each([
    [401, '{"message":"do not fit","code":40101}'],
    [403, '{"message":"needs monitors-get","code":40301}'],
  ])('does not take %i %s for it', async (status, body) => {
    answer = () => new Response(body, { status });
    await expect(company()).rejects.toMatchObject({ status });
    expect(signedOut).not.toHaveBeenCalled();
  });
});
