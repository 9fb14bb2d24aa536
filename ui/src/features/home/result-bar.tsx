import { Link } from '@tanstack/react-router';
import type { ListedResult } from '@/shared/api/tests';
import type { Posture } from '@/shared/api/types';
import { count } from '@/shared/format/number';
import classes from '@/features/home/result-bar.module.css';

const ORDER: { result: ListedResult; word: string; of: (tests: Posture['tests']) => number }[] = [
  { result: 'FAILED', word: 'Failed', of: (tests) => tests.failed },
  { result: 'ERROR', word: 'Error', of: (tests) => tests.error },
  { result: 'READY', word: 'Ready', of: (tests) => tests.ready },
  { result: 'PASSED', word: 'Passed', of: (tests) => tests.passed },
];

/** Tests by result: a bar in proportion, and below it the figures, each a link to its tests. */
export function ResultBar({ posture: { tests, records } }: { posture: Posture }) {
  return (
    <section className={classes.results} aria-label="Tests by result">
      <div
        className={classes.bar}
        role="img"
        aria-label={ORDER.map(({ word, of }) => `${count(of(tests))} ${word.toLowerCase()}`).join(', ')}
      >
        {ORDER.map(
          ({ result, of }) =>
            of(tests) > 0 && <span key={result} data-result={result} style={{ flexGrow: of(tests) }} />,
        )}
      </div>
      <ul className={classes.figures}>
        {ORDER.map(({ result, word, of }) => (
          <li key={result}>
            <Link
              to="/tests"
              search={{ result }}
              className={classes.figure}
              data-result={of(tests) > 0 ? result : undefined}
            >
              <span className={classes.number}>{count(of(tests))}</span>
              <span className={classes.word}>{word}</span>
            </Link>
          </li>
        ))}
        <li className={classes.apart}>
          <span className={classes.figure} title="Over all tests: a record that fails two tests counts twice">
            <span className={classes.number}>{count(records.failing)}</span>
            <span className={classes.word}>Failing records</span>
          </span>
        </li>
        <li>
          <Link to="/exclusions" className={classes.figure}>
            <span className={classes.number}>{count(records.excluded)}</span>
            <span className={classes.word}>Excluded records</span>
          </Link>
        </li>
      </ul>
    </section>
  );
}
