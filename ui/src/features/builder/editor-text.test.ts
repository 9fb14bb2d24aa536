import { describe, expect, it } from 'vitest';
import type { RuleLanguage } from '@/shared/api/editing';
import { changeBetween, helpFor, samePlace, sentenceParts, summary } from '@/features/builder/editor-text';

describe('changeBetween', () => {
  it('is nothing between equal texts', () => {
    expect(changeBetween('{"a":1}', '{"a":1}')).toBeUndefined();
  });

  it('is the part that differs', () => {
    expect(changeBetween('{"a":1}', '{"a":22}')).toEqual({ from: 5, to: 6, insert: '22' });
    expect(changeBetween('aaa', 'aa')).toEqual({ from: 2, to: 3, insert: '' });
    expect(changeBetween('', 'x')).toEqual({ from: 0, to: 0, insert: 'x' });
  });

  it('makes one text of the other, whatever they are', () => {
    const marks = ['a', 'b', '\n', '😀', '😁', ' '];
    const random = (seed: number) => {
      let state = seed;
      return Array.from({ length: seed % 9 }, () => {
        state = (state * 48271) % 2147483647;
        return marks[state % marks.length] ?? '';
      }).join('');
    };
    for (let seed = 1; seed < 400; seed += 1) {
      const before = random(seed);
      const after = random(seed * 7 + 3);
      const change = changeBetween(before, after);
      if (change === undefined) {
        expect(before).toBe(after);
        continue;
      }
      expect(before.slice(0, change.from) + change.insert + before.slice(change.to)).toBe(after);
      expect(() => encodeURIComponent(change.insert)).not.toThrow();
    }
  });
});

describe('samePlace', () => {
  it('finds the same character between other white space', () => {
    const before = '{"all":[1,2]}';
    const after = '{\n  "all": [\n    1,\n    2\n  ]\n}\n';
    expect(after.slice(samePlace(before, before.indexOf('2'), after))).toBe('2\n  ]\n}\n');
    expect(samePlace(before, 0, after)).toBe(0);
    expect(samePlace(before, before.length, after)).toBe(after.length);
  });
});

describe('helpFor', () => {
  const language = {
    operators: [{ name: 'equal', words: 'is', help: 'Same type and value.' }],
    decorators: [{ name: 'not', words: 'not', help: 'The rest is not true.' }],
  } as unknown as RuleLanguage;

  it('tells of decorators and the operator', () => {
    expect(helpFor(language, 'not:equal').map(({ name }) => name)).toEqual(['not:', 'equal']);
  });

  it('has nothing to say of what is not of the language', () => {
    expect(helpFor(language, 'nope')).toEqual([]);
    expect(helpFor(undefined, 'equal')).toEqual([]);
  });
});

describe('summary', () => {
  it('counts in words', () => {
    expect(summary([])).toBe('No problems');
    expect(summary(['error', 'warning', 'warning', 'info'])).toBe('1 error, 2 warnings, 1 note');
  });
});

describe('sentenceParts', () => {
  it('tells names from words', () => {
    expect(sentenceParts('unknown operator `equals`')).toEqual([
      { text: 'Unknown operator ', code: false },
      { text: 'equals', code: true },
    ]);
    expect(sentenceParts('`mfa` is boolean')).toEqual([
      { text: 'mfa', code: true },
      { text: ' is boolean', code: false },
    ]);
  });
});
