import { beforeEach, describe, expect, it } from 'vitest';
import { currentKey, forgetKey, keepKey, keyInFragment, refuseKey, takeKeyFromAddress } from '@/shared/auth/key';

beforeEach(() => {
  forgetKey();
  window.history.replaceState(null, '', '/');
});

describe('keyInFragment', () => {
  it.each([
    ['#key=plk_abc', 'plk_abc'],
    ['#key=plk_a%2Bb', 'plk_a+b'],
    ['#other=1&key=plk_abc', 'plk_abc'],
    ['#key=%20plk_abc%20', 'plk_abc'],
    ['#key=', null],
    ['#key=%20', null],
    ['#main', null],
    ['', null],
  ])('%s gives %s', (fragment, key) => {
    expect(keyInFragment(fragment)).toBe(key);
  });
});

describe('takeKeyFromAddress', () => {
  it('keeps the key for the session and removes it from the address', () => {
    window.history.replaceState(null, '', '/tests?result=FAILED#key=plk_abc');
    expect(takeKeyFromAddress(window.location, window.history)).toBe(true);
    expect(currentKey()).toEqual({ key: 'plk_abc', refused: false });
    expect(sessionStorage.getItem('plumbline.key')).toBe('plk_abc');
    expect(window.location.pathname + window.location.search + window.location.hash).toBe('/tests?result=FAILED');
  });

  it('leaves an address without a key as it is, and the key in use', () => {
    keepKey('plk_old');
    window.history.replaceState(null, '', '/docs#main');
    expect(takeKeyFromAddress(window.location, window.history)).toBe(false);
    expect(window.location.hash).toBe('#main');
    expect(currentKey().key).toBe('plk_old');
  });
});

describe('refuseKey', () => {
  it('drops the key that was refused and says so', () => {
    keepKey('plk_a');
    refuseKey('plk_a');
    expect(currentKey()).toEqual({ key: null, refused: true });
    expect(sessionStorage.getItem('plumbline.key')).toBeNull();
  });

  it('leaves a key alone that came after the request was sent', () => {
    keepKey('plk_b');
    refuseKey('plk_a');
    expect(currentKey()).toEqual({ key: 'plk_b', refused: false });
  });
});
