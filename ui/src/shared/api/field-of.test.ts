import { describe, expect, it } from 'vitest';
import { ApiError } from '@/shared/api/errors';
import { fieldOf } from '@/shared/api/field-of';

const refusal = (message: string, pointer: string | null = null) =>
  new ApiError({ status: 400, message, code: 1, requestId: null, retryAfter: null, pointer });

describe('fieldOf', () => {
  it.each([
    [refusal('`name` must have 1 to 191 characters'), 'name'],
    [refusal('it must be a text', '/reason'), 'reason'],
    [refusal('`reason` is wrong', '/name/0'), 'name'],
    [refusal('`other` and `reason.text` are wrong'), 'reason'],
    [refusal('a control with the name "x" (/name) exists'), 'name'],
    [refusal('the framework has a requirement with the code "x" (/requirements/0/name) already'), 'name'],
    [refusal('nothing is named'), undefined],
    [new Error('`name` is out of reach'), undefined],
    [null, undefined],
  ])('%s is about %s', (error, field) => {
    expect(fieldOf(error, ['name', 'reason'])).toBe(field);
  });
});
