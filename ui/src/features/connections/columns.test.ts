import { describe, expect, it } from 'vitest';
import { cellText, recordName, schemaColumns } from '@/features/connections/columns';
import { ExactNumber } from '@/shared/api/json';

describe('schemaColumns', () => {
  it('names the properties of the schema without the display name', () => {
    const schema = { type: 'object', properties: { id: {}, email: {}, mfa: {} } };
    expect(schemaColumns(schema, 'email')).toEqual(['id', 'mfa']);
  });

  it('stops where a table stops being one', () => {
    const properties = Object.fromEntries(Array.from({ length: 500 }, (_, at) => [`p${at}`, {}]));
    expect(schemaColumns({ properties }, 'p0')).toHaveLength(30);
  });

  it.each([null, true, {}, { properties: [] }, { properties: null }])('finds none in %j', (schema) => {
    expect(schemaColumns(schema, 'id')).toEqual([]);
  });
});

describe('recordName', () => {
  it.each([
    [{ name: 'Ada' }, 'Ada'],
    [{ name: 7 }, '7'],
    [{ name: new ExactNumber('9007199254740993') }, '9007199254740993'],
    [{ name: ' ' }, 'r1'],
    [{ name: null }, 'r1'],
    [{ name: { a: 1 } }, 'r1'],
    [{}, 'r1'],
    [null, 'r1'],
  ])('%j is called %s', (attributes, name) => {
    expect(recordName({ id: 'r1', attributes }, 'name')).toBe(name);
  });
});

describe('cellText', () => {
  it.each([
    ['text', 'text'],
    [false, 'false'],
    [null, 'null'],
    [['a', 1], '["a", 1]'],
    [{ team: 'x' }, '{"team": "x"}'],
    ['x'.repeat(1_000), `${'x'.repeat(300)}…`],
  ])('%j', (value, text) => {
    expect(cellText({ value }, 'value')).toBe(text);
  });

  it('is empty for an attribute that the record does not have', () => {
    expect(cellText({}, 'value')).toBe('');
  });
});
