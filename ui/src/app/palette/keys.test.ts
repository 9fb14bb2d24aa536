import { describe, expect, it } from 'vitest';
import { pressed } from '@/app/palette/keys';

const event = (key: string, more: Partial<KeyboardEvent> = {}) => ({
  key,
  metaKey: false,
  ctrlKey: false,
  altKey: false,
  shiftKey: false,
  repeat: false,
  target: document.body,
  ...more,
});

describe('pressed', () => {
  const input = document.createElement('input');

  it.each([
    ['k', { metaKey: true }, false, { does: 'palette' }],
    ['K', { ctrlKey: true }, false, { does: 'palette' }],
    ['k', { ctrlKey: true, target: input }, false, { does: 'palette' }],
    ['k', { ctrlKey: true, shiftKey: true }, false, null],
    ['k', {}, false, null],
    ['?', { shiftKey: true }, false, { does: 'help' }],
    ['/', {}, false, { does: 'filter' }],
    ['/', { target: input }, false, null],
    ['g', {}, false, { does: 'wait' }],
    ['g', { ctrlKey: true }, false, null],
    ['m', {}, true, { does: 'jump', to: '/tests' }],
    ['q', {}, true, null],
    ['m', {}, false, null],
  ] as const)('%s %j', (key, more, waiting, want) => {
    expect(pressed(event(key, more), waiting, true)).toEqual(want);
  });

  it('leaves single keys alone where they are off', () => {
    expect(pressed(event('?'), false, false)).toBeNull();
    expect(pressed(event('k', { metaKey: true }), false, false)).toEqual({ does: 'palette' });
  });
});
