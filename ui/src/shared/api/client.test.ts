import { beforeEach, describe, expect, it, vi } from 'vitest';
import { currentKey, keepKey } from '@/shared/auth/key';

const sent: Request[] = [];
let answer: () => Response;

// The client takes the fetch that is there when its module is read.
vi.stubGlobal('fetch', (request: Request) => {
  sent.push(request);
  return Promise.resolve(answer());
});
const { api, bodyOf } = await import('@/shared/api/client');
const { checkKey } = await import('@/shared/api/organisation');

const company = () => bodyOf(api.GET('/public/v2/company', { parseAs: 'text' }));

beforeEach(() => {
  sent.length = 0;
  keepKey('plk_in_use');
});

describe('a call of the API', () => {
  it('carries the key in use as bearer, to the own server only', async () => {
    answer = () => new Response('{"name":"Org"}', { status: 200 });
    await expect(company()).resolves.toEqual({ name: 'Org' });
    expect(sent.map((request) => request.headers.get('Authorization'))).toEqual(['Bearer plk_in_use']);
    expect(new URL(sent[0]?.url ?? '').origin).toBe(window.location.origin);
  });

  it('drops a refused key and throws what the server said', async () => {
    answer = () => new Response('{"message":"Unauthorized","code":26430}', { status: 401 });
    await expect(company()).rejects.toMatchObject({ status: 401, message: 'Unauthorized', code: 26430 });
    expect(currentKey()).toEqual({ key: null, refused: true });
  });

  it('keeps the key when only a scope is missing', async () => {
    answer = () => new Response('{"message":"needs monitors-get","code":40301}', { status: 403 });
    await expect(company()).rejects.toMatchObject({ status: 403 });
    expect(currentKey().key).toBe('plk_in_use');
  });

  it('tries a typed key without keeping it', async () => {
    answer = () => new Response('{}', { status: 200 });
    await checkKey('plk_typed');
    expect(sent[0]?.headers.get('Authorization')).toBe('Bearer plk_typed');
    expect(currentKey().key).toBe('plk_in_use');
  });
});
