import { describe, expect, it } from 'vitest';
import { ExactNumber } from '@/shared/api/json';
import type { Operator } from '@/shared/api/rules';
import type { Attribute } from '@/shared/api/types';
import { edited } from '@/features/builder/findings-of';
import { beginning, carriedValue, offer, offerElement, recordPath, valueKind } from '@/features/builder/scope';

function attribute(name: string, more: Partial<Attribute> = {}): Attribute {
  return {
    name,
    own: { fact: name },
    from: { fact: name },
    pointer: `/${name}`,
    types: ['string'],
    declared: true,
    required: false,
    enum: [],
    present: 1,
    nulls: 0,
    values: [],
    operators: ['equal', 'in', 'exists'],
    children: [],
    ...more,
  };
}

function operator(name: string, input: Operator['input'], more: Partial<Operator> = {}): Operator {
  return {
    name,
    group: '',
    words: name,
    phrase: name,
    valueType: 'any',
    input,
    reference: true,
    factTypes: [],
    help: '',
    example: {},
    passes: {},
    fails: {},
    ...more,
  };
}

const operators = new Map(
  [operator('equal', 'one'), operator('in', 'list'), operator('exists', 'choice'), operator('all', 'condition')].map(
    (each) => [each.name, each],
  ),
);

describe('the path from a record', () => {
  it.each([
    ['/email', 'email'],
    ['/profile/team', 'profile.team'],
    ['/größe', 'größe'],
    ['/a.b', "$['a.b']"],
    ['/profile/it~1s', "$['profile']['it/s']"],
    ["/o'clock", "$['o\\'clock']"],
    ['/back\\slash', "$['back\\\\slash']"],
    ['/', "$['']"],
    ['/$', "$['$']"],
    ['/9lives', "$['9lives']"],
    ['/line\nbreak', "$['line\\u000abreak']"],
    ['/disks/*/id', "$['disks'][*]['id']"],
  ])('%j is %j', (pointer, path) => {
    expect(recordPath(attribute('x', { pointer }))).toBe(path);
  });
});

describe('what is offered', () => {
  it('names what is in an object after it', () => {
    const team = attribute('team', { own: { fact: 'profile', path: 'team' } });
    const offered = offer([attribute('profile', { types: ['object'], children: [team] }), attribute('')]);
    expect(offered.map(({ label, depth }) => [label, depth])).toEqual([
      ['profile', 0],
      ['profile › team', 1],
      ['""', 0],
    ]);
  });

  it('offers the element itself where it can be compared', () => {
    const elements = attribute('', { own: { fact: '$' } });
    expect(offerElement(attribute('tags', { types: ['array'], elements })).map(({ label }) => label)).toEqual([
      'the element itself',
    ]);
    const objects = attribute('', { own: { fact: '$' }, types: ['object'], children: [attribute('id')] });
    expect(offerElement(attribute('disks', { types: ['array'], elements: objects })).map(({ label }) => label)).toEqual(
      ['id'],
    );
  });
});

describe('a condition that begins', () => {
  it('asks what an attribute can answer', () => {
    expect(beginning(attribute('mfa', { types: ['boolean'] }), operators)).toEqual({ operator: 'equal', value: true });
    expect(beginning(attribute('name'), operators)).toEqual({ operator: 'equal' });
    const elements = attribute('', { types: ['object'], children: [attribute('id')] });
    const list = attribute('disks', { types: ['array'], elements, operators: ['exists', 'all'] });
    expect(beginning(list, operators)).toEqual({ operator: 'all', value: { all: [{}] } });
  });

  it('keeps a value that the next operator can use', () => {
    const [one, list, choice] = ['equal', 'in', 'exists'].map((name) => operators.get(name));
    if (one === undefined || list === undefined || choice === undefined) throw new Error('an operator is missing');
    expect(carriedValue('a', one, list, attribute('x'))).toEqual(['a']);
    expect(carriedValue(['a'], list, one, attribute('x'))).toBe('a');
    expect(carriedValue(['a', 'b'], list, one, attribute('x'))).toBeUndefined();
    expect(carriedValue(true, choice, list, attribute('x'))).toBeUndefined();
    expect(carriedValue({ fact: 'y' }, one, list, attribute('x'))).toEqual({ fact: 'y' });
  });
});

it.each([
  ['a', 'text'],
  [1, 'number'],
  [new ExactNumber('1.0'), 'number'],
  [null, 'nothing'],
  [false, 'truth'],
  [[], 'list'],
  [['a', 'b'], 'list'],
  [[1, new ExactNumber('1.0')], 'list'],
  [['a', 1], 'json'],
  [[[]], 'json'],
  [{ fact: 'a' }, 'reference'],
  [{ fact: 'a', path: 'b' }, 'reference'],
  [{ fact: 'a', operator: 'equal', value: 1 }, 'json'],
])('the value %j is %s', (value, kind) => {
  expect(valueKind(value)).toBe(kind);
});

it('applies edits whose places are those before any of them', () => {
  expect(
    edited('one two three', [
      { from: 0, to: 3, text: '1' },
      { from: 8, to: 13, text: '3' },
    ]),
  ).toBe('1 two 3');
});
