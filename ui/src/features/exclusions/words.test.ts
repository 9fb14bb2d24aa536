import { describe, expect, it } from 'vitest';
import { exclusionName, namedExclusion, webAddress } from '@/features/exclusions/words';

describe('webAddress', () => {
  it.each([
    ['https://t.example/1', 'https://t.example/1'],
    ['http://t.example', 'http://t.example/'],
    ['javascript:alert(1)', undefined],
    ['JaVaScRiPt:alert(1)', undefined],
    ['data:text/html,x', undefined],
    ['//t.example', undefined],
    ['JIRA-12', undefined],
    ['', undefined],
    [null, undefined],
  ])('%j is %j', (text, address) => {
    expect(webAddress(text)).toBe(address);
  });
});

describe('the name of an exclusion in the address', () => {
  it('comes back', () => {
    expect(namedExclusion(exclusionName({ testId: 3, id: 17 }))).toEqual({ testId: 3, exclusionId: 17 });
  });

  it.each([undefined, '', '3', '3.', '.1', '3.1.2', '0.1', '3.x', '-3.1'])('%j is none', (name) => {
    expect(namedExclusion(name)).toBeUndefined();
  });
});
