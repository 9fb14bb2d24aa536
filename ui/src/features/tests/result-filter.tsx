import { Link } from '@tanstack/react-router';
import type { ListedResult } from '@/shared/api/tests';
import type { TestList } from '@/shared/api/types';
import { count } from '@/shared/format/number';
import classes from '@/features/tests/result-filter.module.css';

const ORDER: { result: ListedResult; word: string }[] = [
  { result: 'FAILED', word: 'Failed' },
  { result: 'ERROR', word: 'Error' },
  { result: 'READY', word: 'Ready' },
  { result: 'PASSED', word: 'Passed' },
];

/** How many tests there are of each result, in proportion; each part is a link that narrows the list to it. */
export function ResultFilter({
  counts,
  result,
}: {
  counts: TestList['resultCounts'];
  result: ListedResult | undefined;
}) {
  const of = (each: ListedResult) => counts?.[each] ?? 0;
  const all = ORDER.reduce((sum, each) => sum + of(each.result), 0);
  const choices: { result: ListedResult | undefined; word: string; tests: number }[] = [
    { result: undefined, word: 'All', tests: all },
    ...ORDER.map((each) => ({ ...each, tests: of(each.result) })),
  ];
  return (
    <nav className={classes.results} aria-label="Tests by result">
      <div className={classes.bar} aria-hidden>
        {ORDER.map(
          (each) =>
            of(each.result) > 0 && (
              <span key={each.result} data-result={each.result} style={{ flexGrow: of(each.result) }} />
            ),
        )}
      </div>
      <ul className={classes.choices}>
        {choices.map((choice) => (
          <li key={choice.word}>
            <Link
              from="/tests"
              to="."
              search={(search) => ({ ...search, result: choice.result, cursor: undefined })}
              className={classes.choice}
              activeOptions={{ exact: true, explicitUndefined: true }}
              aria-current={choice.result === result ? 'page' : undefined}
              data-current={choice.result === result || undefined}
              data-result={choice.tests > 0 ? choice.result : undefined}
            >
              <span className={classes.number}>{counts === undefined ? '–' : count(choice.tests)}</span> {choice.word}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
