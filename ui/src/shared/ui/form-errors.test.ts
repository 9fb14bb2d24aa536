import { describe, expect, it } from 'vitest';
import { ApiError, Told } from '@/shared/api/errors';
import { errorAt, sentence } from '@/shared/ui/form-errors';

const refusal = (message: string) =>
  new ApiError({ status: 400, message, code: 1, requestId: null, retryAfter: null, pointer: null });

describe('sentence', () => {
  it.each([
    [refusal('`name` (/name) must have 1 to 191 characters'), 'Name must have 1 to 191 characters'],
    [refusal('the code "x" (/requirements/0/code) is taken'), 'The code "x" is taken'],
    [new Told('2 done; refused: b: no b'), '2 done; refused: b: no b'],
    [new TypeError('Failed to fetch'), 'The server does not answer'],
  ])('%s', (error, text) => {
    expect(sentence(error)).toBe(text);
  });
});

it('says a refusal beside its field alone', () => {
  const error = refusal('`code` (/code) has a semicolon');
  expect(errorAt(error, ['code', 'name'], 'code')).toBe('Code has a semicolon');
  expect(errorAt(error, ['code', 'name'], 'name')).toBeUndefined();
});
