import { describe, expect, it } from 'vitest';
import { draftOfRows, draftOfText, rowsOf, selectorOf } from '@/features/exclusions/selector';

const leaf = { fact: 'team', operator: 'equal', value: 'ops' };

describe('a selector in a form', () => {
  it('is complete when every row is', () => {
    expect(draftOfRows('all', [leaf]).selector).toEqual({ all: [leaf] });
    expect(draftOfRows('any', [leaf, { ...leaf, path: '$.a', value: 0 }]).selector).toEqual({
      any: [leaf, { ...leaf, path: '$.a', value: 0 }],
    });
    for (const value of [undefined, '', []]) {
      expect(draftOfRows('all', [leaf, { ...leaf, value }]).selector).toBeUndefined();
    }
    expect(draftOfRows('all', [{}]).selector).toBeUndefined();
  });

  it('shows what it can and leaves the rest to JSON', () => {
    expect(rowsOf({ any: [leaf] })).toEqual({ join: 'any', rows: [leaf] });
    expect(selectorOf({ all: [leaf] }).mode).toBe('rows');
    for (const selector of [
      {},
      { all: [] },
      { not: leaf },
      { all: [{ any: [leaf] }] },
      { all: [{ ...leaf, priority: 1 }] },
      { all: [{ ...leaf, value: { fact: 'other' } }] },
      { all: [leaf], name: 'x' },
    ]) {
      expect(rowsOf(selector)).toBeUndefined();
      expect(selectorOf(selector)).toMatchObject({ mode: 'text', selector });
    }
  });

  it('reads JSON as it is typed', () => {
    expect(draftOfText('{"all":[]}')).toMatchObject({ selector: { all: [] }, fault: null });
    expect(draftOfText('{"all":').selector).toBeUndefined();
    expect(draftOfText('[]')).toMatchObject({ fault: 'It must be an object with all, any or not.' });
  });
});
