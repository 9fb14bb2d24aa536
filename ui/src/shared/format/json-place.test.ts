import { describe, expect, it } from 'vitest';
import { rangeOf } from '@/shared/format/json-place';

const text = `{
  "a/b": [1, {"x": "y\\"}"}, true],
  "properties": {"n": {"type": "text"}}
}`;

const at = (pointer: string) => {
  const { from, to } = rangeOf(text, pointer);
  return text.slice(from, to);
};

describe('the place of a JSON pointer', () => {
  it('is the text of its value', () => {
    expect(at('/properties/n/type')).toBe('"text"');
    expect(at('/a~1b/1/x')).toBe('"y\\"}"');
    expect(at('/a~1b/2')).toBe('true');
    expect(at('/a~1b/1')).toBe('{"x": "y\\"}"}');
    expect(at('')).toBe(text);
  });

  it('is the nearest value around one that is not there', () => {
    expect(at('/properties/n/format')).toBe('{"type": "text"}');
    expect(at('/nothing/here')).toBe(text);
  });

  it('ends on any text', () => {
    for (const broken of ['', '{', '{"a', '{"a":', '[1,', '{"a":1,,', '{]}', '[[[', 'null']) {
      expect(rangeOf(broken, '/a/b/0').to).toBeLessThanOrEqual(broken.length);
      expect(rangeOf(broken, '/1').to).toBeLessThanOrEqual(broken.length);
    }
  });
});
