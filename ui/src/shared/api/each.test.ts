import { describe, expect, it } from 'vitest';
import { each, unlessRefused } from '@/shared/api/each';

describe('each', () => {
  it('goes on after a refusal, and tells all of them', async () => {
    const outcome = await each([1, 2, 3, 4], (n) =>
      n % 2 === 0 ? Promise.reject(new Error(`no ${n}`)) : Promise.resolve(),
    );
    expect(outcome.done).toEqual([1, 3]);
    expect(outcome.refused.map(({ item }) => item)).toEqual([2, 4]);
    expect(() => {
      unlessRefused(outcome, String);
    }).toThrow('2 done; refused: 2: no 2 (and 1 more)');
  });

  it('is silent when all went well', async () => {
    const outcome = await each(['a'], () => Promise.resolve());
    expect(() => {
      unlessRefused(outcome, String);
    }).not.toThrow();
  });
});
