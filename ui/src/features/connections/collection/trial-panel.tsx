import type { Trial } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { jsonText } from '@/shared/api/json';
import { Panel } from '@/shared/ui/page';
import { counts, STEPS } from '@/features/connections/collection/words';
import classes from '@/features/connections/collection/collection.module.css';
import chip from '@/shared/ui/result-chip.module.css';

/** What came of trying a recipe: its steps, the first records, and what the schema says of each. */
export function TrialPanel({ trial }: { trial: Trial }) {
  const refused = trial.records.filter(({ accepted }) => !accepted).length;
  const failed = trial.steps.some(({ status }) => status === 'FAILED');
  return (
    <Panel title="What a try gave" aside="Nothing was written">
      <div role="status" aria-label="Outcome of the try">
        <ol className={classes.steps}>
          {trial.steps.map((step) => (
            <li key={step.name}>
              <span>
                <Chip look={step.status === 'FAILED' ? 'FAILED' : 'PASSED'} word={STEPS[step.name]} />
              </span>
              <div>
                <span className={classes.counts}>{counts(step.counts)}</span>
                {step.error !== undefined && <p>{step.error.message}</p>}
              </div>
            </li>
          ))}
        </ol>
        <p className={classes.padded}>
          {trial.records.length === 0
            ? failed
              ? 'No record came.'
              : 'The system answered, and had no records.'
            : `${trial.more ? 'The first ' : ''}${counted(trial.records.length, 'record')}${
                refused === 0
                  ? ', as they would be stored. The schema takes all of them.'
                  : `. The schema refuses ${refused} of them: a run would end there and keep the old records.`
              }`}
        </p>
      </div>
      <ul className={classes.records} aria-label="Records of the try">
        {trial.records.map((record, at) => (
          <li key={at}>
            <Chip look={record.accepted ? 'PASSED' : 'FAILED'} word={record.accepted ? (record.id ?? '') : 'Refused'} />
            {record.error !== null && <p className={classes.note}>{record.error}</p>}
            <pre className={classes.record}>{jsonText(record.data)}</pre>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

export function Chip({ look, word }: { look: string; word: string }) {
  return (
    <span className={chip.chip} data-result={look}>
      <span className={chip.dot} aria-hidden />
      {word}
    </span>
  );
}
