import { Link } from '@tanstack/react-router';
import type { ListedResult } from '@/shared/api/tests';
import type { Totals } from '@/features/overview/figures';
import { count } from '@/shared/format/number';
import classes from '@/features/overview/result-bar.module.css';

const ORDER: { result: ListedResult; word: string }[] = [
  { result: 'FAILED', word: 'Failed' },
  { result: 'ERROR', word: 'Error' },
  { result: 'READY', word: 'Ready' },
  { result: 'PASSED', word: 'Passed' },
];

/** Tests by result: a bar in proportion, and below it the figures, each a link to its tests. */
export function ResultBar({ totals }: { totals: Totals }) {
  const all = ORDER.reduce((sum, { result }) => sum + totals[result], 0);
  return (
    <section className={classes.results} aria-label="Tests by result">
      <div
        className={classes.bar}
        role="img"
        aria-label={ORDER.map(({ result, word }) => `${count(totals[result])} ${word.toLowerCase()}`).join(', ')}
      >
        {ORDER.map(
          ({ result }) =>
            totals[result] > 0 && <span key={result} data-result={result} style={{ flexGrow: totals[result] }} />,
        )}
      </div>
      <ul className={classes.figures}>
        {ORDER.map(({ result, word }) => (
          <li key={result}>
            <Link
              to="/tests"
              search={{ result }}
              className={classes.figure}
              data-result={totals[result] > 0 ? result : undefined}
            >
              <span className={classes.number}>{count(totals[result])}</span>
              <span className={classes.word}>{word}</span>
            </Link>
          </li>
        ))}
        <li>
          <Link to="/tests" className={classes.figure}>
            <span className={classes.number}>{count(all)}</span>
            <span className={classes.word}>All tests</span>
          </Link>
        </li>
      </ul>
    </section>
  );
}
