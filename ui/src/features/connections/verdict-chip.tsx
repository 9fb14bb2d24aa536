import type { RecordVerdicts } from '@/shared/api/types';
import classes from '@/shared/ui/result-chip.module.css';

type State = RecordVerdicts['verdicts'][number]['state'];

const LOOKS: Record<State, { look: string; word: string }> = {
  pass: { look: 'PASSED', word: 'Passes' },
  fail: { look: 'FAILED', word: 'Fails' },
  error: { look: 'ERROR', word: 'Error' },
  satisfied: { look: 'READY', word: 'Satisfies it' },
  notSatisfied: { look: 'READY', word: 'Does not satisfy it' },
  outOfScope: { look: 'READY', word: 'Out of scope' },
  notEvaluated: { look: 'READY', word: 'Not evaluated yet' },
};

/** What a test says of one record, as the server does. */
export function VerdictChip({ state, excluded }: { state: State; excluded: boolean }) {
  const { look, word } = LOOKS[state];
  return (
    <span className={classes.chip} data-result={excluded ? 'READY' : look}>
      <span className={classes.dot} aria-hidden />
      {word}
      {excluded && <span className={classes.reason}>excluded</span>}
    </span>
  );
}
