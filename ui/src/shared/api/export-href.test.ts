import { expect, it } from 'vitest';
import { exportHref } from '@/shared/api/export-href';

it.each([
  [{}, 'format=csv'],
  [{ cursor: 'x', size: 50, includeTotalCount: true, format: 'json' }, 'format=csv'],
  [
    { sort: 'updatedAt', q: 'a&b=ü', enabled: false, page: 0 },
    'sort=updatedAt&q=a%26b%3D%C3%BC&enabled=false&page=0&format=csv',
  ],
  [
    { 'expand[]': ['controls', 'plan'], q: '', owner: undefined, by: null },
    'expand%5B%5D=controls&expand%5B%5D=plan&format=csv',
  ],
])('the query %j becomes %s', (query, want) => {
  expect(exportHref('/public/v2/events', query, 'csv')).toBe(`/public/v2/events?${want}`);
});
