import { describe, expect, it } from 'vitest';
import { drawnSeries, percent } from '@/shared/ui/trend-series';

const day = { day: '2026-06-15', passing: 3, failing: 0, excluded: 0, errors: 0 };

describe('drawnSeries', () => {
  it('has passing and failing always, the others where some day has them', () => {
    expect(drawnSeries([])).toEqual(['failing', 'passing']);
    expect(drawnSeries([day, { ...day, excluded: 1 }])).toEqual(['failing', 'excluded', 'passing']);
    expect(drawnSeries([{ ...day, passRate: null }])).toEqual(['failing', 'passing']);
    const number = { ...day, passing: 0, satisfying: 2, notSatisfying: 1 };
    expect(drawnSeries([number])).toEqual(['notSatisfying', 'satisfying']);
    expect(drawnSeries([number, day])).toEqual(['passing', 'notSatisfying', 'satisfying']);
    expect(drawnSeries([{ ...day, errors: 2, passRate: 0 }])).toEqual(['failing', 'errors', 'passing', 'passRate']);
  });
});

describe('percent', () => {
  it.each([
    [100, '100 %'],
    [99.99999, '99.9 %'],
    [66.666, '66.7 %'],
    [0, '0 %'],
    [null, '–'],
  ])('%s is "%s"', (value, text) => {
    expect(percent(value)).toBe(text);
  });
});
