import { describe, expect, it } from 'vitest';
import { ExactNumber } from '@/shared/api/json';
import { copyJson, parseJson, printJson } from '@/features/builder/exact';
import {
  addTo,
  at,
  duplicate,
  filterOf,
  idOf,
  type Item,
  isItem,
  kindOf,
  listIn,
  move,
  newLogic,
  ownerOf,
  type Path,
  pathOf,
  placeOf,
  pointerOf,
  put,
  remove,
  setFilterMode,
  setListKind,
  setMember,
  stepTo,
  type Tree,
  unfinished,
  unwrap,
  within,
  wrap,
} from '@/features/builder/logic';

const knows = (operator: string): boolean => ['equal', 'all', 'existsIn'].includes(operator);

// A generator that gives the same numbers for a seed, so that a failure can be run again.
const seed = Date.now() % 2 ** 31;
function random(from: number): (below: number) => number {
  let state = from;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const NUMBERS = ['0', '-0', '1.0', '9007199254740993', '1e400', '-12.50', '1E2', '7'];
const TEXTS = ['', 'a', 'a/b~c', '"\\\n', '\u2028', 'ü😀', '1', '__proto__', '\u0001'];

function anyJson(pick: (below: number) => number, depth: number): string {
  const indent = (): string => ['', ' ', '\n', '\t '][pick(4)] ?? '';
  switch (pick(depth > 0 ? 7 : 5)) {
    case 0:
      return NUMBERS[pick(NUMBERS.length)] ?? '0';
    case 1:
      return JSON.stringify(TEXTS[pick(TEXTS.length)]);
    case 2:
      return 'true';
    case 3:
      return 'false';
    case 4:
      return 'null';
    case 5:
      return `[${indent()}${Array.from({ length: pick(4) }, () => anyJson(pick, depth - 1)).join(`${indent()},`)}]`;
    default: {
      const names = ['b', '2', '10', 'a', '__proto__', 'ü', ''].filter(() => pick(2) === 0);
      const members = names.map((name) => `${JSON.stringify(name)}${indent()}:${anyJson(pick, depth - 1)}`);
      return `{${indent()}${members.join(`,${indent()}`)}}`;
    }
  }
}

/** The text without what JSON says nothing with: the spaces between its parts. */
const compact = (text: string): string => text.replaceAll(/("(?:[^"\\]|\\.)*")|[ \t\n\r]+/g, '$1');

describe('JSON that is read and written', () => {
  it(`keeps numbers, names and their order (seed ${seed})`, () => {
    const pick = random(seed);
    for (let round = 0; round < 2_000; round += 1) {
      const text = anyJson(pick, 4);
      const value = parseJson(text);
      expect(compact(printJson(value))).toBe(compact(text));
      expect(printJson(copyJson(value))).toBe(printJson(value));
    }
  });

  it.each([
    ['', 'the text ends where a value is expected', 0],
    ['{"a":1,"a":2}', 'stands twice', 7],
    ['[1 2]', 'a comma or ]', 3],
    ['{"a" 1}', 'a colon', 5],
    ['{a:1}', 'double quotes', 1],
    ['"a\nb"', 'no end', 0],
    ['01', 'something follows', 1],
    ['{"a":1} x', 'something follows', 8],
    ['NaN', 'a value is expected', 0],
    ['['.repeat(1_002), 'deeper', 1_001],
  ])('refuses %j', (text, words, offset) => {
    expect(() => parseJson(text)).toThrow(expect.objectContaining({ name: 'JsonFault', offset }) as Error);
    expect(() => parseJson(text)).toThrow(words);
  });

  it('tells the line of a fault', () => {
    expect(() => parseJson('{\n  "a": 1,\n  b\n}')).toThrow('Line 3, column 3');
  });
});

/** Random logic whose every condition has a mark of its own in "params". */
function anyLogic(pick: (below: number) => number): Tree {
  let mark = 0;
  const condition = (depth: number): Item => {
    mark += 1;
    const params = { mark };
    switch (pick(depth > 0 ? 5 : 2)) {
      case 0:
        return { fact: 'f', operator: 'equal', value: new ExactNumber('1.0'), params };
      case 1:
        return { fact: 'f', operator: 'somethingElse', value: { 2: 'b', 1: 'a' }, params, more: true };
      case 2:
        return { all: Array.from({ length: pick(4) }, () => condition(depth - 1)), params };
      case 3:
        return { params, any: Array.from({ length: pick(4) }, () => condition(depth - 1)) };
      default:
        return { not: condition(depth - 1), params };
    }
  };
  const root = () => ({ all: Array.from({ length: 1 + pick(4) }, () => condition(4)) });
  return { logic: 'ALL_GROUPS', groups: [{ resourceId: 1, evaluator: root(), filteringCriteria: root(), kept: [1] }] };
}

function conditions(tree: Tree, path: Path, out: Path[] = []): Path[] {
  const node = at(tree, path);
  if (!isItem(node)) return out;
  out.push(path);
  const list = listIn(path, node);
  if (list !== undefined) (at(tree, list) as unknown[]).forEach((_, n) => conditions(tree, [...list, n], out));
  if (isItem(node.not)) conditions(tree, [...path, 'not'], out);
  return out;
}

const ROOTS: Path[] = [
  ['groups', 0, 'evaluator'],
  ['groups', 0, 'filteringCriteria'],
];
const all = (tree: Tree): Path[] => ROOTS.flatMap((root) => conditions(tree, root));
const marks = (tree: Tree): string[] => (printJson(tree).match(/"mark": \d+/g) ?? []).sort();

describe('edits of random logic', () => {
  it(`lose nothing but what they are told to (seed ${seed})`, () => {
    const pick = random(seed + 1);
    for (let round = 0; round < 400; round += 1) {
      const before = anyLogic(pick);
      const text = printJson(before);
      const paths = all(before);
      const path = paths[pick(paths.length)] ?? [];
      const lists = paths.map((each) => listIn(each, at(before, each))).filter((each) => each !== undefined);
      const list = lists[pick(lists.length)] ?? [];
      const count = (at(before, list) as unknown[]).length;
      const node = at(before, path);
      const place = pick(count + 1);

      const moved = move(before, path, list, place);
      expect(marks(moved.tree)).toEqual(marks(before));
      expect(printJson(at(moved.tree, moved.focus))).toBe(printJson(node));
      if (!within(path, list) && placeOf(before, path) !== undefined) {
        expect(moved.focus.slice(0, -1).length).toBeGreaterThan(0);
        expect(all(moved.tree)).toHaveLength(paths.length);
      }
      for (const direction of ['up', 'down', 'in', 'out'] as const) {
        const to = stepTo(before, path, direction);
        if (to === undefined) continue;
        const stepped = move(before, path, to.list, to.place);
        expect(marks(stepped.tree)).toEqual(marks(before));
        expect(at(stepped.tree, stepped.focus)).toBe(node);
        expect(printJson(stepped.tree)).not.toBe(text);
      }

      const wrapped = wrap(before, path, (['all', 'any', 'not'] as const)[pick(3)] ?? 'all');
      expect(marks(wrapped.tree)).toEqual(marks(before));
      if (placeOf(before, path) !== undefined) {
        expect(printJson(unwrap(wrapped.tree, wrapped.focus).tree)).toBe(text);
      }
      const doubled = duplicate(before, path);
      if (placeOf(before, path) !== undefined) {
        expect(printJson(at(doubled.tree, doubled.focus))).toBe(printJson(node));
        expect(at(doubled.tree, doubled.focus)).not.toBe(node);
        expect(printJson(remove(doubled.tree, doubled.focus).tree)).toBe(text);
      }
      const added = addTo(before, list, {}, place);
      expect(added.focus).toEqual([...list, place]);
      expect(printJson(remove(added.tree, added.focus).tree)).toBe(text);
      expect(at(remove(before, path).tree, ['groups', 0, 'kept'])).toEqual([1]);
      // No edit touches the tree that it was given.
      expect(printJson(before)).toBe(text);
      // Places are told apart: no two have the same identity.
      const identities = all(moved.tree).map((each) => idOf(at(moved.tree, each) as object));
      expect(new Set(identities).size).toBe(identities.length);
    }
  });

  it(`leads every pointer back to its place (seed ${seed})`, () => {
    const pick = random(seed + 2);
    for (let round = 0; round < 200; round += 1) {
      const tree = anyLogic(pick);
      for (const path of all(tree)) expect(pathOf(tree, pointerOf(path))).toEqual(path);
    }
  });
});

describe('a condition', () => {
  it.each([
    [{}, 'empty'],
    [{ all: [] }, 'all'],
    [{ any: [{}], name: 'n', priority: 1 }, 'any'],
    [{ not: {} }, 'not'],
    [{ condition: 'n' }, 'named'],
    [{ fact: 'a', operator: 'equal', value: 1 }, 'leaf'],
    [{ fact: 'a', operator: 'equal' }, 'leaf'],
    [{ fact: 'a', path: 'b', operator: 'equal', value: 1, params: {} }, 'leaf'],
    [{ fact: 'a', operator: 'equals', value: 1 }, 'block'],
    [{ fact: 'a', operator: 'equal', value: 1, other: 1 }, 'block'],
    [{ fact: 'a', path: 1, operator: 'equal', value: 1 }, 'block'],
    [{ all: [], any: [] }, 'block'],
    [{ all: {} }, 'block'],
    [{ not: [] }, 'block'],
    [5, 'block'],
    [new ExactNumber('1.0'), 'block'],
  ])('%j is %s', (node, kind) => {
    expect(kindOf(node, knows)).toBe(kind);
  });

  it('keeps its identity while it is edited', () => {
    const tree = newLogic(1);
    const path: Path = ['groups', 0, 'evaluator', 'all', 0];
    const id = idOf(at(tree, path) as object);
    const next = setMember(setMember(tree, path, 'fact', 'a'), path, 'operator', 'equal');
    expect(idOf(at(next, path) as object)).toBe(id);
  });

  it('changes between all and any in its place', () => {
    const tree = put(newLogic(1), ['groups', 0, 'evaluator'], { name: 'n', all: [], priority: 2 });
    const path: Path = ['groups', 0, 'evaluator'];
    expect(Object.keys(at(setListKind(tree, path, 'any'), path) as object)).toEqual(['name', 'any', 'priority']);
  });
});

describe('a filter', () => {
  it('is read bare and with a mode, and made into the latter', () => {
    const bare = setMember(newLogic(1), ['groups', 0], 'filteringCriteria', { all: [] });
    expect(filterOf(newLogic(1), 0)).toBeUndefined();
    expect(filterOf(bare, 0)).toEqual({ mode: undefined, evaluator: ['groups', 0, 'filteringCriteria'] });
    const moded = setFilterMode(bare, 0, 'inclusion');
    expect(at(moded, ['groups', 0, 'filteringCriteria'])).toEqual({ mode: 'inclusion', evaluator: { all: [] } });
    expect(filterOf(moded, 0)?.mode).toBe('inclusion');
  });
});

describe('what is not filled in', () => {
  it('is found wherever it stands', () => {
    const tree = {
      groups: [
        {
          evaluator: {
            all: [
              {},
              { fact: 'a', operator: 'equal' },
              { fact: 'a', operator: 'equal', value: null },
              { not: {} },
              { any: [{ condition: '' }, { condition: 'c' }] },
              { fact: 'l', operator: 'all', value: { all: [{}] } },
              { fact: 'l', operator: 'existsIn', value: { resource: 1 } },
              { fact: 'l', operator: 'existsIn', value: { resource: 1, path: 'p', where: { all: [{}] } } },
              { fact: 'l', operator: 'equal', value: { fact: 'm' } },
            ],
          },
          filteringCriteria: { mode: 'exclusion', evaluator: { all: [{}] } },
        },
      ],
    };
    expect(unfinished(tree).map(pointerOf)).toEqual([
      '/groups/0/resourceId',
      '/groups/0/filteringCriteria/evaluator/all/0',
      '/groups/0/evaluator/all/0',
      '/groups/0/evaluator/all/1',
      '/groups/0/evaluator/all/3/not',
      '/groups/0/evaluator/all/4/any/0',
      '/groups/0/evaluator/all/5/value/all/0',
      '/groups/0/evaluator/all/6',
      '/groups/0/evaluator/all/7/value/where/all/0',
    ]);
  });
});

describe('the place at which something is said', () => {
  const leaf = { fact: 'a', operator: 'equal', value: { fact: 'b' } };
  const tree = {
    groups: [
      {
        resourceId: 1,
        filteringCriteria: { mode: 'exclusion', evaluator: { any: [leaf] } },
        evaluator: { all: [leaf, { not: leaf }, { fact: 'l', operator: 'all', value: { all: [leaf] } }, { odd: [1] }] },
        assertion: { kind: 'unique', path: 'p' },
      },
      { filteringCriteria: { any: [leaf] }, evaluator: { all: [] } },
    ],
  };
  it.each([
    ['/groups/0/evaluator/all/0/fact', '/groups/0/evaluator/all/0'],
    ['/groups/0/evaluator/all/0/value/fact', '/groups/0/evaluator/all/0'],
    ['/groups/0/evaluator/all/1/not/operator', '/groups/0/evaluator/all/1/not'],
    ['/groups/0/evaluator/all/2/value/all/0/value', '/groups/0/evaluator/all/2/value/all/0'],
    ['/groups/0/evaluator/all/2/operator', '/groups/0/evaluator/all/2'],
    ['/groups/0/evaluator/all/3/odd/0', '/groups/0/evaluator/all/3'],
    ['/groups/0/evaluator/all', '/groups/0/evaluator'],
    ['/groups/0/evaluator', '/groups/0/evaluator'],
    ['/groups/0/filteringCriteria/evaluator/any/0/fact', '/groups/0/filteringCriteria/evaluator/any/0'],
    ['/groups/1/filteringCriteria/any/0/fact', '/groups/1/filteringCriteria/any/0'],
    ['/groups/0/filteringCriteria', '/groups/0/filteringCriteria'],
    ['/groups/0/assertion/path', '/groups/0/assertion'],
    ['/groups/0/resourceId', '/groups/0/resourceId'],
    ['/groups/0', '/groups/0'],
    ['', ''],
  ])('for %s is %s', (pointer, owner) => {
    expect(ownerOf(tree, pointer, knows)).toBe(owner);
  });
});
