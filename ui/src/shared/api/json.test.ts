import { describe, expect, it } from 'vitest';
import { cut, ExactNumber, jsonLine, jsonText, keepDigits } from '@/shared/api/json';

describe('keepDigits', () => {
  it.each(['9007199254740993', '1.0', '1e5', '0.10000000000000000001', '-0'])('keeps %s as written', (source) => {
    const kept = keepDigits('', Number(source), { source });
    expect(kept).toBeInstanceOf(ExactNumber);
    expect(jsonLine(kept)).toBe(source);
  });

  it.each(['0', '7', '-3.25', '9007199254740991'])('leaves %s a number', (source) => {
    expect(keepDigits('', Number(source), { source })).toBe(Number(source));
  });

  it('leaves everything else, and numbers whose text the browser does not tell', () => {
    expect(keepDigits('', '1.0', { source: '"1.0"' })).toBe('1.0');
    expect(keepDigits('', 1, {})).toBe(1);
    expect(keepDigits('', 1)).toBe(1);
  });
});

describe('jsonText', () => {
  it.each([
    null,
    true,
    '<b>"\\\n',
    12.5,
    [],
    {},
    { a: [1, { b: null }], 'k"ey': 'x', empty: [{}, []] },
    JSON.parse('{"__proto__": 1, "constructor": {"x": []}}') as unknown,
  ])('writes %j as JSON.stringify does, as far as values go', (value) => {
    expect(JSON.parse(jsonText(value))).toEqual(value);
    expect(JSON.parse(jsonLine(value))).toEqual(value);
  });

  it('indents by two', () => {
    expect(jsonText({ a: [1], b: {} })).toBe('{\n  "a": [\n    1\n  ],\n  "b": {}\n}');
  });

  it('writes exact numbers with their digits', () => {
    expect(jsonText({ n: new ExactNumber('9007199254740993') })).toBe('{\n  "n": 9007199254740993\n}');
  });
});

describe('cut', () => {
  it('shortens only what is too long', () => {
    expect(cut('abc', 3)).toBe('abc');
    expect(cut('abcd', 3)).toBe('abc…');
  });
});
