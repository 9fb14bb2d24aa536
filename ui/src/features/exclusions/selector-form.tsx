import {
  ActionIcon,
  Button,
  Group,
  JsonInput,
  Select,
  SegmentedControl,
  Stack,
  TagsInput,
  Text,
  TextInput,
} from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { SelectorPreview } from '@/shared/api/exclusions';
import { jsonText } from '@/shared/api/json';
import { attributesQuery } from '@/shared/api/attributes';
import type { ResourceAt } from '@/shared/api/connections';
import { ruleLanguageQuery } from '@/shared/api/editing';
import { count, counted } from '@/shared/format/number';
import {
  choicesOf,
  type Choice,
  type Draft,
  draftOfText,
  draftOfRows,
  firstValue,
  type Row,
  rowsOf,
} from '@/features/exclusions/selector';
import { Failure } from '@/shared/ui/states';
import classes from '@/features/exclusions/selector-form.module.css';

export { selectorOf } from '@/features/exclusions/selector';

/** Says which records are meant: in rows of attribute, operator and value, or as JSON. */
export function SelectorForm({
  at,
  draft,
  onChange,
}: {
  at: ResourceAt;
  draft: Draft;
  onChange: (draft: Draft) => void;
}) {
  const attributes = useQuery(attributesQuery(at));
  const language = useQuery(ruleLanguageQuery());
  const choices = choicesOf(attributes.data?.attributes ?? []);
  const operators = language.data?.operators ?? [];
  const rows = rowsOf(draft.selector);
  return (
    <Stack gap={8}>
      <Group justify="space-between" gap={8}>
        <Text size="sm" fw={500}>
          Every record of which this is true
        </Text>
        <SegmentedControl
          size="xs"
          aria-label="How to write the condition"
          value={draft.mode}
          data={[
            { value: 'rows', label: 'Form', disabled: draft.mode === 'text' && rows === undefined },
            { value: 'text', label: 'JSON' },
          ]}
          onChange={(mode) => {
            if (mode === 'rows' && rows !== undefined) onChange(draftOfRows(rows.join, rows.rows));
            else if (mode === 'text') onChange(draftOfText(jsonText(draft.selector ?? { all: [] })));
          }}
        />
      </Group>
      {draft.mode === 'text' ? (
        <JsonInput
          label="Condition as JSON"
          autosize
          minRows={4}
          maxRows={16}
          classNames={{ input: classes.code ?? '' }}
          value={draft.text}
          error={draft.fault}
          onChange={(text) => {
            onChange(draftOfText(text));
          }}
        />
      ) : (
        <>
          {draft.rows.length > 1 && (
            <SegmentedControl
              size="xs"
              aria-label="How the conditions go together"
              value={draft.join}
              data={[
                { value: 'all', label: 'All of these' },
                { value: 'any', label: 'One of these' },
              ]}
              onChange={(join) => {
                onChange(draftOfRows(join, draft.rows));
              }}
            />
          )}
          {draft.rows.map((row, at) => (
            <ConditionRow
              key={at}
              row={row}
              number={at + 1}
              choices={choices}
              operators={operators}
              onChange={(next) => {
                onChange(draftOfRows(draft.join, draft.rows.with(at, next)));
              }}
              {...(draft.rows.length === 1
                ? {}
                : {
                    remove: () => {
                      onChange(draftOfRows(draft.join, draft.rows.toSpliced(at, 1)));
                    },
                  })}
            />
          ))}
          <Group>
            <Button
              size="compact-xs"
              variant="subtle"
              leftSection={<IconPlus size={14} aria-hidden />}
              onClick={() => {
                onChange(draftOfRows(draft.join, [...draft.rows, {}]));
              }}
            >
              Add a condition
            </Button>
          </Group>
        </>
      )}
    </Stack>
  );
}

type OperatorInfo = { name: string; words: string; input: string; choices?: { value: boolean; words: string }[] };

function ConditionRow({
  row,
  number,
  choices,
  operators,
  onChange,
  remove,
}: {
  row: Row;
  number: number;
  choices: readonly Choice[];
  operators: readonly OperatorInfo[];
  onChange: (row: Row) => void;
  remove?: () => void;
}) {
  const choice = choices.find(({ fact, path }) => fact === row.fact && path === row.path);
  const operator = operators.find(({ name }) => name === row.operator);
  const fitting = operators.filter(
    ({ name, input }) => choice?.operators.includes(name) === true && input !== 'condition' && input !== 'lookup',
  );
  return (
    <div className={classes.row} role="group" aria-label={`Condition ${number}`}>
      <Select
        size="xs"
        aria-label="Attribute"
        placeholder="Attribute"
        searchable
        data={choices.map(({ key, label }) => ({ value: key, label }))}
        value={choice?.key ?? null}
        onChange={(key) => {
          const chosen = choices.find((each) => each.key === key);
          if (chosen === undefined) return;
          const first = operators.find(
            ({ name, input }) => chosen.operators.includes(name) && input !== 'condition' && input !== 'lookup',
          );
          onChange({
            fact: chosen.fact,
            ...(chosen.path === undefined ? {} : { path: chosen.path }),
            ...(first === undefined ? {} : { operator: first.name, value: firstValue(first.input, chosen) }),
          });
        }}
      />
      <Select
        size="xs"
        aria-label="Operator"
        placeholder="Operator"
        disabled={choice === undefined}
        data={fitting.map(({ name, words }) => ({ value: name, label: words }))}
        value={row.operator ?? null}
        onChange={(name) => {
          const chosen = operators.find((each) => each.name === name);
          if (chosen === undefined || choice === undefined) return;
          onChange({
            ...row,
            operator: chosen.name,
            value: chosen.input === operator?.input ? row.value : firstValue(chosen.input, choice),
          });
        }}
      />
      {operator !== undefined && choice !== undefined && (
        <ValueInput
          operator={operator}
          choice={choice}
          value={row.value}
          onChange={(value) => {
            onChange({ ...row, value });
          }}
        />
      )}
      {remove !== undefined && (
        <ActionIcon variant="subtle" color="gray" aria-label={`Remove condition ${number}`} onClick={remove}>
          <IconTrash size={15} />
        </ActionIcon>
      )}
    </div>
  );
}

function ValueInput({
  operator,
  choice,
  value,
  onChange,
}: {
  operator: OperatorInfo;
  choice: Choice;
  value: unknown;
  onChange: (value: unknown) => void;
}) {
  if (operator.input === 'choice' || (operator.input === 'one' && choice.kind === 'boolean')) {
    const words = operator.choices ?? [
      { value: true, words: 'true' },
      { value: false, words: 'false' },
    ];
    return (
      <Select
        size="xs"
        aria-label="Value"
        allowDeselect={false}
        data={words.map((each) => ({ value: String(each.value), label: each.words }))}
        value={String(value)}
        onChange={(text) => {
          onChange(text === 'true');
        }}
      />
    );
  }
  if (operator.input === 'list') {
    return (
      <TagsInput
        size="xs"
        aria-label="Values"
        placeholder="Values, each ended by Enter"
        data={choice.samples}
        value={Array.isArray(value) ? value.map(String) : []}
        onChange={(texts) => {
          onChange(choice.kind === 'number' ? texts.map(Number).filter((n) => !Number.isNaN(n)) : texts);
        }}
      />
    );
  }
  const numeric =
    operator.input === 'number' ||
    operator.input === 'duration' ||
    (operator.input === 'one' && choice.kind === 'number');
  return (
    <TextInput
      size="xs"
      aria-label="Value"
      placeholder="Value"
      {...(numeric ? { type: 'number', step: 'any' } : operator.input === 'date' ? { type: 'date' } : {})}
      value={typeof value === 'string' || typeof value === 'number' ? String(value) : ''}
      onChange={(event) => {
        const text = event.currentTarget.value;
        onChange(numeric ? (text === '' ? undefined : Number(text)) : text);
      }}
    />
  );
}

type Preview = { data: SelectorPreview | undefined; error: Error | null; isFetching: boolean };

/** What a selector takes out now, as the server counts it. */
export function Reach({ preview, ready }: { preview: Preview; ready: boolean }) {
  if (!ready) {
    return (
      <Text size="sm" c="dimmed">
        Finish the condition to see which records it takes out.
      </Text>
    );
  }
  if (preview.error !== null) return <Failure error={preview.error} />;
  if (preview.data === undefined) {
    return (
      <Text size="sm" c="dimmed" role="status">
        Counting …
      </Text>
    );
  }
  const { sentence, matching, failing, inScope, examples, lint, matchesEverything } = preview.data;
  return (
    <section className={classes.reach} aria-label="What it takes out" data-fetching={preview.isFetching || undefined}>
      <p className={classes.figures} role="status">
        <b>{count(matching)}</b> of {counted(inScope, 'record')} in scope, <b>{count(failing)}</b> of them failing
      </p>
      <p className={classes.sentence}>{sentence}</p>
      {matchesEverything && (
        <p className={classes.warning}>It takes out everything. The server refuses such an exclusion.</p>
      )}
      {lint.map((remark) => (
        <p key={`${remark.pointer} ${remark.message}`} className={classes.warning}>
          {remark.message}
        </p>
      ))}
      {examples.length > 0 && (
        <ul className={classes.examples}>
          {examples.map((example) => (
            <li key={example.recordId} data-failing={example.isFailing || undefined}>
              {example.resourceName}
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}
