import { ActionIcon, Menu, NativeSelect, SegmentedControl, TextInput, VisuallyHidden } from '@mantine/core';
import { IconArrowDown, IconArrowUp, IconCopy, IconDots, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { jsonLine } from '@/shared/api/json';
import type { Assertion, Preview } from '@/shared/api/rules';
import { count } from '@/shared/format/number';
import { ResultChip } from '@/shared/ui/result-chip';
import { AttributePicker } from '@/features/builder/attribute-picker';
import { ConditionAt } from '@/features/builder/conditions';
import { useBuilder } from '@/features/builder/context';
import { copyJson } from '@/features/builder/exact';
import { Findings } from '@/features/builder/findings';
import { JsonBlock } from '@/features/builder/json-block';
import {
  at,
  filterOf,
  groupsOf,
  isItem,
  type Item,
  type Path,
  pointerOf,
  put,
  setFilterMode,
  setMember,
} from '@/features/builder/logic';
import { ResourcePicker } from '@/features/builder/resource-picker';
import { recordPath, type Scope } from '@/features/builder/scope';
import { useRecordScope } from '@/features/builder/scope-of';
import classes from '@/features/builder/group-panel.module.css';

export type Mode = 'builder' | 'json';

/** One group of a test: which records, what must be true of each, and what must hold of all. */
export function GroupPanel({
  place,
  open,
  mode,
  counted,
  stale,
  show,
  setMode,
  json,
}: {
  place: number;
  /** Whether it is shown whole, not only by its head. */
  open: boolean;
  mode: Mode;
  /** What the preview says of it. */
  counted: Preview['groups'][number] | undefined;
  /** Whether that is of an earlier state of the logic. */
  stale: boolean;
  show: () => void;
  setMode: (mode: Mode) => void;
  /** The group as JSON to be edited, for that mode. */
  json: ReactNode;
}) {
  const { tree, change } = useBuilder();
  const path: Path = ['groups', place];
  const group = at(tree, path);
  const many = groupsOf(tree).length > 1;
  const name = isItem(group) && typeof group.name === 'string' ? group.name : '';
  const title = name === '' ? `Group ${place + 1}` : name;
  return (
    <section className={classes.panel} aria-label={title} data-group={place}>
      <header className={classes.head}>
        {many && !open ? (
          <button type="button" className={classes.closed} aria-expanded={false} onClick={show}>
            {title}
          </button>
        ) : !many && name === '' ? (
          <h2 className={classes.only}>Records and conditions</h2>
        ) : (
          <>
            <VisuallyHidden component="h2">{title}</VisuallyHidden>
            <TextInput
              size="xs"
              variant="unstyled"
              className={classes.name ?? ''}
              classNames={{ input: classes.nameInput ?? '' }}
              aria-label="Name of the group"
              placeholder={`Group ${place + 1}`}
              value={name}
              onChange={(event) => {
                const typed = event.currentTarget.value;
                change(setMember(tree, path, 'name', typed === '' ? undefined : typed), `${pointerOf(path)} name`);
              }}
            />
          </>
        )}
        {counted !== undefined && (
          <span className={classes.counted} data-stale={stale || undefined}>
            {counted.result !== null && <ResultChip result={asResult(counted.result)} reason={counted.reason} />}
            <span>
              {counted.counts.satisfying === undefined
                ? `${count(counted.counts.failing)} of ${count(counted.counts.inScope)} failing`
                : `${count(counted.counts.satisfying)} of ${count(counted.counts.inScope)} satisfying`}
            </span>
          </span>
        )}
        <span className={classes.tools}>
          {open && (
            <SegmentedControl
              size="xs"
              aria-label={`How to edit ${title}`}
              data={[
                { value: 'builder', label: 'Builder' },
                { value: 'json', label: 'JSON' },
              ]}
              value={mode}
              onChange={(chosen) => {
                setMode(chosen === 'json' ? 'json' : 'builder');
              }}
            />
          )}
          {many && <GroupMenu place={place} title={title} />}
        </span>
      </header>
      {open && <div className={classes.body}>{mode === 'json' ? json : <GroupForm place={place} group={group} />}</div>}
    </section>
  );
}

function asResult(result: string): 'PASSED' | 'FAILED' | 'ERROR' | 'READY' {
  return result === 'PASSED' || result === 'FAILED' || result === 'READY' ? result : 'ERROR';
}

function GroupMenu({ place, title }: { place: number; title: string }) {
  const { tree, change, apply } = useBuilder();
  const groups = groupsOf(tree);
  const path: Path = ['groups'];
  const shift = (to: number, said: string) => {
    const list = [...groups];
    const [group] = list.splice(place, 1);
    list.splice(to, 0, group);
    apply({ tree: put(tree, path, list), focus: ['groups', to] }, said);
  };
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`${title}: move and more`} title="Move and more">
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconArrowUp size={15} />}
          disabled={place === 0}
          onClick={() => {
            shift(place - 1, 'The group moved up');
          }}
        >
          Move up
        </Menu.Item>
        <Menu.Item
          leftSection={<IconArrowDown size={15} />}
          disabled={place === groups.length - 1}
          onClick={() => {
            shift(place + 1, 'The group moved down');
          }}
        >
          Move down
        </Menu.Item>
        <Menu.Item
          leftSection={<IconCopy size={15} />}
          onClick={() => {
            change(put(tree, path, groups.toSpliced(place + 1, 0, copyJson(groups[place]))));
          }}
        >
          Duplicate
        </Menu.Item>
        <Menu.Item
          color="var(--pl-fail-text)"
          leftSection={<IconTrash size={15} />}
          onClick={() => {
            change(put(tree, path, groups.toSpliced(place, 1)));
          }}
        >
          Remove this group
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

function GroupForm({ place, group }: { place: number; group: unknown }) {
  const { tree, change, resources } = useBuilder();
  const path: Path = ['groups', place];
  const resourceId = isItem(group) && typeof group.resourceId === 'number' ? group.resourceId : undefined;
  const resource = resources.find(({ id }) => id === resourceId);
  const scope = useRecordScope(resource);
  if (!isItem(group)) return <JsonBlock path={path} node={group} />;
  return (
    <>
      <Step title="Which records">
        <div className={classes.line}>
          <ResourcePicker
            resources={resources}
            value={resourceId}
            label="Records of"
            part="resource"
            onPick={({ id }) => {
              change(setMember(tree, path, 'resourceId', id));
            }}
          />
          {scope !== undefined && <FilterChoice place={place} />}
        </div>
        <Findings pointer={pointerOf([...path, 'resourceId'])} />
        {scope !== undefined && <FilterForm place={place} scope={scope} />}
      </Step>
      {scope !== undefined && (
        <>
          <Step title="What must be true of each">
            <ConditionAt path={[...path, 'evaluator']} scope={scope} root />
          </Step>
          <Step title="When the group passes">
            <AssertionForm path={path} group={group} scope={scope} />
          </Step>
        </>
      )}
      <Findings pointer={pointerOf(path)} />
    </>
  );
}

function Step({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className={classes.step}>
      <h3 className={classes.stepTitle}>{title}</h3>
      {children}
    </div>
  );
}

const EVERY_RECORD = 'every';

function FilterChoice({ place }: { place: number }) {
  const { tree, change, language } = useBuilder();
  const filter = filterOf(tree, place);
  const standing = language.filters.find((each) => each.default)?.name ?? 'exclusion';
  return (
    <NativeSelect
      size="xs"
      aria-label="Which of them are tested"
      className={classes.filter ?? ''}
      data={[
        { value: EVERY_RECORD, label: 'All records' },
        ...language.filters.map(({ name, words }) => ({ value: name, label: words })),
      ]}
      value={filter === undefined ? EVERY_RECORD : (filter.mode ?? standing)}
      onChange={(event) => {
        const chosen = event.currentTarget.value;
        change(
          chosen === EVERY_RECORD
            ? setMember(tree, ['groups', place], 'filteringCriteria', undefined)
            : setFilterMode(tree, place, chosen),
        );
      }}
    />
  );
}

function FilterForm({ place, scope }: { place: number; scope: Scope }) {
  const { tree } = useBuilder();
  const filter = filterOf(tree, place);
  if (filter === undefined) return null;
  return (
    <div className={classes.nested}>
      <ConditionAt path={filter.evaluator} scope={scope} root />
      <Findings pointer={pointerOf(['groups', place, 'filteringCriteria'])} />
    </div>
  );
}

function AssertionForm({ path, group, scope }: { path: Path; group: Item; scope: Scope }) {
  const { tree, change, language } = useBuilder();
  const standing = language.assertions.find((each) => each.default);
  const assertion = isItem(group.assertion) ? group.assertion : undefined;
  const kind = assertion === undefined ? standing?.name : assertion.kind;
  const chosen = language.assertions.find(({ name }) => name === kind);
  const empty = typeof group.onEmpty === 'string' ? group.onEmpty : language.onEmpty.find((each) => each.default)?.name;
  const emptyHelp = language.onEmpty.find(({ name }) => name === empty)?.help;
  const pointer = pointerOf([...path, 'assertion']);
  return (
    <>
      {assertion !== undefined && chosen === undefined ? (
        <JsonBlock path={[...path, 'assertion']} node={assertion} />
      ) : (
        <div className={classes.line}>
          <NativeSelect
            size="xs"
            aria-label="What must hold of all records"
            className={classes.assertion ?? ''}
            data={language.assertions.map(({ name, words }) => ({ value: name, label: words }))}
            value={chosen?.name ?? ''}
            onChange={(event) => {
              const next = language.assertions.find(({ name }) => name === event.currentTarget.value);
              if (next === undefined) return;
              change(setMember(tree, path, 'assertion', next.default ? undefined : startOf(next)));
            }}
          />
          {chosen?.parameters.map((parameter) => (
            <Parameter
              key={parameter.name}
              parameter={parameter}
              value={assertion?.[parameter.name]}
              scope={scope}
              onChange={(value) => {
                change(setMember(tree, [...path, 'assertion'], parameter.name, value), `${pointer} ${parameter.name}`);
              }}
            />
          ))}
        </div>
      )}
      {chosen !== undefined && <p className={classes.help}>{chosen.help}</p>}
      <Findings pointer={pointer} />
      <div className={classes.line}>
        <span className={classes.word}>If there is no record to test</span>
        <NativeSelect
          size="xs"
          aria-label="If there is no record to test"
          className={classes.empty ?? ''}
          data={language.onEmpty.map(({ name, words }) => ({ value: name, label: words }))}
          value={empty ?? ''}
          onChange={(event) => {
            const next = language.onEmpty.find(({ name }) => name === event.currentTarget.value);
            if (next !== undefined) change(setMember(tree, path, 'onEmpty', next.default ? undefined : next.name));
          }}
        />
        {emptyHelp !== undefined && <span className={classes.emptyHelp}>{emptyHelp}</span>}
      </div>
    </>
  );
}

/** An assertion with values to begin with, so that it can be evaluated at once. */
function startOf({ name, parameters }: Assertion): Item {
  const values = parameters.flatMap((parameter): [string, unknown][] => {
    if (parameter.type === 'percentage') return [[parameter.name, 95]];
    if (parameter.type === 'count' && (parameter.required || parameter.name === 'min')) return [[parameter.name, 1]];
    return [];
  });
  return { kind: name, ...Object.fromEntries(values) };
}

function Parameter({
  parameter,
  value,
  scope,
  onChange,
}: {
  parameter: Assertion['parameters'][number];
  value: unknown;
  scope: Scope;
  onChange: (value: unknown) => void;
}) {
  if (parameter.type === 'path') {
    const path = typeof value === 'string' ? value : undefined;
    const found = scope.attributes.find(({ attribute }) => recordPath(attribute) === path);
    return (
      <AttributePicker
        scope={scope}
        fact={path === undefined ? undefined : (found?.attribute.own.fact ?? path)}
        path={found?.attribute.own.path}
        label={`Unique ${parameter.words}`}
        onPick={({ attribute }) => {
          onChange(recordPath(attribute));
        }}
      />
    );
  }
  return (
    <label className={classes.parameter}>
      <span>{parameter.words}</span>
      <TextInput
        size="xs"
        inputMode="decimal"
        className={classes.number ?? ''}
        value={value === undefined || value === null ? '' : jsonLine(value)}
        onChange={(event) => {
          const typed = event.currentTarget.value.trim();
          const number = Number(typed);
          if (typed === '') onChange(undefined);
          else if (Number.isFinite(number)) onChange(number);
        }}
      />
    </label>
  );
}
