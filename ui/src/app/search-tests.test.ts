import { describe, expect, it } from 'vitest';
import { parseSearch, stringifySearch } from '@/app/search';
import { testSearch, testsSearch } from '@/app/search-tests';

describe('testsSearch', () => {
  it('keeps what the page knows and leaves out the rest', () => {
    expect(
      testsSearch(
        parseSearch('?q=mfa&result=FAILED&state=draft&connectionId=3&sort=failing&sortDir=ASC&other=1&cursor=7'),
      ),
    ).toEqual({
      q: 'mfa',
      result: 'FAILED',
      state: 'draft',
      connectionId: 3,
      sort: 'failing',
      sortDir: 'ASC',
      cursor: '7',
    });
    expect(
      testsSearch(parseSearch('?result=failed&state=x&connectionId=0&sort=q&controlId=1e3&providerType=AWS')),
    ).toEqual({});
  });

  it('reads what it read before', () => {
    const search = { controlId: 12, providerType: 'HRIS' };
    expect(testsSearch(search)).toEqual(search);
    expect(testsSearch(parseSearch(stringifySearch(search)))).toEqual(search);
  });
});

describe('testSearch', () => {
  it.each([
    ['?show=history&days=30&run=5&trigger=PUSH', { show: 'history', days: 30, run: 5, trigger: 'PUSH' }],
    ['?show=versions&from=3&to=draft', { show: 'versions', from: '3', to: 'draft' }],
    ['?q=ann&asOf=2026-01-31&finding=7-1', { q: 'ann', asOf: '2026-01-31', finding: '7-1' }],
    ['?show=all&days=31&run=x&trigger=push&from=03&to=drafts&asOf=yesterday', {}],
  ])('%s', (query, search) => {
    expect(testSearch(parseSearch(query))).toEqual(search);
    expect(testSearch(testSearch(parseSearch(query)))).toEqual(search);
  });
});
