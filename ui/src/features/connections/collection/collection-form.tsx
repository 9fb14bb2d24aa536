import { Button, Group, NumberInput, PasswordInput, SegmentedControl, Stack, Switch, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import type { CollectionChange } from '@/shared/api/collections';
import { ApiError } from '@/shared/api/errors';
import type { CheckedRecipe, Collection, RecipeInput, Trial } from '@/shared/api/types';
import { sentence } from '@/shared/ui/form-errors';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { ScheduleField, type UsePlan } from '@/shared/ui/schedule-field';
import { RecipeField } from '@/features/connections/collection/recipe-field';
import { STARTERS } from '@/features/connections/collection/starters';
import { TrialPanel } from '@/features/connections/collection/trial-panel';
import { inputLabel } from '@/features/connections/collection/words';
import classes from '@/features/connections/collection/collection.module.css';

const PAUSE = 350;
const DAILY = '0 2 * * *';

/** What to begin a new collection with. */
export type Suggestion = { name: string; recipe: string; schedule: string | undefined };

type Doing<Variables> = { mutate: (variables: Variables) => void; isPending: boolean; error: Error | null };

/** How the records are collected: inputs, schedule, guards and recipe. */
export function CollectionForm({
  collection,
  suggested,
  useRecipe,
  check,
  usePlan,
  save,
  trying,
  trial,
  close,
}: {
  /** What is stored; undefined for a new one. */
  collection: Collection | undefined;
  suggested: Suggestion | undefined;
  /** What a recipe asks for. */
  useRecipe: (recipe: string) => { data: CheckedRecipe | undefined };
  check: (recipe: string) => Promise<CheckedRecipe>;
  usePlan: UsePlan;
  save: Doing<CollectionChange>;
  trying: Doing<Pick<CollectionChange, 'recipe' | 'inputs'>>;
  /** What the last try gave. */
  trial: Trial | undefined;
  close: () => void;
}) {
  const starters =
    suggested === undefined
      ? STARTERS
      : [{ value: 'catalogue', label: suggested.name, recipe: suggested.recipe }, ...STARTERS];
  const [recipe, setRecipe] = useState(collection?.recipe ?? starters[0]?.recipe ?? '');
  const [filled, setFilled] = useState<Record<string, string>>({});
  const [schedule, setSchedule] = useState(collection?.schedule ?? suggested?.schedule ?? DAILY);
  const [guards, setGuards] = useState(collection?.guards ?? { maxDeletePercent: 50, allowEmpty: false });
  const [asked] = useDebouncedValue(recipe, PAUSE);
  const checked = useRecipe(asked).data;
  const stored = new Map((collection?.inputs ?? []).map((each) => [each.name, each]));
  const asks = checked?.inputs ?? collection?.inputs ?? [];
  const names = new Set(asks.map(({ name }) => name));
  const inputs = Object.fromEntries(
    Object.entries(filled)
      .filter(([name]) => names.has(name))
      .map(([name, value]) => [name, value === '' ? null : value]),
  );
  const what = {
    ...(recipe === collection?.recipe ? {} : { recipe }),
    ...(Object.keys(inputs).length === 0 ? {} : { inputs }),
  };
  // What the catalogue made waits for its access only.
  const begins = collection === undefined || (collection.missing.length > 0 && collection.lastRun === undefined);
  const error = save.error ?? trying.error;
  const pointer = error instanceof ApiError ? error.pointer : null;
  const told = (at: string) => (error !== null && pointer === at ? sentence(error) : undefined);
  const shown = ['/recipe', '/schedule', '/guards/maxDeletePercent', ...asks.map(({ name }) => `/inputs/${name}`)];
  const starter = starters.find((each) => each.recipe === recipe)?.value;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate({ ...what, schedule, guards, ...(begins && collection !== undefined ? { enabled: true } : {}) });
      }}
    >
      <div className={classes.form}>
        <div>
          <Panel title="Where the records come from">
            <Stack gap={14} className={classes.padded ?? ''}>
              {collection === undefined && (
                <SegmentedControl
                  aria-label="Begin with"
                  value={starter ?? ''}
                  data={starters.map(({ value, label }) => ({ value, label }))}
                  onChange={(next) => {
                    setRecipe(starters.find(({ value }) => value === next)?.recipe ?? recipe);
                  }}
                />
              )}
              {asks.length === 0 && <p className={classes.lead}>The recipe asks for nothing.</p>}
              {asks.map((input) => (
                <InputField
                  key={`${input.name} ${String(input.secret)}`}
                  input={input}
                  value={filled[input.name]}
                  storedValue={input.secret ? undefined : (stored.get(input.name)?.value ?? undefined)}
                  setAt={input.secret ? (stored.get(input.name)?.setAt ?? undefined) : undefined}
                  error={told(`/inputs/${input.name}`)}
                  onChange={(value) => {
                    setFilled((now) => {
                      return { ...now, [input.name]: value };
                    });
                  }}
                />
              ))}
            </Stack>
          </Panel>
          <Panel title="When, and how careful">
            <Stack gap={14} className={classes.padded ?? ''}>
              <ScheduleField
                label="Schedule"
                description="A cron expression of five fields in UTC. Each collection runs some minutes later, so that not all run at once."
                value={schedule}
                onChange={setSchedule}
                usePlan={usePlan}
                error={told('/schedule')}
              />
              <NumberInput
                label="Records that may vanish in one run, in percent"
                description="A run that would delete more is refused, and the old records stand."
                min={0}
                max={100}
                value={guards.maxDeletePercent}
                error={told('/guards/maxDeletePercent')}
                onChange={(value) => {
                  if (typeof value === 'number') setGuards({ ...guards, maxDeletePercent: value });
                }}
              />
              <Switch
                label="The system may have no records at all"
                description="Without this a run that finds nothing is refused: an empty answer is often a missing right."
                checked={guards.allowEmpty}
                onChange={(event) => {
                  setGuards({ ...guards, allowEmpty: event.currentTarget.checked });
                }}
              />
            </Stack>
          </Panel>
        </div>
        <div>
          <Panel title="Recipe">
            <div className={classes.padded}>
              <RecipeField
                label="How the records are got"
                description="YAML: what is asked, what it needs, and what becomes a record."
                value={recipe}
                onChange={setRecipe}
                check={check}
                error={told('/recipe') ?? checked?.refused ?? undefined}
              />
            </div>
          </Panel>
        </div>
      </div>
      {error !== null && (pointer === null || !shown.includes(pointer)) && (
        <p className={classes.fault} role="alert">
          {sentence(error)}
        </p>
      )}
      <Group gap={8} my={16}>
        <Button type="submit" loading={save.isPending}>
          {begins ? 'Save and collect now' : 'Save'}
        </Button>
        <Button
          variant="default"
          loading={trying.isPending}
          onClick={() => {
            trying.mutate(what);
          }}
        >
          Try it
        </Button>
        <Button variant="subtle" onClick={close}>
          Cancel
        </Button>
        {trying.isPending && (
          <span role="status" className={classes.counts}>
            Asking the system; 30 seconds at most.
          </span>
        )}
      </Group>
      {trial !== undefined && !trying.isPending && <TrialPanel trial={trial} />}
    </form>
  );
}

function InputField({
  input,
  value,
  storedValue,
  setAt,
  error,
  onChange,
}: {
  input: RecipeInput;
  /** What was typed; undefined if it stays as it is. */
  value: string | undefined;
  storedValue: string | undefined;
  /** When a secret was given that is kept. */
  setAt: string | undefined;
  error: string | undefined;
  onChange: (value: string) => void;
}) {
  const common = {
    label: inputLabel(input),
    withAsterisk: input.required && input.default === null,
    error,
    ...(input.help === null ? {} : { description: input.help }),
    ...(input.example === null && input.default === null ? {} : { placeholder: input.default ?? input.example ?? '' }),
  };
  if (input.secret && setAt !== undefined && value === undefined) {
    return (
      <Labelled label={common.label} help={input.help} error={error}>
        <div className={classes.secret}>
          <span>
            Set <RelativeTime at={setAt} />. It is never shown.
          </span>
          <Button
            size="compact-xs"
            variant="default"
            aria-label={`Replace ${common.label}`}
            onClick={() => {
              onChange('');
            }}
          >
            Replace
          </Button>
        </div>
      </Labelled>
    );
  }
  if (input.secret) {
    return (
      <PasswordInput
        {...common}
        autoComplete="off"
        value={value ?? ''}
        onChange={(event) => {
          onChange(event.currentTarget.value);
        }}
        visibilityToggleButtonProps={{ 'aria-label': `Show ${common.label}` }}
      />
    );
  }
  return (
    <TextInput
      {...common}
      spellCheck={false}
      value={value ?? storedValue ?? ''}
      onChange={(event) => {
        onChange(event.currentTarget.value);
      }}
    />
  );
}

function Labelled({
  label,
  help,
  error,
  children,
}: {
  label: string;
  help: string | null;
  error: string | undefined;
  children: ReactNode;
}) {
  return (
    <div role="group" aria-label={label}>
      <div>{label}</div>
      {help !== null && <div className={classes.note}>{help}</div>}
      {children}
      {error !== undefined && (
        <p className={classes.fault} role="alert">
          {error}
        </p>
      )}
    </div>
  );
}
