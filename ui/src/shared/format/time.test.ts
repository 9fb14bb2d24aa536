import { describe, expect, it } from 'vitest';
import { dayInWords, dayOf, exactTime, relativeTime, shortDay } from '@/shared/format/time';

const now = Date.parse('2026-06-15T12:00:00.000Z');
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

describe('relativeTime', () => {
  it.each([
    [0, 'just now'],
    [59, 'just now'],
    [60, '1 minute ago'],
    [119, '1 minute ago'],
    [3_599, '59 minutes ago'],
    [3_600, '1 hour ago'],
    [86_400, '1 day ago'],
    [86_400 * 13, '1 week ago'],
    [86_400 * 45, '1 month ago'],
    [86_400 * 800, '2 years ago'],
    [-59, 'just now'],
    [-7_200, 'in 2 hours'],
  ])('%d seconds back is "%s"', (seconds, text) => {
    expect(relativeTime(ago(seconds), now)).toBe(text);
  });

  it('shows what is no date as it came', () => {
    expect(relativeTime('soon', now)).toBe('soon');
  });
});

describe('exactTime', () => {
  it('names day, second and zone', () => {
    expect(exactTime('2026-06-15T12:34:56.789Z', 'UTC')).toBe('15 Jun 2026, 12:34:56 UTC');
  });

  it('shows what is no date as it came', () => {
    expect(exactTime('soon')).toBe('soon');
  });
});

describe('a day', () => {
  it('is the same one in every time zone', () => {
    expect(dayInWords('2026-06-15')).toMatch(/^Monday,? 15 June 2026$/);
    expect(shortDay('2026-06-15')).toBe('15 Jun');
    expect(dayOf('2026-06-15T23:59:00.000Z')).toBe('15 Jun 2026');
  });

  it('is shown as it came when it is none', () => {
    expect(dayInWords('today')).toBe('today');
    expect(shortDay('2026-15-15')).toBe('2026-15-15');
  });
});
