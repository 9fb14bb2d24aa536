import { describe, expect, it } from 'vitest';
import { idOf, parseSearch, resourceSearch, stringifySearch, workspaceSearch } from '@/app/search';

describe('the query of the address', () => {
  it.each(['123', '9007199254740993', 'a b&c=d', 'ü/%2F', '{"a":1}', 'true'])('keeps the text %j', (cursor) => {
    expect(parseSearch(stringifySearch({ cursor }))).toEqual({ cursor });
  });

  it('leaves out what is absent', () => {
    expect(stringifySearch({ cursor: undefined })).toBe('');
    expect(stringifySearch({ workspace: 2, cursor: undefined })).toBe('?workspace=2');
  });
});

describe('idOf', () => {
  it.each([
    ['1', 1],
    ['42', 42],
    ['0', NaN],
    ['-1', NaN],
    ['1.5', NaN],
    ['1e3', NaN],
    ['', NaN],
    ['x', NaN],
    ['12345678901234567', NaN],
  ])('%j is %d', (text, id) => {
    expect(idOf(text)).toBe(id);
  });
});

describe('what a page takes from the query', () => {
  it('takes a workspace by its number, read before or not', () => {
    expect(workspaceSearch({ workspace: '2' })).toEqual({ workspace: 2 });
    expect(workspaceSearch({ workspace: 2 })).toEqual({ workspace: 2 });
    expect(workspaceSearch({ workspace: 'two' })).toEqual({});
  });

  it('takes an order that the server has', () => {
    expect(resourceSearch({ sort: 'updatedAt', sortDir: 'ASC', record: '007' })).toEqual({
      sort: 'updatedAt',
      sortDir: 'ASC',
      record: '007',
    });
    expect(resourceSearch({ sort: 'name', sortDir: 'up' })).toEqual({});
  });
});
