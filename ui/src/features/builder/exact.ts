import { ExactNumber } from '@/shared/api/json';

/** Where and why a text is not JSON. */
export class JsonFault extends Error {
  /** The place in the text, counted from 0 in UTF-16 units. */
  readonly offset: number;

  constructor(message: string, offset: number) {
    super(message);
    this.name = 'JsonFault';
    this.offset = offset;
  }
}

// The order of names that JavaScript would change: it puts "2" and "10" first.
const orders = new WeakMap<object, string[]>();

/** The names of an object in the order in which they were written. */
export function namesOf(object: object): string[] {
  return orders.get(object) ?? Object.keys(object);
}

const MOST_LEVELS = 1_000;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
// Control characters must be escaped in JSON.
// eslint-disable-next-line no-control-regex
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const SPACE = /[ \t\n\r]*/y;
const INTEGER_NAME = /^(?:0|[1-9][0-9]*)$/;

/**
 * Reads JSON and loses nothing of it: numbers keep their digits, names their
 * order. A name that stands twice in an object is a fault. Throws a JsonFault.
 */
export function parseJson(text: string): unknown {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.space();
  if (reader.at < text.length) throw reader.fault('something follows after the end of the value');
  return value;
}

class Reader {
  readonly text: string;
  at = 0;

  constructor(text: string) {
    this.text = text;
  }

  fault(message: string, offset = this.at): JsonFault {
    const before = this.text.slice(0, offset).split('\n');
    const column = (before.at(-1)?.length ?? 0) + 1;
    return new JsonFault(`Line ${before.length}, column ${column}: ${message}.`, offset);
  }

  space(): void {
    SPACE.lastIndex = this.at;
    SPACE.exec(this.text);
    this.at = SPACE.lastIndex;
  }

  match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    if (found !== undefined) this.at += found.length;
    return found;
  }

  takes(mark: string): boolean {
    this.space();
    if (this.text[this.at] !== mark) return false;
    this.at += 1;
    return true;
  }

  value(level: number): unknown {
    this.space();
    if (level > MOST_LEVELS) throw this.fault(`values are nested deeper than ${MOST_LEVELS} levels`);
    switch (this.text[this.at]) {
      case '{':
        return this.object(level);
      case '[':
        return this.list(level);
      case '"':
        return this.string();
      case undefined:
        throw this.fault('the text ends where a value is expected');
    }
    for (const [word, value] of [
      ['true', true],
      ['false', false],
      ['null', null],
    ] as const) {
      if (!this.text.startsWith(word, this.at)) continue;
      this.at += word.length;
      return value;
    }
    const digits = this.match(NUMBER);
    if (digits === undefined) throw this.fault('a value is expected here');
    const number = Number(digits);
    return String(number) === digits ? number : new ExactNumber(digits);
  }

  string(): string {
    const found = this.match(STRING);
    if (found === undefined) throw this.fault('this text has no end, or a character that must be escaped');
    return JSON.parse(found) as string;
  }

  object(level: number): unknown {
    const names: string[] = [];
    const entries = new Map<string, unknown>();
    this.at += 1;
    if (!this.takes('}')) {
      do {
        this.space();
        const start = this.at;
        if (this.text[this.at] !== '"') throw this.fault('a name in double quotes is expected here');
        const name = this.string();
        if (entries.has(name)) throw this.fault(`the name ${JSON.stringify(name)} stands twice in this object`, start);
        if (!this.takes(':')) throw this.fault('a colon is expected here');
        names.push(name);
        entries.set(name, this.value(level + 1));
      } while (this.takes(','));
      if (!this.takes('}')) throw this.fault('a comma or } is expected here');
    }
    const object = Object.fromEntries(entries);
    if (names.some((name) => INTEGER_NAME.test(name))) orders.set(object, names);
    return object;
  }

  list(level: number): unknown[] {
    const items: unknown[] = [];
    this.at += 1;
    if (this.takes(']')) return items;
    do items.push(this.value(level + 1));
    while (this.takes(','));
    if (!this.takes(']')) throw this.fault('a comma or ] is expected here');
    return items;
  }
}

/** Writes a value as JSON text, indented by two spaces. */
export function printJson(value: unknown, indent = ''): string {
  const inner = `${indent}  `;
  if (value instanceof ExactNumber) return value.source;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => inner + printJson(item, inner)).join(',\n')}\n${indent}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const names = namesOf(value);
    if (names.length === 0) return '{}';
    const members = names.map(
      (name) => `${inner}${JSON.stringify(name)}: ${printJson((value as Record<string, unknown>)[name], inner)}`,
    );
    return `{\n${members.join(',\n')}\n${indent}}`;
  }
  return value === undefined ? 'null' : JSON.stringify(value);
}

/** A copy that shares nothing with the original. */
export function copyJson<Value>(value: Value): Value {
  if (value instanceof ExactNumber || typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((item: unknown) => copyJson(item)) as Value;
  const copy = Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copyJson(item as unknown)]));
  const order = orders.get(value);
  if (order !== undefined) orders.set(copy, order);
  return copy as Value;
}
