import { Button, Loader, Tabs, TextInput } from '@mantine/core';
import type { ReactNode } from 'react';
import type { Example, Preview } from '@/shared/api/rules';
import { judgedFigures } from '@/shared/format/judged';
import { count, counted } from '@/shared/format/number';
import { ApiError } from '@/shared/api/errors';
import { RelativeTime } from '@/shared/ui/relative-time';
import { ResultChip } from '@/shared/ui/result-chip';
import { explain } from '@/shared/ui/states';
import type { Previewed } from '@/features/builder/use-preview';
import { Said } from '@/features/builder/said';
import classes from '@/features/builder/preview-panel.module.css';

export type Side = 'failing' | 'try' | 'words';

/** What the logic would say of the records, as it is being written. */
export function PreviewPanel({
  previewed,
  unfinished,
  showUnfinished,
  side,
  setSide,
  asOf,
  setAsOf,
  today,
  openRecord,
  attempts,
  words,
}: {
  previewed: Previewed;
  /** How much is not filled in yet; nothing is evaluated until it is. */
  unfinished: number;
  showUnfinished: () => void;
  side: Side;
  setSide: (side: Side) => void;
  asOf: string | undefined;
  setAsOf: (asOf: string | undefined) => void;
  today: string;
  openRecord: (example: Example) => void;
  attempts: ReactNode;
  words: ReactNode;
}) {
  const { preview, stale, loading } = previewed;
  return (
    <section className={classes.panel} aria-label="Live preview">
      <header className={classes.head}>
        <strong>Live preview {loading && <Loader size={12} ml={4} aria-label="Counting" role="status" />}</strong>
        <label className={classes.asOf}>
          <span>As of</span>
          <TextInput
            type="date"
            size="xs"
            max={today}
            value={asOf ?? ''}
            onChange={(event) => {
              setAsOf(event.currentTarget.value === '' ? undefined : event.currentTarget.value);
            }}
          />
          {asOf !== undefined && (
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => {
                setAsOf(undefined);
              }}
            >
              Now
            </Button>
          )}
        </label>
      </header>
      <div className={classes.body}>
        {unfinished > 0 && (
          <div className={classes.waiting}>
            <span>
              {preview === undefined
                ? 'Choose what to test, and what passes and fails is shown here as you go.'
                : `${counted(unfinished, 'part')} not filled in yet.`}
            </span>
            <Button size="compact-xs" variant="default" onClick={showUnfinished}>
              Go to what is missing
            </Button>
          </div>
        )}
        <Refusal previewed={previewed} />
        {preview !== undefined && (
          <div className={classes.shown} data-stale={stale || undefined} aria-busy={loading}>
            <Figures preview={preview} previewed={previewed} />
          </div>
        )}
        <Tabs
          value={side}
          onChange={(value) => {
            setSide((value ?? 'failing') as Side);
          }}
          keepMounted={false}
        >
          <Tabs.List>
            <Tabs.Tab value="failing">Failing</Tabs.Tab>
            <Tabs.Tab value="try">Try records</Tabs.Tab>
            <Tabs.Tab value="words">In words</Tabs.Tab>
          </Tabs.List>
          <Tabs.Panel value="failing" pt={8}>
            <Failing preview={preview} stale={stale} openRecord={openRecord} />
          </Tabs.Panel>
          <Tabs.Panel value="try" pt={8}>
            {attempts}
          </Tabs.Panel>
          <Tabs.Panel value="words" pt={8}>
            {words}
          </Tabs.Panel>
        </Tabs>
      </div>
    </section>
  );
}

function Refusal({ previewed: { error, again } }: { previewed: Previewed }) {
  if (error === null) return null;
  const refused = error instanceof ApiError && error.status < 500;
  return (
    <div className={classes.fault} role="alert">
      {refused ? error.message : explain(error).title}
      {!refused && (
        <div>
          <Button size="compact-xs" variant="default" mt={6} onClick={again}>
            Try again
          </Button>
        </div>
      )}
    </div>
  );
}

function Figures({ preview, previewed: { job } }: { preview: Preview; previewed: Previewed }) {
  const figures: [string, number][] = [
    ...judgedFigures(preview),
    ['Filtered out', preview.filteredOut],
    ['Errors', preview.errors],
  ];
  return (
    <>
      <div className={classes.result}>
        {preview.result !== null && <ResultChip result={asResult(preview.result)} reason={preview.reason} />}
        <span>
          {counted(preview.records, 'record')}, <RelativeTime at={preview.evaluatedAt} />
        </span>
      </div>
      <dl className={classes.counts}>
        {figures.map(([word, figure]) => (
          <div key={word} data-word={figure > 0 ? word : undefined}>
            <dt>{word}</dt>
            <dd>{count(figure)}</dd>
          </div>
        ))}
      </dl>
      {preview.sample !== undefined && (
        <div className={classes.sample}>
          This is a sample of {counted(preview.sample.records, 'record')}
          {typeof preview.sample.of === 'number' && ` out of ${count(preview.sample.of)}`}.{' '}
          {job === undefined
            ? 'The result is known when all are counted.'
            : job.state === 'failed'
              ? `The full count failed: ${job.message ?? ''}`
              : 'The full count goes on.'}
          {job !== undefined && job.state !== 'failed' && (
            <progress
              aria-label="Records counted"
              {...(typeof job.of === 'number' ? { value: job.records, max: job.of } : {})}
            />
          )}
        </div>
      )}
    </>
  );
}

function asResult(result: string): 'PASSED' | 'FAILED' | 'ERROR' | 'READY' {
  return result === 'PASSED' || result === 'FAILED' || result === 'READY' ? result : 'ERROR';
}

function whyNone({ inScope, satisfying }: Preview): string {
  if (inScope === 0) return 'No record is in scope.';
  return satisfying === undefined ? 'No record fails.' : 'Only the number of records counts, so none of them fails.';
}

function Failing({
  preview,
  stale,
  openRecord,
}: {
  preview: Preview | undefined;
  stale: boolean;
  openRecord: (example: Example) => void;
}) {
  if (preview === undefined) return <p className={classes.cause}>The first records that fail are shown here.</p>;
  if (preview.examples.length === 0) {
    return <p className={classes.cause}>{whyNone(preview)}</p>;
  }
  const groups = preview.groups.length > 1;
  return (
    <>
      {preview.failing > preview.examples.length && (
        <p className={classes.cause}>
          The first {preview.examples.length} of {count(preview.failing)}.
        </p>
      )}
      <ul className={classes.examples} data-stale={stale || undefined}>
        {preview.examples.map((example, at) => (
          <li key={`${example.recordId} ${at}`} className={classes.example}>
            <button
              type="button"
              className={classes.open}
              onClick={() => {
                openRecord(example);
              }}
            >
              {example.resourceName}
            </button>
            {groups && example.group !== '' && <span className={classes.cause}> {example.group}</span>}
            {example.causeText.map((text, place) => (
              <p key={place} className={classes.cause}>
                <Said text={text} />
              </p>
            ))}
          </li>
        ))}
      </ul>
    </>
  );
}
