import type { Selector } from '@/shared/api/exclusions';
import { parseExact } from '@/shared/api/json';
import type { Attribute } from '@/shared/api/types';

/** A condition as a row of a form; what is not chosen yet is absent. */
export type Row = { fact?: string; path?: string; operator?: string; value?: unknown };

/** A selector that is being written. Selector is absent while it is not complete. */
export type Draft = { selector: Selector | undefined } & (
  { mode: 'rows'; join: 'all' | 'any'; rows: Row[] } | { mode: 'text'; text: string; fault: string | null }
);

const complete = ({ fact, operator, value }: Row): boolean =>
  fact !== undefined &&
  operator !== undefined &&
  value !== undefined &&
  value !== '' &&
  !(Array.isArray(value) && value.length === 0);

export function draftOfRows(join: 'all' | 'any', rows: Row[]): Draft {
  return { mode: 'rows', join, rows, selector: rows.every(complete) ? { [join]: rows } : undefined };
}

export function draftOfText(text: string): Draft {
  try {
    const value = parseExact(text);
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      return { mode: 'text', text, fault: null, selector: value as Selector };
    }
    return { mode: 'text', text, selector: undefined, fault: 'It must be an object with all, any or not.' };
  } catch (error) {
    return { mode: 'text', text, selector: undefined, fault: error instanceof Error ? error.message : String(error) };
  }
}

const LEAF = ['fact', 'path', 'operator', 'value'];

/** The rows of a selector that a form can show; undefined if it cannot. */
export function rowsOf(selector: Selector | undefined): { join: 'all' | 'any'; rows: Row[] } | undefined {
  const keys = Object.keys(selector ?? {});
  const join = keys[0];
  if (selector === undefined || keys.length !== 1 || (join !== 'all' && join !== 'any')) return undefined;
  const list = selector[join];
  if (!Array.isArray(list) || list.length === 0) return undefined;
  const plain = (value: unknown): boolean =>
    ['string', 'number', 'boolean'].includes(typeof value) ||
    (Array.isArray(value) && value.every((each) => ['string', 'number'].includes(typeof each)));
  const shown = list.every(
    (leaf: unknown) =>
      typeof leaf === 'object' &&
      leaf !== null &&
      Object.keys(leaf).every((key) => LEAF.includes(key)) &&
      typeof (leaf as Row).fact === 'string' &&
      typeof (leaf as Row).operator === 'string' &&
      plain((leaf as Row).value),
  );
  return shown ? { join, rows: list as Row[] } : undefined;
}

/** A draft that begins with a selector as it is stored. */
export function selectorOf(selector: Selector): Draft {
  const rows = rowsOf(selector);
  if (rows !== undefined) return draftOfRows(rows.join, rows.rows);
  return { ...draftOfText(''), mode: 'text', text: JSON.stringify(selector, null, 2), fault: null, selector };
}

export const NEW_DRAFT: Draft = draftOfRows('all', [{}]);

/** An attribute that a row can be about. */
export type Choice = {
  key: string;
  label: string;
  fact: string;
  path?: string;
  operators: readonly string[];
  kind: 'boolean' | 'number' | 'text';
  samples: string[];
};

/** The attributes of a tree, those of objects and arrays behind the ones that they are in. */
export function choicesOf(attributes: readonly Attribute[], above = ''): Choice[] {
  return attributes.flatMap((attribute): Choice[] => {
    const { from, types, operators, values, enum: only } = attribute;
    const label = above === '' ? attribute.name : `${above} › ${attribute.name === '' ? 'each' : attribute.name}`;
    const texts = [...only, ...values].filter((value) => typeof value === 'string' || typeof value === 'number');
    return [
      {
        key: JSON.stringify([from.fact, from.path]),
        label,
        fact: from.fact,
        ...(from.path === undefined ? {} : { path: from.path }),
        operators: operators,
        kind: types.includes('boolean')
          ? 'boolean'
          : types.some((t) => t === 'number' || t === 'integer')
            ? 'number'
            : 'text',
        samples: [...new Set(texts.map(String))],
      },
      ...choicesOf(attribute.children, label),
      ...(attribute.elements === undefined ? [] : choicesOf([attribute.elements], label)),
    ];
  });
}

/** What an input of values begins with. */
export function firstValue(input: string, choice: Choice): unknown {
  if (input === 'choice' || (input === 'one' && choice.kind === 'boolean')) return true;
  return input === 'list' ? [] : undefined;
}
