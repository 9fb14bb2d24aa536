import { ActionIcon, Button, Menu, NativeSelect, Select } from '@mantine/core';
import { useDraggable, useDroppable } from '@dnd-kit/react';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { ConditionMenu, useMoveKeys } from '@/features/builder/condition-menu';
import { useBuilder } from '@/features/builder/context';
import { Findings, useSeverity } from '@/features/builder/findings';
import { JsonBlock } from '@/features/builder/json-block';
import { LeafBelow, LeafForm } from '@/features/builder/leaf-form';
import {
  addTo,
  at,
  EMPTY_CONDITION,
  idOf,
  isItem,
  type Item,
  kindOf,
  type ListKind,
  listIn,
  type Path,
  placeOf,
  pointerOf,
  remove,
  setListKind,
  setMember,
  within,
} from '@/features/builder/logic';
import type { Scope } from '@/features/builder/scope';
import classes from '@/features/builder/condition.module.css';

/** What is dragged, and where it may be dropped. */
export type Dragged = { path: Path; scope: string; words: string };
export type Gap = { list: Path; place: number };

/** A condition at a place of the logic, whatever it is. */
export function ConditionAt({ path, scope, root = false }: { path: Path; scope: Scope | undefined; root?: boolean }) {
  const { tree, knows } = useBuilder();
  const node = at(tree, path);
  const kind = kindOf(node, knows);
  if (kind === 'all' || kind === 'any' || kind === 'not') {
    return <GroupOfConditions path={path} node={node as Item} kind={kind} scope={scope} root={root} />;
  }
  return <Row path={path} node={node} scope={scope} root={root} />;
}

function useHandle(path: Path, node: unknown, scope: Scope | undefined, words: string, fixed: boolean) {
  const data: Dragged = { path, scope: scope?.key ?? '', words };
  return useDraggable({
    id: typeof node === 'object' && node !== null ? idOf(node) : pointerOf(path),
    data,
    disabled: fixed,
  });
}

/** The place of a condition among its neighbours, to tell it apart by ear. */
function useName(path: Path, word: string): string {
  const { tree } = useBuilder();
  const place = placeOf(tree, path);
  return place === undefined ? word : `${word} ${place.place + 1} of ${place.count}`;
}

function Row({ path, node, scope, root }: { path: Path; node: unknown; scope: Scope | undefined; root: boolean }) {
  const { tree, knows, apply } = useBuilder();
  const kind = kindOf(node, knows);
  const pointer = pointerOf(path);
  const severity = useSeverity(pointer);
  const name = useName(path, 'Condition');
  const words = isItem(node) && typeof node.fact === 'string' ? `Condition on ${node.fact}` : 'Condition';
  const { ref, handleRef, isDragging } = useHandle(path, node, scope, words, root);
  const onKeyDown = useMoveKeys(path);
  let form: ReactNode;
  if (kind === 'named') form = <NamedForm path={path} node={node as Item} />;
  else if (kind === 'block') form = <JsonBlock path={path} node={node} />;
  else form = <LeafForm path={path} node={node as Item} scope={scope} />;
  return (
    <div
      ref={ref}
      role="group"
      aria-label={name}
      className={classes.row}
      data-condition={pointer}
      data-severity={severity}
      data-dragged={isDragging || undefined}
      onKeyDownCapture={onKeyDown}
    >
      <div className={classes.line}>
        <ConditionMenu path={path} label={`${name}: move and more`} handleRef={handleRef} />
        <div className={classes.form}>{form}</div>
        {!root && (
          <ActionIcon
            variant="subtle"
            color="gray"
            className={classes.end ?? ''}
            aria-label={`Remove ${name.toLowerCase()}`}
            title="Remove"
            data-part="remove"
            onClick={() => {
              apply(remove(tree, path), 'Removed');
            }}
          >
            <IconTrash size={15} stroke={1.7} />
          </ActionIcon>
        )}
      </div>
      {(kind === 'leaf' || kind === 'empty') && <LeafBelow path={path} node={node as Item} scope={scope} />}
      <Findings pointer={pointer} />
    </div>
  );
}

function NamedForm({ path, node }: { path: Path; node: Item }) {
  const { tree, conditions, change } = useBuilder();
  const name = typeof node.condition === 'string' ? node.condition : '';
  const known = conditions.find((each) => each.name === name);
  return (
    <>
      <Select
        size="xs"
        className={classes.named ?? ''}
        aria-label="Named condition"
        placeholder="Choose a named condition"
        data-part="attribute"
        data-first
        searchable
        allowDeselect={false}
        data={[...new Set([...conditions.map((each) => each.name), ...(name === '' ? [] : [name])])]}
        value={name === '' ? null : name}
        nothingFoundMessage="No condition is called that."
        onChange={(picked) => {
          if (picked !== null) change(setMember(tree, path, 'condition', picked));
        }}
      />
      {known !== undefined && <span className={classes.blockWord}>{known.sentence}</span>}
    </>
  );
}

function GroupOfConditions({
  path,
  node,
  kind,
  scope,
  root,
}: {
  path: Path;
  node: Item;
  kind: ListKind | 'not';
  scope: Scope | undefined;
  root: boolean;
}) {
  const { tree, language, change, apply } = useBuilder();
  const pointer = pointerOf(path);
  const name = useName(path, 'Group of conditions');
  const { ref, handleRef, isDragging } = useHandle(path, node, scope, 'Group of conditions', root);
  const onKeyDown = useMoveKeys(path);
  const words = (each: string) => language.conditions.find(({ name: word }) => word === each)?.words ?? each;
  const list = listIn(path, node);
  return (
    <div
      ref={ref}
      role="group"
      aria-label={root ? words(kind) : name}
      className={classes.group}
      data-kind={kind}
      data-condition={pointer}
      data-dragged={isDragging || undefined}
      onKeyDownCapture={(event) => {
        // A condition in it moves by itself.
        if ((event.target as HTMLElement).closest('[data-condition]') === event.currentTarget) onKeyDown(event);
      }}
    >
      <div className={classes.groupHead}>
        <ConditionMenu path={path} label={`${root ? words(kind) : name}: move and more`} handleRef={handleRef} />
        {kind === 'not' ? (
          <span className={classes.groupWord}>{words('not')}</span>
        ) : (
          <NativeSelect
            size="xs"
            className={classes.groupKind ?? ''}
            aria-label="What must hold in this group"
            data-part="kind"
            data-first
            data={(['all', 'any'] as const).map((each) => ({ value: each, label: words(each) }))}
            value={kind}
            onChange={(event) => {
              change(setListKind(tree, path, event.currentTarget.value as ListKind));
            }}
          />
        )}
        {!root && (
          <ActionIcon
            variant="subtle"
            color="gray"
            className={classes.end ?? ''}
            aria-label={`Remove ${name.toLowerCase()} and all in it`}
            title="Remove this group and all in it"
            data-part="remove"
            onClick={() => {
              apply(remove(tree, path), 'Removed the group');
            }}
          >
            <IconTrash size={15} stroke={1.7} />
          </ActionIcon>
        )}
      </div>
      {list === undefined ? (
        <ConditionAt path={[...path, 'not']} scope={scope} />
      ) : (
        <ListOfConditions list={list} kind={kind as ListKind} scope={scope} />
      )}
      <Findings pointer={pointer} />
    </div>
  );
}

function ListOfConditions({ list, kind, scope }: { list: Path; kind: ListKind; scope: Scope | undefined }) {
  const { tree } = useBuilder();
  const items = at(tree, list) as unknown[];
  return (
    <>
      <div className={classes.list}>
        {items.map((item, place) => (
          <div key={typeof item === 'object' && item !== null ? idOf(item) : place}>
            <Between
              list={list}
              place={place}
              scope={scope}
              word={place === 0 ? undefined : kind === 'all' ? 'and' : 'or'}
            />
            <ConditionAt path={[...list, place]} scope={scope} />
          </div>
        ))}
        <Between list={list} place={items.length} scope={scope} word={undefined} />
      </div>
      <AddButtons list={list} />
    </>
  );
}

/** The place between two conditions, where a third can be dropped. */
function Between({
  list,
  place,
  scope,
  word,
}: {
  list: Path;
  place: number;
  scope: Scope | undefined;
  word: string | undefined;
}) {
  const { dragging } = useBuilder();
  const data: Gap = { list, place };
  const { ref, isDropTarget } = useDroppable({
    id: `${pointerOf(list)} ${place}`,
    data,
    accept: (source) => {
      const dragged = source.data as Dragged;
      return dragged.scope === (scope?.key ?? '') && !within(dragged.path, list);
    },
  });
  if (word === undefined && !dragging) return <div ref={ref} />;
  return (
    <div className={classes.between}>
      {word !== undefined && <span>{word}</span>}
      <div ref={ref} className={classes.gap} data-open={dragging || undefined} data-over={isDropTarget || undefined} />
    </div>
  );
}

function AddButtons({ list }: { list: Path }) {
  const { tree, apply, language, conditions } = useBuilder();
  const words = (each: string) => language.conditions.find(({ name }) => name === each)?.words ?? each;
  const add = (node: Item, said: string) => {
    const edited = addTo(tree, list, node);
    const inner = listIn(edited.focus, node);
    apply(inner === undefined ? edited : { ...edited, focus: [...inner, 0] }, said);
  };
  return (
    <div className={classes.groupEnd}>
      <Button
        size="compact-sm"
        variant="light"
        leftSection={<IconPlus size={14} />}
        onClick={() => {
          add(EMPTY_CONDITION(), 'A condition was added');
        }}
      >
        Condition
      </Button>
      <Menu position="bottom-start">
        <Menu.Target>
          <Button size="compact-sm" variant="default" leftSection={<IconPlus size={14} />}>
            Group
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          {(['any', 'all'] as const).map((kind) => (
            <Menu.Item
              key={kind}
              onClick={() => {
                add({ [kind]: [EMPTY_CONDITION()] }, 'A group was added');
              }}
            >
              {words(kind)}
            </Menu.Item>
          ))}
          <Menu.Item
            onClick={() => {
              add({ not: EMPTY_CONDITION() }, 'A negation was added');
            }}
          >
            {words('not')}
          </Menu.Item>
          {conditions.length > 0 && (
            <Menu.Item
              onClick={() => {
                add({ condition: '' }, 'A reference was added');
              }}
            >
              {words('condition')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
