import { describe, expect, it, vi } from 'vitest';
import { onSignedOut, returnPath, tellSignedOut } from '@/shared/auth/session';

describe('returnPath', () => {
  it.each([
    ['/tests?result=FAILED', '/tests?result=FAILED'],
    ['/', '/'],
    [undefined, '/'],
    ['', '/'],
    ['tests', '/'],
    ['//evil.test', '/'],
    ['//evil.test/tests', '/'],
    ['/\\evil.test', '/'],
    ['/\t/evil.test', '/'],
    ['https://evil.test/', '/'],
    ['javascript:alert(1)', '/'],
    ['/sign-in?return=/sign-in', '/'],
    ['/tests#token=abc', '/tests'],
  ])('%s leads to %s', (wanted, path) => {
    expect(returnPath(wanted, 'https://plumbline.test')).toBe(path);
  });
});

describe('onSignedOut', () => {
  it('is called until it is stopped', () => {
    const listener = vi.fn();
    const stop = onSignedOut(listener);
    tellSignedOut();
    stop();
    tellSignedOut();
    expect(listener).toHaveBeenCalledTimes(1);
  });
});
