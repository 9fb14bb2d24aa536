import { count } from '@/shared/format/number';

/** What was so on a day, in the server's figures. */
export type DayCounts = {
  /** As YYYY-MM-DD. */
  day: string;
  passing: number;
  failing: number;
  excluded: number;
  errors: number;
  /** Of the records whose number is asserted; undefined where none is. */
  satisfying?: number | undefined;
  notSatisfying?: number | undefined;
  /** In percent; null on a day that had nothing to pass. */
  passRate?: number | null;
};

export type SeriesName = Exclude<keyof DayCounts, 'day'>;

export type SeriesWords = Partial<Record<SeriesName, string>>;

type Series = { word: string; color: string; say: (value: number | null | undefined) => string };

const say = (value: number | null | undefined) => (typeof value === 'number' ? count(value) : '–');

export function percent(value: number | null | undefined): string {
  if (typeof value !== 'number') return '–';
  // 99.96 is not all of them.
  const shown = value < 100 ? Math.min(value, 99.9) : value;
  return `${shown.toLocaleString('en', { maximumFractionDigits: 1 })} %`;
}

// From the ground up: what is wrong stands on the line, where its shape is seen.
export const SERIES: Record<SeriesName, Series> = {
  failing: { word: 'Failing', color: 'var(--pl-fail)', say },
  errors: { word: 'Errors', color: 'var(--pl-error)', say },
  excluded: { word: 'Excluded', color: 'var(--pl-ready)', say },
  passing: { word: 'Passing', color: 'var(--pl-pass)', say },
  notSatisfying: { word: 'Not satisfying', color: 'var(--mantine-color-gray-5)', say },
  satisfying: { word: 'Satisfying', color: 'var(--mantine-color-anchor)', say },
  passRate: { word: 'Pass rate', color: 'var(--mantine-color-anchor)', say: percent },
};

const NAMES = Object.keys(SERIES) as SeriesName[];

/** The parts that some day has; passing and failing are always among them, unless only numbers of records are asserted. */
export function drawnSeries(days: readonly DayCounts[]): SeriesName[] {
  const has = (name: SeriesName) =>
    days.some((day) => (name === 'passRate' ? typeof day.passRate === 'number' : (day[name] ?? 0) > 0));
  const numbers = days.some((day) => day.satisfying !== undefined);
  return NAMES.filter((name) => has(name) || (!numbers && (name === 'passing' || name === 'failing')));
}
