import { beforeEach, describe, expect, it } from 'vitest';
import { forgetToken, linkToken, takeTokenFromAddress, tokenInFragment } from '@/shared/auth/token';

beforeEach(() => {
  forgetToken();
  window.history.replaceState(null, '', '/');
});

describe('tokenInFragment', () => {
  it.each([
    ['#token=abc', 'abc'],
    ['#other=1&token=abc', 'abc'],
    ['#token=%20abc%20', 'abc'],
    ['#token=', null],
    ['#main', null],
    ['', null],
  ])('%s gives %s', (fragment, token) => {
    expect(tokenInFragment(fragment)).toBe(token);
  });
});

describe('takeTokenFromAddress', () => {
  it('keeps the token in memory only and removes it from the address', () => {
    window.history.replaceState(null, '', '/invitation?workspace=2#token=abc');
    expect(takeTokenFromAddress(window.location, window.history)).toBe(true);
    expect(linkToken()).toBe('abc');
    expect(window.location.href).toBe(`${window.location.origin}/invitation?workspace=2`);
    expect(sessionStorage.length + localStorage.length).toBe(0);
  });

  it('leaves an address without a token as it is', () => {
    window.history.replaceState(null, '', '/docs#main');
    expect(takeTokenFromAddress(window.location, window.history)).toBe(false);
    expect(window.location.hash).toBe('#main');
    expect(linkToken()).toBeNull();
  });
});
