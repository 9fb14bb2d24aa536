import { expect, test } from 'vitest';
import { csvOf } from '@/shared/format/csv';

test('a file for spreadsheets has no formula and no broken cell', async () => {
  const text = await csvOf([
    ['line', 'message'],
    ['7', '=1+1'],
    ['', 'say "no", twice\nat least'],
  ]).text();
  expect(text.replace('\ufeff', '')).toBe('"line","message"\r\n"7","\'=1+1"\r\n"","say ""no"", twice\nat least"\r\n');
});
