import { Button, Select } from '@mantine/core';
import type { Operator } from '@/shared/api/rules';
import { AttributePicker } from '@/features/builder/attribute-picker';
import { ConditionAt } from '@/features/builder/conditions';
import { useBuilder } from '@/features/builder/context';
import { as, idOf, type Item, type Path, put, setMember } from '@/features/builder/logic';
import { LookupForm } from '@/features/builder/lookup-form';
import { beginning, carriedValue, findOffered, likely, type Offered, type Scope } from '@/features/builder/scope';
import { elementScope } from '@/features/builder/scope-of';
import { ValueField } from '@/features/builder/value-field';
import classes from '@/features/builder/condition.module.css';

/** The members of a condition that an edit replaces, in the order in which people write them. */
function written(node: Item, parts: { fact: string; path?: string; operator: string; value?: unknown }): Item {
  const rest = Object.entries(node).filter(([name]) => !['fact', 'path', 'operator', 'value'].includes(name));
  return {
    ...Object.fromEntries(rest),
    fact: parts.fact,
    ...(parts.path === undefined ? {} : { path: parts.path }),
    operator: parts.operator,
    ...(parts.value === undefined ? {} : { value: parts.value }),
  };
}

/** A condition over one attribute: which, how it is compared, and with what. */
export function LeafForm({ path, node, scope }: { path: Path; node: Item; scope: Scope | undefined }) {
  const { tree, operators, change } = useBuilder();
  const fact = typeof node.fact === 'string' ? node.fact : undefined;
  const chosen = scope === undefined || fact === undefined ? undefined : findOffered(scope.attributes, fact, node.path);
  const operator = typeof node.operator === 'string' ? operators.get(node.operator) : undefined;

  const pick = (offered: Offered) => {
    const { own } = offered.attribute;
    const start = beginning(offered.attribute, operators);
    const keeps = operator !== undefined && chosen !== undefined && offered.attribute.operators.includes(operator.name);
    const sameTypes = keeps && chosen.attribute.types.join() === offered.attribute.types.join();
    const kept = sameTypes ? { operator: operator.name, value: node.value } : start;
    change(
      put(
        tree,
        path,
        as(written(node, { fact: own.fact, ...(own.path === undefined ? {} : { path: own.path }), ...kept }), node),
      ),
    );
  };

  return (
    <>
      <AttributePicker
        scope={scope}
        fact={fact}
        path={node.path}
        label="Attribute"
        part="attribute"
        onPick={pick}
        onName={(named) => {
          const kept = operator === undefined ? { operator: 'equal' } : { operator: operator.name, value: node.value };
          change(put(tree, path, as(written(node, { fact: named, ...kept }), node)));
        }}
      />
      {operator !== undefined && (
        <OperatorSelect
          operator={operator}
          value={node.value}
          attribute={chosen}
          onPick={(next, choice) => {
            const value = choice ?? carriedValue(node.value, operator, next, chosen?.attribute);
            const renamed = setMember(tree, path, 'operator', next.name);
            change(setMember(renamed, path, 'value', value));
          }}
        />
      )}
      {operator !== undefined && scope !== undefined && needsField(operator, node.value) && (
        <ValueField
          key={operator.input}
          scope={scope}
          operator={operator}
          attribute={chosen}
          value={node.value}
          onChange={(value) => {
            change(setMember(tree, path, 'value', value), `${idOf(node)} value`);
          }}
        />
      )}
    </>
  );
}

const needsField = (operator: Operator, value: unknown): boolean =>
  operator.input === 'choice'
    ? typeof value !== 'boolean'
    : operator.input !== 'condition' && operator.input !== 'lookup';

/** What stands below the line of a condition: what it asks of elements, or of another resource. */
export function LeafBelow({ path, node, scope }: { path: Path; node: Item; scope: Scope | undefined }) {
  const { operators, tree, change, resources } = useBuilder();
  const operator = typeof node.operator === 'string' ? operators.get(node.operator) : undefined;
  if (scope === undefined) return null;
  if (typeof node.fact !== 'string') {
    const resource = resources.find(({ id }) => id === scope.resourceId);
    const offered = likely(scope, resource?.displayNameKey);
    if (offered.length === 0) return null;
    return (
      <div className={classes.chips}>
        <span>For example</span>
        {offered.map((each) => (
          <Button
            key={each.key}
            size="compact-xs"
            variant="default"
            onClick={() => {
              const { own } = each.attribute;
              const start = beginning(each.attribute, operators);
              const leaf = written(node, {
                fact: own.fact,
                ...(own.path === undefined ? {} : { path: own.path }),
                ...start,
              });
              change(put(tree, path, as(leaf, node)));
            }}
          >
            <bdi>{each.label}</bdi>
          </Button>
        ))}
      </div>
    );
  }
  if (operator?.input === 'condition') {
    const chosen = findOffered(scope.attributes, node.fact, node.path);
    return (
      <div className={classes.nested}>
        <ConditionAt
          path={[...path, 'value']}
          scope={elementScope(scope, chosen, `${node.fact} ${typeof node.path === 'string' ? node.path : ''}`)}
          root
        />
      </div>
    );
  }
  if (operator?.input === 'lookup') return <LookupForm path={path} node={node} />;
  return null;
}

type Entry = { value: string; label: string; operator: Operator; choice: boolean | undefined };

function entriesOf(operator: Operator): Entry[] {
  const choices = operator.choices ?? [];
  if (choices.length === 0) return [{ value: operator.name, label: wordsOf(operator), operator, choice: undefined }];
  return choices.map(({ value, words }) => ({
    value: `${operator.name}=${value}`,
    label: words,
    operator,
    choice: value,
  }));
}

/** The operators that fit, each choice of those that only take true or false by itself. */
function OperatorSelect({
  operator,
  value,
  attribute,
  onPick,
}: {
  operator: Operator;
  value: unknown;
  attribute: Offered | undefined;
  onPick: (operator: Operator, choice?: boolean) => void;
}) {
  const { operators } = useBuilder();
  const names = attribute === undefined ? [...operators.keys()] : attribute.attribute.operators;
  const listed = names.includes(operator.name) ? names : [operator.name, ...names];
  const entries = listed.flatMap((name) => operators.get(name) ?? []).flatMap(entriesOf);
  const current =
    operator.input === 'choice' && typeof value === 'boolean' ? `${operator.name}=${value}` : operator.name;
  // An operator of two choices whose answer comes from the record is none of its choices.
  const data: Entry[] = entries.some((entry) => entry.value === current)
    ? entries
    : [{ value: current, label: wordsOf(operator), operator, choice: undefined }, ...entries];
  return (
    <Select
      size="xs"
      className={classes.operator ?? ''}
      aria-label="Operator"
      data-part="operator"
      searchable
      data={data.map(({ value: name, label }) => ({ value: name, label }))}
      value={current}
      allowDeselect={false}
      maxDropdownHeight={320}
      comboboxProps={{ width: 300, position: 'bottom-start' }}
      nothingFoundMessage="No operator is called that."
      renderOption={({ option }) => {
        const entry = data.find((each) => each.value === option.value);
        return (
          <span>
            <span>{option.label}</span>
            <span className={classes.blockWord} hidden={entry === undefined}>
              {' '}
              {entry?.operator.group}
            </span>
          </span>
        );
      }}
      onChange={(picked) => {
        const entry = data.find((each) => each.value === picked);
        if (entry !== undefined && picked !== current) onPick(entry.operator, entry.choice);
      }}
    />
  );
}

/** An operator without its value: "is older than … days". */
function wordsOf(operator: Operator): string {
  const phrase = operator.phrase === '' ? operator.words : operator.phrase;
  return phrase.endsWith(' {value}') ? phrase.slice(0, -' {value}'.length) : phrase.replace('{value}', '…');
}
