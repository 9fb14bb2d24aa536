import { ExactNumber } from '@/shared/api/json';
import { copyJson, namesOf } from '@/features/builder/exact';

/**
 * The logic of a test is edited as the JSON that it is. Nothing is translated
 * into another model, so nothing that the builder does not know can get lost.
 */
export type Tree = unknown;
export type Item = Record<string, unknown>;
export type Path = readonly (string | number)[];

/** A group of conditions that is true if all, or any, of them are. */
export type ListKind = 'all' | 'any';

export function isItem(value: unknown): value is Item {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

export const pointerOf = (path: Path): string =>
  path.map((step) => `/${String(step).replaceAll('~', '~0').replaceAll('/', '~1')}`).join('');

/** The steps of a JSON Pointer into a tree; numbers are steps into lists. */
export function pathOf(tree: Tree, pointer: string): Path {
  const steps = pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  let at: unknown = tree;
  return steps.map((step) => {
    const into = Array.isArray(at) ? Number(step) : step;
    at = stepInto(at, into);
    return into;
  });
}

function stepInto(value: unknown, step: string | number): unknown {
  if (Array.isArray(value)) return typeof step === 'number' ? (value[step] as unknown) : undefined;
  return isItem(value) && Object.hasOwn(value, step) ? value[step] : undefined;
}

export function at(tree: Tree, path: Path): unknown {
  return path.reduce<unknown>(stepInto, tree);
}

// A node that takes the place of another is the same to React and to the focus.
const ids = new WeakMap<object, string>();
let lastId = 0;

/** What stays the same about a condition while it is edited and moved. */
export function idOf(node: object): string {
  let id = ids.get(node);
  if (id === undefined) {
    lastId += 1;
    id = `n${lastId}`;
    ids.set(node, id);
  }
  return id;
}

function inherit<Node extends object>(node: Node, from: unknown): Node {
  if (typeof from === 'object' && from !== null) ids.set(node, idOf(from));
  return node;
}

/** Makes a node be the one that stood there before. */
export function as(node: Item, before: unknown): Item {
  return inherit(node, before);
}

/** The tree with another value at a place. */
export function put(tree: Tree, path: Path, value: unknown): Tree {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(tree)) {
    const list = [...(tree as unknown[])];
    list[step as number] = put(list[step as number], rest, value);
    return inherit(list, tree);
  }
  const item = isItem(tree) ? tree : {};
  return inherit(withMember(item, String(step), put(stepInto(item, step), rest, value)), tree);
}

/** An object with a member, in its old place if it had it. */
export function withMember(item: Item, name: string, value: unknown): Item {
  return Object.fromEntries(
    Object.hasOwn(item, name)
      ? namesOf(item).map((each) => [each, each === name ? value : item[each]])
      : [...namesOf(item).map((each): [string, unknown] => [each, item[each]]), [name, value]],
  );
}

export function withoutMember(item: Item, name: string): Item {
  return inherit(
    Object.fromEntries(namesOf(item).flatMap((each) => (each === name ? [] : [[each, item[each]]]))),
    item,
  );
}

/** The tree without what is at a place. */
export function drop(tree: Tree, path: Path): Tree {
  const holder = path.slice(0, -1);
  const last = path.at(-1);
  const from = at(tree, holder);
  if (Array.isArray(from)) {
    return put(
      tree,
      holder,
      inherit(
        from.filter((_, place) => place !== last),
        from,
      ),
    );
  }
  return isItem(from) ? put(tree, holder, withoutMember(from, String(last))) : tree;
}

/** The tree with a value more in a list. */
export function insert(tree: Tree, list: Path, place: number, value: unknown): Tree {
  const from = at(tree, list);
  return Array.isArray(from) ? put(tree, list, inherit(from.toSpliced(place, 0, value), from)) : tree;
}

/** What a condition is to the builder. A block is one that it shows as JSON. */
export type Kind = ListKind | 'not' | 'named' | 'leaf' | 'empty' | 'block';

// What every condition may carry beside what it says.
const KEPT = ['name', 'priority', 'params'];

export function kindOf(node: unknown, knows: (operator: string) => boolean): Kind {
  if (!isItem(node)) return 'block';
  const names = Object.keys(node);
  if (names.length === 0) return 'empty';
  const only = (...allowed: string[]) => names.every((name) => allowed.includes(name) || KEPT.includes(name));
  if (Array.isArray(node.all) && only('all')) return 'all';
  if (Array.isArray(node.any) && only('any')) return 'any';
  if (isItem(node.not) && only('not')) return 'not';
  if (typeof node.condition === 'string' && only('condition')) return 'named';
  if (typeof node.fact === 'string' && only('fact', 'path', 'operator', 'value')) {
    const path = node.path === undefined || typeof node.path === 'string';
    if (path && typeof node.operator === 'string' && knows(node.operator)) return 'leaf';
  }
  return 'block';
}

/** The list of conditions in a group. */
export const listIn = (path: Path, node: unknown): Path | undefined => {
  if (!isItem(node)) return undefined;
  if (Array.isArray(node.all)) return [...path, 'all'];
  return Array.isArray(node.any) ? [...path, 'any'] : undefined;
};

const isList = (tree: Tree, path: Path): boolean =>
  (path.at(-1) === 'all' || path.at(-1) === 'any') && Array.isArray(at(tree, path));

/** The list that a condition stands in, and its place there; undefined for a root or what a "not" holds. */
export function placeOf(tree: Tree, path: Path): { list: Path; place: number; count: number } | undefined {
  const list = path.slice(0, -1);
  const place = path.at(-1);
  if (typeof place !== 'number' || !isList(tree, list)) return undefined;
  return { list, place, count: (at(tree, list) as unknown[]).length };
}

/** The end of an edit: the tree, and where the focus goes. */
export type Edited = { tree: Tree; focus: Path };

export const EMPTY_CONDITION = (): Item => ({});

export function addTo(tree: Tree, list: Path, node: Item, place?: number): Edited {
  const items = at(tree, list);
  const last = Array.isArray(items) ? items.length : 0;
  const where = place ?? last;
  return { tree: insert(tree, list, where, node), focus: [...list, where] };
}

/** Takes a condition away. The focus goes to what moves into its place, else to what holds it. */
export function remove(tree: Tree, path: Path): Edited {
  const place = placeOf(tree, path);
  if (place !== undefined) {
    const rest = drop(tree, path);
    const left = place.count - 1;
    if (left > 0) return { tree: rest, focus: [...place.list, Math.min(place.place, left - 1)] };
    return { tree: rest, focus: place.list.slice(0, -1) };
  }
  if (path.at(-1) === 'not') return remove(tree, path.slice(0, -1));
  if (path.at(-1) === 'where') return { tree: drop(tree, path), focus: path.slice(0, -2) };
  // A root cannot go, only what is in it.
  return { tree: put(tree, path, as({ all: [] }, at(tree, path))), focus: path };
}

export function duplicate(tree: Tree, path: Path): Edited {
  const place = placeOf(tree, path);
  if (place === undefined) return { tree, focus: path };
  return addTo(tree, place.list, copyJson(at(tree, path)) as Item, place.place + 1);
}

/** Puts a condition into a group of its own, or under a "not". */
export function wrap(tree: Tree, path: Path, kind: ListKind | 'not'): Edited {
  const node = at(tree, path);
  const around = kind === 'not' ? { not: node } : { [kind]: [node] };
  return { tree: put(tree, path, around), focus: path };
}

/** Puts what a group or a "not" holds in its place. */
export function unwrap(tree: Tree, path: Path): Edited {
  const node = at(tree, path);
  if (!isItem(node)) return { tree, focus: path };
  if (isItem(node.not)) return { tree: put(tree, path, node.not), focus: path };
  const list = listIn(path, node);
  const place = placeOf(tree, path);
  if (list === undefined || place === undefined) return { tree, focus: path };
  const inside = at(tree, list) as unknown[];
  const around = at(tree, place.list) as unknown[];
  return {
    tree: put(tree, place.list, inherit(around.toSpliced(place.place, 1, ...inside), around)),
    focus: inside.length > 0 ? path : [...place.list, Math.max(0, place.place - 1)],
  };
}

/** Whether a path is that of a place in what is at another path, or the same. */
export const within = (outer: Path, path: Path): boolean =>
  outer.length <= path.length && outer.every((step, n) => step === path[n]);

/** Moves a condition into a list, before what is at a place there. */
export function move(tree: Tree, path: Path, list: Path, place: number): Edited {
  const node = at(tree, path);
  if (within(path, list) || placeOf(tree, path) === undefined || !isItem(node)) return { tree, focus: path };
  const mark = {};
  const held = insert(put(tree, path, mark), list, place, node);
  const markAt = find(held, mark);
  const rest = markAt === undefined ? held : drop(held, markAt);
  return { tree: rest, focus: find(rest, node) ?? path };
}

function find(tree: Tree, node: object, path: Path = []): Path | undefined {
  if (tree === node) return path;
  if (typeof tree !== 'object' || tree === null) return undefined;
  const steps: [string | number, unknown][] = Array.isArray(tree)
    ? tree.map((item, n) => [n, item])
    : Object.entries(tree);
  for (const [step, value] of steps) {
    const found = find(value, node, [...path, step]);
    if (found !== undefined) return found;
  }
  return undefined;
}

export type Direction = 'up' | 'down' | 'out' | 'in';

/** Where a condition goes by one step: among its neighbours, out of its group, or into the group beside it. */
export function stepTo(tree: Tree, path: Path, direction: Direction): { list: Path; place: number } | undefined {
  const now = placeOf(tree, path);
  if (now === undefined) return undefined;
  switch (direction) {
    case 'up':
      return now.place > 0 ? { list: now.list, place: now.place - 1 } : undefined;
    case 'down':
      return now.place < now.count - 1 ? { list: now.list, place: now.place + 2 } : undefined;
    case 'out': {
      const holder = placeOf(tree, now.list.slice(0, -1));
      return holder === undefined ? undefined : { list: holder.list, place: holder.place + 1 };
    }
    case 'in':
      for (const beside of [now.place - 1, now.place + 1]) {
        const list = listIn([...now.list, beside], at(tree, [...now.list, beside]));
        if (list !== undefined) {
          const count = (at(tree, list) as unknown[]).length;
          return { list, place: beside < now.place ? count : 0 };
        }
      }
      return undefined;
  }
}

/** Turns "all of these" into "at least one of these" or back. */
export function setListKind(tree: Tree, path: Path, kind: ListKind): Tree {
  const node = at(tree, path);
  if (!isItem(node)) return tree;
  const other = kind === 'all' ? 'any' : 'all';
  return put(
    tree,
    path,
    inherit(
      Object.fromEntries(namesOf(node).map((name) => (name === other ? [kind, node[name]] : [name, node[name]]))),
      node,
    ),
  );
}

/** Sets a member of the object at a place; undefined takes it away. */
export function setMember(tree: Tree, path: Path, name: string, value: unknown): Tree {
  const node = at(tree, path);
  if (!isItem(node)) return tree;
  return put(
    tree,
    path,
    value === undefined ? withoutMember(node, name) : inherit(withMember(node, name, value), node),
  );
}

/** The groups of a test's logic. */
export function groupsOf(tree: Tree): unknown[] {
  const groups = at(tree, ['groups']);
  return Array.isArray(groups) ? groups : [];
}

export type Filter = { mode: string | undefined; evaluator: Path };

/** The filter of a group, written with its mode or as a bare evaluator; undefined without one. */
export function filterOf(tree: Tree, group: number): Filter | undefined {
  const path: Path = ['groups', group, 'filteringCriteria'];
  const filter = at(tree, path);
  if (!isItem(filter)) return undefined;
  if (!('mode' in filter) && !('evaluator' in filter)) return { mode: undefined, evaluator: path };
  return { mode: typeof filter.mode === 'string' ? filter.mode : undefined, evaluator: [...path, 'evaluator'] };
}

/** Says what a filter does with what it finds; a bare evaluator gets a mode beside it. */
export function setFilterMode(tree: Tree, group: number, mode: string): Tree {
  const path: Path = ['groups', group, 'filteringCriteria'];
  const filter = filterOf(tree, group);
  if (filter === undefined) return put(tree, path, { mode, evaluator: { all: [EMPTY_CONDITION()] } });
  if (filter.evaluator.length > path.length) return put(tree, [...path, 'mode'], mode);
  return put(tree, path, { mode, evaluator: at(tree, path) });
}

/** A group with one condition that is to be filled in. */
export function newGroup(resourceId: number | undefined): Item {
  return { ...(resourceId === undefined ? {} : { resourceId }), evaluator: { all: [EMPTY_CONDITION()] } };
}

export function newLogic(resourceId: number | undefined): Item {
  return { logic: 'ALL_GROUPS', groups: [newGroup(resourceId)] };
}

/** The places of what is not filled in yet: conditions, and groups without a resource. */
export function unfinished(tree: Tree): Path[] {
  const out: Path[] = [];
  groupsOf(tree).forEach((group, n) => {
    const path: Path = ['groups', n];
    if (isItem(group) && group.resourceId === undefined) out.push([...path, 'resourceId']);
    const filter = filterOf(tree, n);
    if (filter !== undefined) visit(at(tree, filter.evaluator), filter.evaluator, out);
    visit(at(tree, [...path, 'evaluator']), [...path, 'evaluator'], out);
  });
  return out;
}

function visit(node: unknown, path: Path, out: Path[]): void {
  if (!isItem(node)) return;
  const list = listIn(path, node);
  if (list !== undefined) {
    (at(node, [list.at(-1) ?? '']) as unknown[]).forEach((each, n) => {
      visit(each, [...list, n], out);
    });
    return;
  }
  if (isItem(node.not)) {
    visit(node.not, [...path, 'not'], out);
    return;
  }
  const names = Object.keys(node);
  if (names.length === 0 || (typeof node.fact === 'string' && !('value' in node)) || node.condition === '') {
    out.push(path);
    return;
  }
  if (!isItem(node.value) || typeof node.fact !== 'string') return;
  if ('resource' in node.value && !('path' in node.value)) out.push(path);
  if (isItem(node.value.where)) visit(node.value.where, [...path, 'value', 'where'], out);
  visitQuantifier(node.value, [...path, 'value'], out);
}

function visitQuantifier(value: Item, path: Path, out: Path[]): void {
  if ('fact' in value && !('operator' in value)) return;
  if (listIn(path, value) !== undefined || isItem(value.not)) visit(value, path, out);
}

/**
 * The deepest thing with a place of its own on the page that a pointer leads to:
 * a condition, or a part of a group.
 */
export function ownerOf(tree: Tree, pointer: string, knows: (operator: string) => boolean): string {
  const path = pathOf(tree, pointer);
  let owner: Path = path.slice(0, Math.min(path.length, 3));
  let n = path[0] === 'groups' ? 3 : 0;
  if (path[2] === 'filteringCriteria' && path[3] === 'evaluator') n = 4;
  if (path[2] === 'assertion' || path[2] === 'resourceId' || path.length < n || n === 0) return pointerOf(owner);
  while (n <= path.length) {
    const node = at(tree, path.slice(0, n));
    const kind = kindOf(node, knows);
    owner = path.slice(0, n);
    if (kind === 'all' || kind === 'any') {
      if (path.length < n + 2) break;
      n += 2;
    } else if (kind === 'not') n += 1;
    else if (kind === 'leaf' && path[n] === 'value' && path.length > n + 1) {
      if (path[n + 1] === 'all' || path[n + 1] === 'any' || path[n + 1] === 'not') n += 1;
      else if (path[n + 1] === 'where' && path.length > n + 2) n += 2;
      else break;
    } else break;
  }
  return pointerOf(owner);
}
