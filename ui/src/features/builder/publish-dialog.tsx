import { Button, Group, Stack, Textarea } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { type Difference, type Preview, previewQuery } from '@/shared/api/rules';
import { count, counted } from '@/shared/format/number';
import { ResultChip } from '@/shared/ui/result-chip';
import { Dialog } from '@/shared/ui/dialog';
import { Failure, Loading } from '@/shared/ui/states';
import classes from '@/features/builder/dialogs.module.css';

const MOST_SHOWN = 5;

/** Asks for a note before logic comes into force, and shows which verdicts it will change. */
export function PublishDialog({
  opened,
  close,
  workspaceId,
  logic,
  inForce,
  publish,
}: {
  opened: boolean;
  close: () => void;
  workspaceId: number;
  logic: string;
  /** The logic that it takes the place of; undefined for the first. */
  inForce: string | undefined;
  publish: (note: string) => Promise<unknown>;
}) {
  const [note, setNote] = useState('');
  const preview = useQuery({ ...previewQuery({ workspaceId, logic, against: inForce }), enabled: opened });
  const doing = useMutation({ mutationFn: publish });
  return (
    <Dialog
      opened={opened}
      close={close}
      onClosed={doing.reset}
      title={inForce === undefined ? 'Publish this test' : 'Publish this version'}
      size="lg"
    >
      <Stack gap={14}>
        {preview.error !== null && <Failure error={preview.error} />}
        {preview.data === undefined || preview.isPlaceholderData ? (
          preview.error === null && <Loading rows={3} label="what will change" />
        ) : (
          <WhatChanges preview={preview.data} />
        )}
        <Textarea
          label="Note"
          description="Why, for those who look at the history later."
          autosize
          minRows={2}
          maxLength={2000}
          data-autofocus
          value={note}
          onChange={(event) => {
            setNote(event.currentTarget.value);
          }}
        />
        {doing.error !== null && <Failure error={doing.error} />}
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button
            loading={doing.isPending}
            disabled={preview.error !== null}
            onClick={() => {
              doing.mutate(note);
            }}
          >
            Publish
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

const asResult = (result: string) =>
  result === 'PASSED' || result === 'FAILED' || result === 'READY' ? result : ('ERROR' as const);

function WhatChanges({ preview }: { preview: Preview }) {
  const { difference } = preview;
  return (
    <>
      {difference === undefined ? (
        <div className={classes.facts}>
          <span>It starts as</span>
          {preview.result === null ? (
            <span>not known yet: only a sample was counted.</span>
          ) : (
            <ResultChip result={asResult(preview.result)} reason={preview.reason} />
          )}
          <span>
            {count(preview.failing)} of {counted(preview.inScope, 'record')} in scope failing
            {preview.sample !== undefined && ', in a sample'}
          </span>
        </div>
      ) : (
        <Changes difference={difference} />
      )}
      {preview.lint.length > 0 && (
        <section aria-label="Remarks">
          <strong className={classes.title}>Worth another look</strong>
          <ul className={classes.list}>
            {preview.lint.map(({ pointer, message }, at) => (
              <li key={`${pointer} ${at}`}>{message}</li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}

const STATES = {
  pass: 'passing',
  fail: 'failing',
  error: 'in error',
  satisfied: 'satisfying',
  notSatisfied: 'not satisfying',
  outOfScope: 'out of scope',
} as const;

function Changes({ difference: { from, to, moves, sample } }: { difference: Difference }) {
  return (
    <>
      <div className={classes.facts}>
        {from.result !== null && <ResultChip result={asResult(from.result)} reason={from.reason} />}
        <span aria-hidden>→</span>
        {to.result !== null && <ResultChip result={asResult(to.result)} reason={to.reason} />}
        <span>
          {count(from.counts.failing)} failing now, {count(to.counts.failing)} with this version
        </span>
      </div>
      {sample !== undefined && (
        <p className={classes.note}>These are counts of a sample of {counted(sample.records, 'record')}.</p>
      )}
      {moves.length === 0 ? (
        <p className={classes.note}>No verdict changes.</p>
      ) : (
        <section aria-label="Verdicts that change">
          <strong className={classes.title}>Verdicts that change</strong>
          <ul className={classes.list}>
            {moves.map((move) => (
              <li key={`${move.from} ${move.to}`}>
                {counted(move.records, 'record')}: {STATES[move.from]} → {STATES[move.to]}
                <span className={classes.note}>
                  {' '}
                  {move.examples
                    .slice(0, MOST_SHOWN)
                    .map(({ resourceName }) => resourceName)
                    .join(', ')}
                  {move.records > MOST_SHOWN && ' …'}
                </span>
              </li>
            ))}
          </ul>
        </section>
      )}
    </>
  );
}
