import { ActionIcon, Autocomplete, Menu, SegmentedControl, TagsInput, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAbc, IconBraces, IconCheckbox, IconLink, IconNumber123, IconSquareOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { ExactNumber, jsonLine } from '@/shared/api/json';
import { valuesQuery } from '@/shared/api/attributes';
import type { Operator } from '@/shared/api/rules';
import { AttributePicker } from '@/features/builder/attribute-picker';
import { JsonFault, parseJson } from '@/features/builder/exact';
import { isItem } from '@/features/builder/logic';
import { type Offered, offeredKinds, type Scope, type ValueKind, valueKind } from '@/features/builder/scope';
import classes from '@/features/builder/condition.module.css';

const TYPING_PAUSE = 200;

type Props = {
  scope: Scope;
  operator: Operator;
  attribute: Offered | undefined;
  value: unknown;
  /** Undefined takes the value away: the condition is not finished then. */
  onChange: (value: unknown) => void;
};

const WORDS: Record<ValueKind, string> = {
  text: 'Text',
  number: 'Number',
  truth: 'True or false',
  nothing: 'Nothing (null)',
  list: 'A list',
  reference: 'Another attribute',
  json: 'JSON',
};

const ICONS: Record<ValueKind, typeof IconAbc> = {
  text: IconAbc,
  number: IconNumber123,
  truth: IconCheckbox,
  nothing: IconSquareOff,
  list: IconAbc,
  reference: IconLink,
  json: IconBraces,
};

/** What a condition compares with: an input that fits the operator, or another attribute. */
export function ValueField(props: Props) {
  const { operator, attribute, value, onChange } = props;
  const kinds = offeredKinds(operator, attribute?.attribute);
  const [wanted, setWanted] = useState<ValueKind>();
  const actual = value === undefined ? undefined : valueKind(value);
  const kind = actual ?? (wanted !== undefined && kinds.includes(wanted) ? wanted : (kinds[0] ?? 'text'));
  const suffix = operator.input === 'duration' ? operator.unit : undefined;
  return (
    <div className={classes.value} data-typing>
      <Input {...props} kind={kind} />
      {suffix !== undefined && <span className={classes.unit}>{suffix}</span>}
      {kinds.length > 1 && (
        <KindMenu
          kind={kind}
          kinds={kinds}
          onPick={(picked) => {
            setWanted(picked);
            onChange(picked === 'truth' ? true : picked === 'nothing' ? null : undefined);
          }}
        />
      )}
    </div>
  );
}

function KindMenu({ kind, kinds, onPick }: { kind: ValueKind; kinds: ValueKind[]; onPick: (kind: ValueKind) => void }) {
  const Icon = ICONS[kind];
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon
          variant="subtle"
          color="gray"
          className={classes.tool ?? ''}
          aria-label={`Compare with: ${WORDS[kind]}`}
          title={`Compare with: ${WORDS[kind]}`}
        >
          <Icon size={16} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Compare with</Menu.Label>
        {kinds.map((each) => {
          const Each = ICONS[each];
          return (
            <Menu.Item
              key={each}
              leftSection={<Each size={15} stroke={1.7} />}
              onClick={() => {
                onPick(each);
              }}
            >
              {WORDS[each]}
            </Menu.Item>
          );
        })}
      </Menu.Dropdown>
    </Menu>
  );
}

function Input(props: Props & { kind: ValueKind }): ReactNode {
  const { kind, operator, value, onChange, scope, attribute } = props;
  switch (kind) {
    case 'reference':
      return (
        <AttributePicker
          scope={scope}
          fact={isItem(value) && typeof value.fact === 'string' ? value.fact : undefined}
          path={isItem(value) ? value.path : undefined}
          label="Other attribute"
          part="value"
          onPick={({ attribute: { own } }) => {
            onChange(own.path === undefined ? { fact: own.fact } : { fact: own.fact, path: own.path });
          }}
        />
      );
    case 'truth':
      return (
        <SegmentedControl
          size="xs"
          aria-label="Value"
          className={classes.truth ?? ''}
          data={[
            { value: 'true', label: 'true' },
            { value: 'false', label: 'false' },
          ]}
          value={value === true ? 'true' : value === false ? 'false' : ''}
          onChange={(chosen) => {
            onChange(chosen === 'true');
          }}
        />
      );
    case 'nothing':
      return <span className={classes.nothing}>nothing (null)</span>;
    case 'list':
      return <ListInput {...props} />;
    case 'number':
      return operator.input === 'duration' ? <NumberInput {...props} whole /> : <NumberInput {...props} />;
    case 'json':
      return <JsonInput value={value} onChange={onChange} />;
    case 'text':
      if (operator.input === 'date') return <DateInput value={value} onChange={onChange} />;
      return attribute === undefined || operator.input === 'pattern' ? (
        <TextInput
          size="xs"
          aria-label="Value"
          data-part="value"
          className={classes.grow ?? ''}
          classNames={operator.input === 'pattern' ? { input: classes.mono ?? '' } : {}}
          placeholder={PLACEHOLDERS[operator.input] ?? 'Value'}
          value={typeof value === 'string' ? value : ''}
          onChange={(event) => {
            onChange(event.currentTarget.value);
          }}
        />
      ) : (
        <SuggestedText {...props} attribute={attribute} />
      );
  }
}

const PLACEHOLDERS: Partial<Record<Operator['input'], string>> = {
  pattern: '^[a-z]+-prod$',
  network: '10.0.0.0/8',
  version: '10.15.6',
};

function SuggestedText({ scope, attribute, value, onChange, operator }: Props & { attribute: Offered }) {
  const text = typeof value === 'string' ? value : '';
  const [focused, setFocused] = useState(false);
  const [prefix] = useDebouncedValue(text, TYPING_PAUSE);
  const { data } = useQuery({ ...valuesQuery(scope, attribute.attribute.from, prefix), enabled: focused });
  const counts = new Map<string, number>();
  for (const known of attribute.attribute.enum) if (typeof known === 'string') counts.set(known, 0);
  for (const known of data?.values ?? []) {
    if (typeof known.value === 'string') counts.set(known.value, known.records);
  }
  return (
    <Autocomplete
      size="xs"
      aria-label="Value"
      data-part="value"
      className={classes.grow ?? ''}
      placeholder={PLACEHOLDERS[operator.input] ?? 'Value'}
      data={[...counts.keys()].filter((known) => known !== '')}
      filter={({ options }) => options}
      renderOption={({ option }) => (
        <span className={classes.suggestion}>
          <bdi>{option.value}</bdi>
          {(counts.get(option.value) ?? 0) > 0 && <span className={classes.share}>{counts.get(option.value)}×</span>}
        </span>
      )}
      maxDropdownHeight={240}
      value={text}
      onFocus={() => {
        setFocused(true);
      }}
      onChange={onChange}
    />
  );
}

/** A number with the digits that were typed: 1.0 stays 1.0. */
function NumberInput({ value, onChange, whole = false }: Props & { whole?: boolean }) {
  const digits = value === undefined ? '' : jsonLine(value);
  const [typed, setTyped] = useState({ from: digits, text: digits });
  if (typed.from !== digits) setTyped({ from: digits, text: digits });
  return (
    <TextInput
      size="xs"
      inputMode={whole ? 'numeric' : 'decimal'}
      aria-label="Value"
      data-part="value"
      className={whole ? (classes.short ?? '') : (classes.grow ?? '')}
      placeholder="Number"
      value={typed.text}
      error={typed.text !== digits && typed.text !== '' && typed.text !== '-'}
      onChange={(event) => {
        const text = event.currentTarget.value.trim();
        const number = numberOf(text);
        setTyped({ from: number === undefined ? '' : jsonLine(number), text });
        onChange(number);
      }}
    />
  );
}

function numberOf(text: string): number | ExactNumber | undefined {
  try {
    const value = parseJson(text);
    return typeof value === 'number' || value instanceof ExactNumber ? value : undefined;
  } catch (fault) {
    if (fault instanceof JsonFault) return undefined;
    throw fault;
  }
}

function ListInput({ scope, attribute, value, onChange }: Props & { kind: ValueKind }) {
  const items: unknown[] = Array.isArray(value) ? value : [];
  const held =
    attribute?.attribute.types.includes('array') === true ? attribute.attribute.elements : attribute?.attribute;
  const types = held?.types ?? [];
  const numbers =
    items.length > 0
      ? items.every((item) => valueKind(item) === 'number')
      : types.length > 0 && types.every((type) => type === 'integer' || type === 'number' || type === 'null');
  const [focused, setFocused] = useState(false);
  const [typed, setTyped] = useState('');
  const [prefix] = useDebouncedValue(typed, TYPING_PAUSE);
  const { data } = useQuery({
    ...valuesQuery(scope, attribute?.attribute.from ?? { fact: '' }, prefix),
    enabled: focused && attribute !== undefined,
  });
  const known = [...(held?.enum ?? []), ...(data?.values ?? []).map((each) => each.value)]
    .filter((each) => valueKind(each) === (numbers ? 'number' : 'text'))
    .map((each) => (typeof each === 'string' ? each : jsonLine(each)))
    .filter((each) => each !== '');
  const labels = items.map((item) => (typeof item === 'string' ? item : jsonLine(item)));
  return (
    <TagsInput
      size="xs"
      aria-label="Values"
      data-part="value"
      className={classes.grow ?? ''}
      placeholder={items.length === 0 ? 'Values, Enter after each' : ''}
      data={[...new Set(known)]}
      maxDropdownHeight={240}
      value={labels}
      searchValue={typed}
      onSearchChange={setTyped}
      acceptValueOnBlur
      clearable={items.length > 1}
      clearButtonProps={{ 'aria-label': 'Remove all values' }}
      onFocus={() => {
        setFocused(true);
      }}
      onChange={(next) => {
        const values = next.flatMap((label) => {
          const before = items[labels.indexOf(label)];
          if (before !== undefined) return [before];
          if (!numbers) return [label];
          const number = numberOf(label);
          return number === undefined ? [] : [number];
        });
        onChange(values.length === 0 ? undefined : values);
      }}
    />
  );
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

function DateInput({ value, onChange }: { value: unknown; onChange: (value: unknown) => void }) {
  const text = typeof value === 'string' ? value : '';
  const day = text === '' || DAY.test(text);
  return (
    <TextInput
      size="xs"
      type={day ? 'date' : 'text'}
      aria-label={day ? 'Date' : 'Date and time'}
      data-part="value"
      className={classes.grow ?? ''}
      value={text}
      onChange={(event) => {
        onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value);
      }}
    />
  );
}

function JsonInput({ value, onChange }: { value: unknown; onChange: (value: unknown) => void }) {
  const text = value === undefined ? '' : jsonLine(value);
  const [typed, setTyped] = useState({ from: text, text, fault: '' });
  if (typed.from !== text) setTyped({ from: text, text, fault: '' });
  return (
    <TextInput
      size="xs"
      aria-label="Value as JSON"
      data-part="value"
      className={classes.grow ?? ''}
      classNames={{ input: classes.mono ?? '' }}
      value={typed.text}
      error={typed.fault === '' ? undefined : typed.fault}
      onChange={(event) => {
        const next = event.currentTarget.value;
        try {
          const parsed = parseJson(next);
          setTyped({ from: jsonLine(parsed), text: next, fault: '' });
          onChange(parsed);
        } catch (fault) {
          if (!(fault instanceof JsonFault)) throw fault;
          setTyped({ from: text, text: next, fault: fault.message });
        }
      }}
    />
  );
}
