import { expect, it } from 'vitest';
import { judgedFigures } from '@/shared/format/judged';

it('calls no record failing of which only the number counts', () => {
  expect(judgedFigures({ passing: 2, failing: 1 })).toEqual([
    ['Passing', 2],
    ['Failing', 1],
  ]);
  expect(judgedFigures({ passing: 0, failing: 0, satisfying: 3, notSatisfying: 4 })).toEqual([
    ['Satisfying', 3],
    ['Not satisfying', 4],
  ]);
  expect(judgedFigures({ passing: 2, failing: 0, satisfying: 3, notSatisfying: 4 }).map(([word]) => word)).toEqual([
    'Passing',
    'Failing',
    'Satisfying',
    'Not satisfying',
  ]);
});
