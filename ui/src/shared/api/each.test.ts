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

  it('does a few at once, and tells how many are over', async () => {
    const items = Array.from({ length: 20 }, (_, at) => at);
    let now = 0;
    let most = 0;
    const told: number[] = [];
    const outcome = await each(
      items,
      async (at) => {
        most = Math.max(most, ++now);
        await Promise.resolve();
        now--;
        if (at % 7 === 0) throw new Error(`no ${at}`);
      },
      (over) => told.push(over),
    );
    expect(outcome.done).toEqual(items.filter((at) => at % 7 !== 0));
    expect(outcome.refused.map(({ error }) => error.message)).toEqual(['no 0', 'no 7', 'no 14']);
    expect(told).toEqual(items.map((at) => at + 1));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('is silent when all went well, and with none', async () => {
    for (const items of [['a'], []]) {
      const outcome = await each(items, () => Promise.resolve());
      expect(outcome).toEqual({ done: items, refused: [] });
      expect(() => {
        unlessRefused(outcome, String);
      }).not.toThrow();
    }
  });
});
