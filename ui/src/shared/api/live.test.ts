import { describe, expect, it } from 'vitest';
import { refusalOf } from '@/shared/api/errors';
import { nextRefresh } from '@/shared/api/live';

const refusal = (status: number, headers: Record<string, string> = {}, body = '{}') =>
  refusalOf(new Response(null, { status, headers }), body);

describe('nextRefresh', () => {
  it.each([
    ['after success', null, false],
    ['when the server is out of reach', new TypeError('Failed to fetch'), 5_000],
    ['when the server failed', refusal(500), 5_000],
    ['over the rate limit', refusal(429, { 'Retry-After': '17' }), 17_000],
    ['over the rate limit for a moment', refusal(429, { 'Retry-After': '1' }), 5_000],
    ['when the key is refused', refusal(401), false],
    ['without the scope', refusal(403), false],
    ['when there is nothing', refusal(404), false],
  ])('%s', (_when, error, wait) => {
    expect(nextRefresh(error)).toBe(wait);
  });
});

describe('refusalOf', () => {
  it('reads our error body', () => {
    const error = refusal(
      404,
      { 'X-Request-Id': 'r-1' },
      '{"name":"ENTITY_NOT_FOUND","statusCode":404,"message":"No such test.","code":40401,"debugInfo":null}',
    );
    expect(error).toMatchObject({ status: 404, message: 'No such test.', code: 40401, requestId: 'r-1' });
  });

  it.each(['<html>Bad gateway</html>', '', 'null', '{"message":{"a":1}}', '[]'])('has a sentence for %j', (body) => {
    expect(refusal(502, {}, body)).toMatchObject({ message: 'The server answered 502.', code: 0, retryAfter: null });
  });
});
