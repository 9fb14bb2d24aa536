import { expect, it } from 'vitest';
import { reasonInWords } from '@/shared/ui/result-chip';

it.each([
  [null, null],
  [undefined, null],
  ['', null],
  ['NO_DATA', 'no records in scope'],
  ['RULE_ERROR,STALE', 'rule cannot be evaluated, data is older than its limit'],
  ['SOMETHING_NEW', 'SOMETHING_NEW'],
])('the reason %j reads %j', (reason, words) => {
  expect(reasonInWords(reason)).toBe(words);
});
