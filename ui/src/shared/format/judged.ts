/** Records by verdict, in the server's figures. */
export type Judged = { passing: number; failing: number; satisfying?: number; notSatisfying?: number };

/**
 * What to call the figures of a test. Where a number of records is asserted no
 * single one of them passes or fails.
 */
export function judgedFigures(counts: Judged): [word: string, value: number][] {
  const each: [string, number][] = [
    ['Passing', counts.passing],
    ['Failing', counts.failing],
  ];
  if (counts.satisfying === undefined) return each;
  const together: [string, number][] = [
    ['Satisfying', counts.satisfying],
    ['Not satisfying', counts.notSatisfying ?? 0],
  ];
  return counts.passing > 0 || counts.failing > 0 ? [...each, ...together] : together;
}
