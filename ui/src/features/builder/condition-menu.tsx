import { ActionIcon, Menu } from '@mantine/core';
import {
  IconArrowDown,
  IconArrowLeft,
  IconArrowRight,
  IconArrowUp,
  IconBoxMultiple,
  IconBoxOff,
  IconCopy,
  IconGripVertical,
  IconTrash,
} from '@tabler/icons-react';
import type { KeyboardEvent } from 'react';
import { type Builder, useBuilder } from '@/features/builder/context';
import {
  at,
  type Direction,
  duplicate,
  isItem,
  listIn,
  move,
  type Path,
  placeOf,
  remove,
  stepTo,
  unwrap,
  wrap,
} from '@/features/builder/logic';
import classes from '@/features/builder/condition.module.css';

const KEYS: Record<string, Direction> = { ArrowUp: 'up', ArrowDown: 'down', ArrowLeft: 'out', ArrowRight: 'in' };

const SAID: Record<Direction, string> = {
  up: 'Moved up',
  down: 'Moved down',
  out: 'Moved out of its group',
  in: 'Moved into the group beside it',
};

function step({ tree, apply }: Builder, path: Path, direction: Direction): boolean {
  const to = stepTo(tree, path, direction);
  if (to === undefined) return false;
  const edited = move(tree, path, to.list, to.place);
  const now = placeOf(edited.tree, edited.focus);
  apply(edited, `${SAID[direction]}. Now ${(now?.place ?? 0) + 1} of ${now?.count ?? 1}.`);
  return true;
}

/** Moves a condition with Alt and the arrow keys, except while a value is typed. */
export function useMoveKeys(path: Path): (event: KeyboardEvent<HTMLElement>) => void {
  const builder = useBuilder();
  return (event) => {
    const direction = KEYS[event.key];
    if (direction === undefined || !event.altKey || event.ctrlKey || event.metaKey) return;
    const target = event.target as HTMLElement;
    if (target.closest('[data-typing]') !== null) return;
    event.preventDefault();
    event.stopPropagation();
    step(builder, path, direction);
  };
}

/** The handle of a condition: drags it, and opens what can be done with it. */
export function ConditionMenu({
  path,
  label,
  handleRef,
}: {
  path: Path;
  label: string;
  handleRef: (element: Element | null) => void;
}) {
  const builder = useBuilder();
  const { tree, apply } = builder;
  const node = at(tree, path);
  const place = placeOf(tree, path);
  const grouped = isItem(node) && (listIn(path, node) !== undefined || isItem(node.not));
  const canUnwrap = grouped && (place !== undefined || (isItem(node) && isItem(node.not) && isItem(node.not)));
  const item = (direction: Direction, word: string, Icon: typeof IconArrowUp, keys: string) => (
    <Menu.Item
      leftSection={<Icon size={15} stroke={1.7} />}
      rightSection={<kbd>{keys}</kbd>}
      disabled={stepTo(tree, path, direction) === undefined}
      onClick={() => {
        step(builder, path, direction);
      }}
    >
      {word}
    </Menu.Item>
  );
  return (
    <Menu position="bottom-start" withinPortal returnFocus>
      <Menu.Target>
        <ActionIcon
          ref={handleRef}
          variant="subtle"
          color="gray"
          className={classes.grip ?? ''}
          data-part="grip"
          aria-label={label}
          title="Drag to move, click for more"
        >
          <IconGripVertical size={16} stroke={1.7} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {place !== undefined && (
          <>
            {item('up', 'Move up', IconArrowUp, 'Alt ↑')}
            {item('down', 'Move down', IconArrowDown, 'Alt ↓')}
            {item('out', 'Move out of this group', IconArrowLeft, 'Alt ←')}
            {item('in', 'Move into the group beside it', IconArrowRight, 'Alt →')}
            <Menu.Divider />
            <Menu.Item
              leftSection={<IconCopy size={15} stroke={1.7} />}
              onClick={() => {
                apply(duplicate(tree, path), 'Duplicated');
              }}
            >
              Duplicate
            </Menu.Item>
          </>
        )}
        {(['all', 'any', 'not'] as const).map((kind) => (
          <Menu.Item
            key={kind}
            leftSection={<IconBoxMultiple size={15} stroke={1.7} />}
            onClick={() => {
              apply(wrap(tree, path, kind), 'Put into a group');
            }}
          >
            {WRAPS[kind]}
          </Menu.Item>
        ))}
        {canUnwrap && (
          <Menu.Item
            leftSection={<IconBoxOff size={15} stroke={1.7} />}
            onClick={() => {
              apply(unwrap(tree, path), 'The group is dissolved');
            }}
          >
            Dissolve this group
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item
          color="var(--pl-fail-text)"
          leftSection={<IconTrash size={15} stroke={1.7} />}
          onClick={() => {
            apply(remove(tree, path), 'Removed');
          }}
        >
          {grouped ? 'Remove this group and all in it' : 'Remove'}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const WRAPS = {
  all: 'Put into a group: all of these',
  any: 'Put into a group: at least one of these',
  not: 'Put under “not”',
};
