import { describe, expect, it } from 'vitest';
import { forEachOf } from '@/features/tests/many';

describe('forEachOf', () => {
  it('does all, a few at once, and goes on after a refusal', async () => {
    const items = Array.from({ length: 20 }, (_, at) => ({ at }));
    let now = 0;
    let most = 0;
    const told: number[] = [];
    const outcomes = await forEachOf(
      items,
      async ({ at }) => {
        most = Math.max(most, ++now);
        await Promise.resolve();
        now--;
        if (at % 7 === 0) throw new Error(`no ${at}`);
      },
      (done) => told.push(done),
    );
    expect(outcomes.map(({ item }) => item)).toEqual(items);
    expect(outcomes.filter(({ error }) => error !== null).map(({ error }) => error?.message)).toEqual([
      'no 0',
      'no 7',
      'no 14',
    ]);
    expect(told).toEqual(items.map(({ at }) => at + 1));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(4);
  });

  it('does nothing with none', async () => {
    expect(
      await forEachOf(
        [],
        () => Promise.reject(new Error('no')),
        () => undefined,
      ),
    ).toEqual([]);
  });
});
