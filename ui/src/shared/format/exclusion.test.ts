import { expect, it } from 'vitest';
import { dateIn } from '@/shared/format/exclusion';

it('tells the date some days from now', () => {
  expect(dateIn(90, Date.UTC(2026, 10, 21, 23, 30))).toBe('2027-02-19');
});
