/**
 * A JSON number that a JavaScript number cannot hold as it was written, such as
 * 9007199254740993 or 1.0. Evidence is shown with the digits that were stored.
 */
export class ExactNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }

  toString(): string {
    return this.source;
  }
}

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

/** A reviver that keeps the digits of a number which a JavaScript number would change. */
export const keepDigits: Reviver = (_key, value, context) => {
  if (typeof value !== 'number' || context?.source === undefined) return value;
  return String(value) === context.source ? value : new ExactNumber(context.source);
};

/**
 * Parses JSON and keeps the digits of every number. Browsers that do not tell a
 * reviver the source text round as JSON.parse does.
 */
export function parseExact(text: string): unknown {
  return JSON.parse(text, keepDigits);
}

export type JsonToken = { kind: 'key' | 'string' | 'number' | 'literal' | 'punctuation'; text: string };

/** The value as indented JSON text, in tokens that a page can colour. */
export function jsonTokens(value: unknown, indent = ''): JsonToken[] {
  const mark = (text: string): JsonToken => ({ kind: 'punctuation', text });
  if (value instanceof ExactNumber) return [{ kind: 'number', text: value.source }];
  if (Array.isArray(value) || (typeof value === 'object' && value !== null)) {
    const [open, close] = Array.isArray(value) ? ['[', ']'] : ['{', '}'];
    const inner = indent + '  ';
    const entries: [string | null, unknown][] = Array.isArray(value)
      ? value.map((item: unknown) => [null, item])
      : Object.entries(value);
    if (entries.length === 0) return [mark(open + close)];
    const body = entries.flatMap(([key, item], at): JsonToken[] => [
      mark((at === 0 ? open : ',') + '\n' + inner),
      ...(key === null ? [] : [{ kind: 'key' as const, text: JSON.stringify(key) }, mark(': ')]),
      ...jsonTokens(item, inner),
    ]);
    return [...body, mark('\n' + indent + close)];
  }
  if (typeof value === 'string') return [{ kind: 'string', text: JSON.stringify(value) }];
  if (typeof value === 'number') return [{ kind: 'number', text: String(value) }];
  return [{ kind: 'literal', text: value === undefined ? 'null' : JSON.stringify(value) }];
}

/** The value as indented JSON text. */
export function jsonText(value: unknown): string {
  return jsonTokens(value)
    .map((token) => token.text)
    .join('');
}

/** The text, cut to a length that a table can show. */
export function cut(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length)}…`;
}

/** The value as JSON text on one line. */
export function jsonLine(value: unknown): string {
  if (value instanceof ExactNumber) return value.source;
  if (Array.isArray(value)) return `[${value.map(jsonLine).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{${Object.entries(value)
      .map(([key, item]) => `${JSON.stringify(key)}: ${jsonLine(item)}`)
      .join(', ')}}`;
  }
  return value === undefined ? 'null' : JSON.stringify(value);
}
