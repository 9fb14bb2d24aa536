import { expect, test } from 'vitest';
import { type ImportResult, rowsOf } from '@/shared/api/imports';

const line = (at: number): ImportResult['lines'][number] => ({
  line: at,
  outcome: 'CREATED',
  id: null,
  name: 'A',
  changes: [],
  kept: [],
});
const error = (at: number | null) => ({ line: at, column: null, message: 'no', also: [] });
const part = (change: Partial<ImportResult>) =>
  rowsOf({ lines: [], moreLines: 0, errors: [], moreErrors: 0, ...change } as ImportResult);
const at = ({ data }: ReturnType<typeof part>) => data.map((row) => row.line);

test('a part of a preview ends where one of its kinds goes on below', () => {
  const whole = part({ lines: [line(2), line(5)], errors: [error(3)] });
  expect(at(whole)).toEqual([2, 3, 5]);
  expect(whole.pagination).toEqual({ cursor: null, totalCount: 3 });

  const cut = part({ lines: [line(2), line(4)], moreLines: 7, errors: [error(3), error(9)] });
  expect(at(cut)).toEqual([2, 3, 4]);
  expect(cut.pagination).toEqual({ cursor: '4', totalCount: 11 });

  expect(at(part({ lines: [line(2), line(40)], moreLines: 1, errors: [error(3), error(9)], moreErrors: 1 }))).toEqual([
    2, 3, 9,
  ]);
});

test('what is said of the file as a whole is no row', () => {
  expect(at(part({ errors: [error(null)] }))).toEqual([]);
});
