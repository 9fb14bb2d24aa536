import { ActionIcon, Button, SegmentedControl, Select, Textarea } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { recordRows } from '@/shared/api/connections';
import { jsonText } from '@/shared/api/json';
import { type Attempts, attemptQuery, type Example, type ResourceChoice } from '@/shared/api/rules';
import { JsonFault, parseJson } from '@/features/builder/exact';
import { isItem } from '@/features/builder/logic';
import { Said } from '@/features/builder/said';
import classes from '@/features/builder/preview-panel.module.css';

/** A record that somebody wrote, and what should be said of it. */
export type Sketch = { id: number; text: string; expects: 'pass' | 'fail' };

const TYPING_PAUSE = 350;
const MOST_OFFERED = 50;

/** Records to try the logic on, stored nowhere: those that must pass and those that must fail. */
export function TryPanel({
  workspaceId,
  logic,
  group,
  resource,
  examples,
  sketches,
  setSketches,
}: {
  workspaceId: number;
  /** The logic as JSON text, undefined while it is not complete. */
  logic: string | undefined;
  group: number;
  resource: ResourceChoice | undefined;
  /** Failing records of the preview, to begin with. */
  examples: readonly Example[];
  sketches: readonly Sketch[];
  setSketches: (sketches: Sketch[]) => void;
}) {
  const [settled] = useDebouncedValue(JSON.stringify({ logic, texts: sketches.map(({ text }) => text) }), TYPING_PAUSE);
  const { logic: asked, texts } = JSON.parse(settled) as { logic?: string; texts: string[] };
  const readable = texts.filter((text) => faultOf(text) === undefined);
  const { data, isPlaceholderData, error } = useQuery({
    ...attemptQuery({ workspaceId, logic: asked ?? '', group, records: readable }),
    enabled: asked !== undefined && readable.length > 0,
  });
  const stateOf = (text: string): Attempts['records'][number] | undefined =>
    isPlaceholderData ? undefined : data?.records[readable.indexOf(text)];
  const add = (text: string, expects: Sketch['expects']) => {
    setSketches([...sketches, { id: Math.max(0, ...sketches.map(({ id }) => id)) + 1, text, expects }]);
  };
  return (
    <div>
      <p className={classes.cause}>
        Write or paste records that must pass and that must fail. They are tried as you edit, and stored nowhere.
      </p>
      {error !== null && readable.length > 0 && asked !== undefined && (
        <div className={classes.fault} role="alert">
          {error.message}
        </div>
      )}
      {sketches.map((sketch, place) => (
        <SketchCard
          key={sketch.id}
          sketch={sketch}
          place={place}
          said={stateOf(sketch.text)}
          change={(next) => {
            setSketches(sketches.map((each) => (each.id === sketch.id ? next : each)));
          }}
          remove={() => {
            setSketches(sketches.filter((each) => each.id !== sketch.id));
          }}
        />
      ))}
      <div className={classes.buttons}>
        <Button
          size="compact-sm"
          variant="default"
          onClick={() => {
            add('{\n  \n}', 'pass');
          }}
        >
          Write a record
        </Button>
        {resource !== undefined && <TakeRecord resource={resource} examples={examples} take={add} />}
      </div>
    </div>
  );
}

function TakeRecord({
  resource,
  examples,
  take,
}: {
  resource: ResourceChoice;
  examples: readonly Example[];
  take: (text: string, expects: Sketch['expects']) => void;
}) {
  const at = { connectionId: resource.connectionId, resourceId: resource.id };
  const { queryKey, read } = recordRows(at, { sort: 'updatedAt', sortDir: 'DESC' });
  const { data } = useQuery({
    queryKey: [...queryKey, 'last'],
    queryFn: ({ signal }) => read({ size: MOST_OFFERED }, signal),
  });
  const failing = new Set(examples.filter((each) => each.resourceId === resource.id).map(({ recordId }) => recordId));
  const records = data?.data ?? [];
  const nameOf = (attributes: unknown, id: string): string => {
    const name = isItem(attributes) ? attributes[resource.displayNameKey] : undefined;
    return typeof name === 'string' && name !== '' ? name : id;
  };
  return (
    <Select
      size="xs"
      aria-label="Take a record"
      placeholder="Take a record"
      searchable
      value={null}
      data={[
        {
          group: 'Failing now',
          items: records
            .filter(({ id }) => failing.has(id))
            .map(({ id, attributes }) => ({ value: id, label: nameOf(attributes, id) })),
        },
        {
          group: 'Last changed',
          items: records
            .filter(({ id }) => !failing.has(id))
            .map(({ id, attributes }) => ({ value: id, label: nameOf(attributes, id) })),
        },
      ].filter(({ items }) => items.length > 0)}
      nothingFoundMessage="No such record among the last ones."
      onChange={(id) => {
        const record = records.find((each) => each.id === id);
        if (record !== undefined) take(jsonText(record.attributes), failing.has(record.id) ? 'fail' : 'pass');
      }}
    />
  );
}

const STATES = {
  pass: 'passes',
  fail: 'fails',
  error: 'cannot be evaluated',
  outOfScope: 'is filtered out',
} as const;

function SketchCard({
  sketch,
  place,
  said,
  change,
  remove,
}: {
  sketch: Sketch;
  place: number;
  said: Attempts['records'][number] | undefined;
  change: (sketch: Sketch) => void;
  remove: () => void;
}) {
  const fault = faultOf(sketch.text);
  const met = said?.state === sketch.expects;
  return (
    <div className={classes.card} role="group" aria-label={`Record ${place + 1}`}>
      <div className={classes.cardHead}>
        <SegmentedControl
          size="xs"
          aria-label="What should be said of it"
          data={[
            { value: 'pass', label: 'Must pass' },
            { value: 'fail', label: 'Must fail' },
          ]}
          value={sketch.expects}
          onChange={(expects) => {
            change({ ...sketch, expects: expects === 'fail' ? 'fail' : 'pass' });
          }}
        />
        {said !== undefined && fault === undefined && (
          <span className={classes.state} data-state={said.state}>
            {met ? '✓' : '✗'} {STATES[said.state]}
          </span>
        )}
        <ActionIcon variant="subtle" color="gray" aria-label={`Remove record ${place + 1}`} onClick={remove}>
          <IconTrash size={15} stroke={1.7} />
        </ActionIcon>
      </div>
      <Textarea
        aria-label={`Record ${place + 1} as JSON`}
        autosize
        minRows={3}
        maxRows={14}
        classNames={{ input: classes.mono ?? '' }}
        value={sketch.text}
        error={fault}
        spellCheck={false}
        onChange={(event) => {
          change({ ...sketch, text: event.currentTarget.value });
        }}
      />
      {said !== undefined && fault === undefined && (
        <>
          {said.causeText.map((text, at) => (
            <p key={at} className={classes.cause}>
              <Said text={text} />
            </p>
          ))}
          {said.counterfactual !== null && (
            <p className={classes.cause}>
              <Said text={said.counterfactual} />
            </p>
          )}
        </>
      )}
    </div>
  );
}

function faultOf(text: string): string | undefined {
  try {
    return isItem(parseJson(text)) ? undefined : 'A record is an object: { … }.';
  } catch (fault) {
    if (fault instanceof JsonFault) return fault.message;
    throw fault;
  }
}
