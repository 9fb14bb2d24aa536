import { ExactNumber, jsonLine } from '@/shared/api/json';

export type JsonChange = {
  /** Where, as a reader writes it: profile.team, tags[2]. */
  path: string;
  kind: 'added' | 'removed' | 'changed';
  /** The values as one line of JSON; undefined where there was, or is, none. */
  before: string | undefined;
  after: string | undefined;
};

const PLAIN = /^[A-Za-z_][\w-]*$/;

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}

const member = (path: string, name: string): string =>
  PLAIN.test(name) ? (path === '' ? name : `${path}.${name}`) : `${path}[${JSON.stringify(name)}]`;

/** What differs between two JSON values, place by place. The order of members does not count. */
export function jsonChanges(before: unknown, after: unknown, path = ''): JsonChange[] {
  if (isObject(before) && isObject(after)) {
    const names = [...Object.keys(before), ...Object.keys(after).filter((name) => !Object.hasOwn(before, name))];
    return names.flatMap((name) => {
      const at = member(path, name);
      if (!Object.hasOwn(after, name)) return [removed(at, before[name])];
      if (!Object.hasOwn(before, name)) return [added(at, after[name])];
      return jsonChanges(before[name], after[name], at);
    });
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    return Array.from({ length: Math.max(before.length, after.length) }, (_, index) => {
      const at = `${path}[${index}]`;
      if (index >= after.length) return [removed(at, before[index])];
      if (index >= before.length) return [added(at, after[index])];
      return jsonChanges(before[index], after[index], at);
    }).flat();
  }
  const [was, is] = [jsonLine(before), jsonLine(after)];
  return was === is ? [] : [{ path, kind: 'changed', before: was, after: is }];
}

const removed = (path: string, value: unknown): JsonChange => ({
  path,
  kind: 'removed',
  before: jsonLine(value),
  after: undefined,
});

const added = (path: string, value: unknown): JsonChange => ({
  path,
  kind: 'added',
  before: undefined,
  after: jsonLine(value),
});
