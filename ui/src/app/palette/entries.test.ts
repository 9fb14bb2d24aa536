import { describe, expect, it } from 'vitest';
import { type Entry, entryOf, hrefOf, narrowed } from '@/app/palette/entries';
import { withVisit } from '@/app/palette/recent';

describe('hits', () => {
  it.each([
    [{ kind: 'test', title: 't', id: 4, testId: 4 }, '/tests/4'],
    [{ kind: 'control', title: 't', id: 7, code: 'C-1' }, '/controls/7'],
    [{ kind: 'requirement', title: 't', id: 9, frameworkId: 2 }, '/frameworks/2'],
    [{ kind: 'person', title: 't', id: 12 }, '/personnel/12'],
    [
      { kind: 'record', title: 't', connectionId: 1, resourceId: 2, recordId: 'a/b?c=1&d' },
      '/connections/1/resources/2?record=a%2Fb%3Fc%3D1%26d',
    ],
  ] as const)('%j lead to %s', (hit, href) => {
    expect(hrefOf(hit)).toBe(href);
  });

  it('show the code, and the id of a record that has a name', () => {
    expect(entryOf({ kind: 'control', title: 'Sign-in', id: 7, code: 'C-1' }).word).toBe('C-1 Sign-in');
    const person = { kind: 'person', title: 'Ada', code: 'ada@example.com', id: 3, detail: 'Cook' } as const;
    expect(entryOf(person)).toMatchObject({ word: 'Ada', detail: 'ada@example.com · Cook' });
    const record = { kind: 'record', title: 'ann', recordId: 'u-1', detail: 'People' } as const;
    expect(entryOf(record).detail).toBe('u-1 · People');
    expect(entryOf({ ...record, title: 'u-1' }).detail).toBe('People');
  });
});

describe('narrowed', () => {
  const entry = (word: string, also?: string): Entry => ({ id: word, group: 'x', word, also, go: { href: '/' } });
  const all = [entry('New connection', 'create'), entry('Connections'), entry('Home')];
  it.each([
    ['', ['New connection', 'Connections', 'Home']],
    ['conn new', ['New connection']],
    ['CREATE', ['New connection']],
    ['zzz', []],
  ])('%j', (text, words) => {
    expect(narrowed(all, text).map(({ word }) => word)).toEqual(words);
  });
});

describe('withVisit', () => {
  it('has a page once, the last one first, and six at most', () => {
    let visits = withVisit([], { title: 'a', href: '/a?x=1' });
    visits = withVisit(visits, { title: 'b', href: '/b' });
    visits = withVisit(visits, { title: 'a2', href: '/a?x=2' });
    expect(visits.map(({ title }) => title)).toEqual(['a2', 'b']);
    for (let at = 0; at < 9; at += 1) visits = withVisit(visits, { title: String(at), href: `/${at}` });
    expect(visits.map(({ title }) => title)).toEqual(['8', '7', '6', '5', '4', '3']);
  });
});
