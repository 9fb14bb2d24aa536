import { IconCheck, IconCircleDashed, IconLoader2, IconMinus, IconX, type Icon } from '@tabler/icons-react';
import type { SyncStep } from '@/shared/api/sync-runs';
import type { SyncRun } from '@/shared/api/types';
import { count } from '@/shared/format/number';
import { duration } from '@/shared/format/time';
import { Rows } from '@/shared/ui/table';
import { STEP_WORDS } from '@/features/connections/step-words';
import classes from '@/features/connections/sync-steps.module.css';

const STATES: Record<SyncStep['status'], { word: string; icon: Icon }> = {
  PENDING: { word: 'waits', icon: IconCircleDashed },
  RUNNING: { word: 'goes on', icon: IconLoader2 },
  COMPLETED: { word: 'completed', icon: IconCheck },
  FAILED: { word: 'failed', icon: IconX },
  SKIPPED: { word: 'skipped', icon: IconMinus },
};

const ORDER = ['received', 'accepted', 'rejected', 'records', 'created', 'updated', 'unchanged', 'deleted'];

/** What is not named there comes last. */
const place = (name: string) => (ORDER.includes(name) ? ORDER.indexOf(name) : ORDER.length);

/** The steps of a sync run as a chain, with how long each took and what it counted; below it what failed. */
export function SyncSteps({ run }: { run: SyncRun }) {
  const failed = run.steps.filter((step) => step.error !== undefined);
  return (
    <>
      <ol className={classes.chain} aria-label="Steps">
        {run.steps.map((step) => (
          <Step key={step.name} step={step} />
        ))}
      </ol>
      {failed.map((step) => (
        <Failed key={step.name} step={step} />
      ))}
    </>
  );
}

function Step({ step }: { step: SyncStep }) {
  const { word, does } = STEP_WORDS[step.name];
  const state = STATES[step.status];
  const took = duration(step.startedAt, step.endedAt);
  return (
    <li className={classes.step} data-status={step.status} title={`${word}: ${does}`}>
      <span className={classes.mark}>
        <state.icon size={14} stroke={2.4} aria-hidden />
      </span>
      <span className={classes.name}>{word}</span>
      <span className={classes.meta}>
        {state.word}
        {step.status === 'COMPLETED' && took !== null && took !== '0 ms' && ` in ${took}`}
      </span>
      <ul className={classes.counts}>
        {Object.entries(step.counts)
          .filter(([, n]) => n > 0)
          .sort(([a], [b]) => place(a) - place(b))
          .map(([name, n]) => (
            <li key={name}>
              {count(n)} {n === 1 && name.endsWith('s') ? name.slice(0, -1) : name}
            </li>
          ))}
      </ul>
    </li>
  );
}

function Failed({ step }: { step: SyncStep }) {
  const { error } = step;
  if (error === undefined) return null;
  const facts = Object.entries(error.facts);
  return (
    <section className={classes.failed} aria-label={`${STEP_WORDS[step.name].word} failed`}>
      <p className={classes.message}>
        <b>{STEP_WORDS[step.name].word} failed.</b> {error.message}
      </p>
      {facts.length > 0 && (
        <dl className={classes.facts}>
          {facts.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      )}
      {error.records.length > 0 && (
        <Rows
          label="Refused records"
          rows={error.records}
          rowKey={(record) => record.position}
          columns={[
            { id: 'record', header: 'Record', cell: (record) => record.id ?? `number ${count(record.position + 1)}` },
            {
              id: 'place',
              header: 'Where',
              cell: (record) => (record.pointer === null ? '–' : <code>{record.pointer || 'the record'}</code>),
            },
            { id: 'why', header: 'Why', cell: (record) => record.message },
          ]}
        />
      )}
    </section>
  );
}
