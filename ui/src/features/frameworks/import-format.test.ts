import { expect, it } from 'vitest';
import { formatOf } from '@/features/frameworks/import-format';

it.each([
  ['a.CSV', '{"catalog":{}}', 'csv'],
  ['a.json', 'code,name', 'oscal'],
  ['a.txt', '\n {"catalog":{}}', 'oscal'],
  ['a', 'code,name', 'csv'],
  ['', '', 'csv'],
])('%s that begins with %j is %s', (name, text, format) => {
  expect(formatOf(name, text)).toBe(format);
});
