import { Button, Group, Text } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Collection, SyncRun } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { Facts } from '@/shared/ui/facts';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Empty } from '@/shared/ui/states';
import { RecipeField } from '@/features/connections/collection/recipe-field';
import { SyncSteps } from '@/features/connections/sync-steps';
import { Chip } from '@/features/connections/collection/trial-panel';
import { inputLabel, OUTCOMES, STATES } from '@/features/connections/collection/words';
import classes from '@/features/connections/collection/collection.module.css';

export type CollectionAction = 'run' | 'pause' | 'resume' | 'cancel';

/** What a connection shows whose records are pushed. */
export function NoCollection({
  system,
  begin,
}: {
  /** The system for which the catalogue has a recipe. */
  system: string | undefined;
  begin: (() => void) | undefined;
}) {
  return (
    <Empty
      title="These records are pushed"
      actions={begin !== undefined && <Button onClick={begin}>Let Plumbline collect</Button>}
    >
      {system === undefined
        ? 'Another program sends them. If the system has an API or a database, Plumbline can ask it by itself, by a schedule: say what to ask and what becomes a record, try it, and save.'
        : `Another program sends them. Plumbline has a recipe for ${system} and can ask it by itself, by a schedule: fill in the address and the credentials, try it, and save.`}
    </Empty>
  );
}

/** How the records are collected, and how the last run went. */
export function CollectionTab({
  collection,
  records,
  may,
  act,
  acting,
  edit,
  remove,
  children,
}: {
  collection: Collection;
  /** How many records there are. */
  records: number;
  may: boolean;
  act: (action: CollectionAction) => void;
  acting: boolean;
  edit: () => void;
  remove: () => Promise<unknown>;
  /** The steps of the run that is under way, or of the last one. */
  children: ReactNode;
}) {
  const [removing, setRemoving] = useState(false);
  const { state, lastRun: last, running } = collection;
  const secrets = collection.inputs.filter(({ secret, set }) => secret && set).length;
  return (
    <>
      <Panel title="Collection" aside={<Chip {...STATES[state]} />}>
        <div className={classes.padded}>
          <p className={classes.lead}>{summary(collection)}</p>
          <p className={classes.note}>{outlook(collection)}</p>
          {last !== undefined && running === undefined && (
            <p className={classes.note}>
              <Chip {...OUTCOMES[last.status]} /> <RelativeTime at={last.endedAt} />
              {last.status === 'COMPLETED' && `, with ${counted(last.records, 'record')}`}
            </p>
          )}
          {last?.error !== undefined && running === undefined && (
            <p className={last.status === 'FAILED' ? classes.fault : classes.note}>
              {last.error.message} {last.status === 'FAILED' && 'The records of before stand.'}
            </p>
          )}
          {may && (
            <Group gap={8} mt={14}>
              {running === undefined ? (
                <Button
                  size="xs"
                  loading={acting}
                  disabled={collection.missing.length > 0}
                  onClick={() => {
                    act('run');
                  }}
                >
                  Run now
                </Button>
              ) : (
                <Button
                  size="xs"
                  variant="default"
                  loading={acting || running.canceling}
                  onClick={() => {
                    act('cancel');
                  }}
                >
                  Cancel the run
                </Button>
              )}
              <Button size="xs" variant="default" onClick={edit}>
                Edit
              </Button>
              <Button
                size="xs"
                variant="default"
                disabled={acting}
                onClick={() => {
                  act(collection.enabled ? 'pause' : 'resume');
                }}
              >
                {collection.enabled ? 'Pause' : 'Resume'}
              </Button>
              <Button
                size="xs"
                variant="subtle"
                color="red"
                onClick={() => {
                  setRemoving(true);
                }}
              >
                Stop collecting
              </Button>
            </Group>
          )}
        </div>
      </Panel>
      {children}
      <Panel title="What it is collected with">
        <div className={classes.padded}>
          <Facts
            facts={[
              ...collection.inputs.map(
                (input) =>
                  [
                    inputLabel(input),
                    input.secret && input.set ? (
                      <>
                        set <RelativeTime at={input.setAt} />, never shown
                      </>
                    ) : (
                      (input.value ??
                      (input.default === null ? 'not filled in' : `${input.default} (as the recipe says)`))
                    ),
                  ] as const,
              ),
              ['Schedule', `${collection.scheduleWords} (${collection.schedule})`],
              ['Guards', guards(collection)],
            ]}
          />
        </div>
        <Recipe text={collection.recipe} />
      </Panel>
      <Confirm
        opened={removing}
        close={() => {
          setRemoving(false);
        }}
        title="Stop collecting these records?"
        action="Stop collecting"
        act={remove}
      >
        <Text size="sm">This cannot be undone. What will vanish:</Text>
        <ul>
          <li>the recipe and its schedule</li>
          {collection.inputs.length > 0 && (
            <li>
              {counted(collection.inputs.length, 'input')}
              {secrets > 0 && `, of them ${counted(secrets, 'secret')}`}
            </li>
          )}
        </ul>
        <Text size="sm">{counted(records, 'record')} stay, and can be pushed from then on.</Text>
      </Confirm>
    </>
  );
}

/** The steps of a run. */
export function RunSteps({ run }: { run: SyncRun }) {
  return (
    <Panel title={run.status === 'RUNNING' ? 'The run that is under way' : 'The last run'}>
      <div className={classes.padded}>
        <SyncSteps run={run} />
      </div>
    </Panel>
  );
}

function Recipe({ text }: { text: string }) {
  const [opened, setOpened] = useState(false);
  return (
    <details
      className={classes.recipe}
      onToggle={(event) => {
        setOpened(event.currentTarget.open);
      }}
    >
      <summary>Show the recipe</summary>
      {opened && <RecipeField label="Recipe" value={text} />}
    </details>
  );
}

function summary({ from, collector, scheduleWords, enabled }: Collection): string {
  const where = from ?? (collector === undefined ? 'another system' : `another system (${collector})`);
  return enabled
    ? `Plumbline collects these records from ${where}, ${scheduleWords}.`
    : `Plumbline collects these records from ${where} when somebody asks for it.`;
}

function outlook({ state, missing, nextRunAt, failures, running, inputs }: Collection): ReactNode {
  const names = inputs.filter(({ name }) => missing.includes(name)).map((input) => `“${inputLabel(input)}”`);
  if (names.length > 0) return `It cannot run yet: ${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} missing.`;
  switch (state) {
    case 'RUNNING':
      return running?.canceling === true ? (
        'The run is being cancelled.'
      ) : (
        <>
          A run began <RelativeTime at={running?.startedAt} />. Nothing changes until it is through.
        </>
      );
    case 'PAUSED':
      return 'The schedule is paused.';
    case 'RETRYING':
      return (
        <>
          {counted(failures, 'run')} failed in a row, for a reason that may pass. It is tried again{' '}
          <RelativeTime at={nextRunAt} />.
        </>
      );
    case 'WAITING':
      return (
        <>
          Next run <RelativeTime at={nextRunAt} />.
        </>
      );
  }
}

function guards({ guards: { maxDeletePercent, allowEmpty } }: Collection): string {
  const most =
    maxDeletePercent === 100
      ? 'any number of records may vanish'
      : `at most ${maxDeletePercent} % of the records may vanish in a run`;
  return `${most}; ${allowEmpty ? 'the system may have none' : 'a run that finds nothing is refused'}`;
}
