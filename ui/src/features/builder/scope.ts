import type { Operator } from '@/shared/api/rules';
import type { Attribute } from '@/shared/api/types';
import { jsonLine } from '@/shared/api/json';
import { isItem } from '@/features/builder/logic';

/** What conditions at a place can look at: a record of a resource, or an element of a list in it. */
export type Scope = {
  /** The same for places between which a condition can be moved. */
  key: string;
  connectionId: number;
  resourceId: number;
  resourceName: string;
  attributes: Offered[];
  /** In how many records the attributes were looked for. */
  sample: number;
  loading: boolean;
};

/** An attribute as it is offered, after what it is a part of. */
export type Offered = {
  attribute: Attribute;
  /** What tells it apart in the scope. */
  key: string;
  /** Its name with those of what it is a part of. */
  label: string;
  depth: number;
};

const SEPARATOR = ' › ';
const ELEMENT = 'the element itself';

/** The attributes of records, those of objects in them after each. */
export function offer(attributes: readonly Attribute[], above = '', depth = 0): Offered[] {
  return attributes.flatMap((attribute) => {
    const name = attribute.name === '' ? '""' : attribute.name;
    const label = above === '' ? name : above + SEPARATOR + name;
    return [
      { attribute, key: keyOf(attribute.own.fact, attribute.own.path), label, depth },
      ...offer(attribute.children, label, depth + 1),
    ];
  });
}

/** The attributes of the elements of a list: their own parts, and the element itself if it can be compared. */
export function offerElement(list: Attribute): Offered[] {
  const { elements } = list;
  if (elements === undefined) return [];
  const scalar = elements.types.length === 0 || elements.types.some((type) => type !== 'object' && type !== 'array');
  const itself = { attribute: elements, key: keyOf(elements.own.fact, elements.own.path), label: ELEMENT, depth: 0 };
  return [...(scalar || elements.children.length === 0 ? [itself] : []), ...offer(elements.children)];
}

export const keyOf = (fact: string, path: string | undefined): string => JSON.stringify([fact, path ?? '']);

export function findOffered(offered: readonly Offered[], fact: string, path: unknown): Offered | undefined {
  const key = keyOf(fact, typeof path === 'string' ? path : undefined);
  return offered.find((each) => each.key === key);
}

/** How an attribute is named that is not among those that are known. */
export function factWords(fact: string, path: unknown): string {
  const start = fact === '$' ? ELEMENT : fact === '' ? '""' : fact;
  return typeof path === 'string' && path !== '' ? `${fact === '$' ? '' : start + SEPARATOR}${path}` : start;
}

const PLAIN = /^[\p{L}_][\p{L}\p{Nd}_-]*$/u;

/**
 * The path from a record to an attribute, as a lookup and a uniqueness name it:
 * dotted where every name is plain, else JSONPath.
 */
export function recordPath(attribute: Attribute): string {
  const steps = attribute.pointer
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (steps.every((step) => PLAIN.test(step))) return steps.join('.');
  return `$${steps.map((step) => (step === '*' ? '[*]' : `[${quoted(step)}]`)).join('')}`;
}

function quoted(name: string): string {
  const escaped = name.replaceAll(/['\\]/g, (mark) => `\\${mark}`);
  return `'${Array.from(escaped, (mark) => {
    const code = mark.charCodeAt(0);
    return code < 0x20 ? `\\u${code.toString(16).padStart(4, '0')}` : mark;
  }).join('')}'`;
}

/** Some values that an attribute has, on one line. */
export function samplesOf(attribute: Attribute): string {
  const known = attribute.enum.length > 0 ? attribute.enum : attribute.values;
  return known
    .slice(0, 4)
    .map((value) => (typeof value === 'string' ? value : jsonLine(value)))
    .join(', ');
}

const TYPES: Record<string, string> = {
  string: 'text',
  integer: 'number',
  number: 'number',
  boolean: 'yes or no',
  object: 'object',
  array: 'list',
  null: 'nothing',
};

const FORMATS: Record<string, string> = {
  'date-time': 'date and time',
  date: 'date',
  email: 'e-mail',
  ipv4: 'address',
  ipv6: 'address',
  uri: 'link',
};

/** What an attribute holds, in a word or two. */
export function typeWords(attribute: Attribute): string {
  const format = attribute.format === undefined ? undefined : FORMATS[attribute.format];
  const types = attribute.types.filter((type) => type !== 'null' || attribute.types.length === 1);
  if (format !== undefined && types.length === 1) return format;
  return [...new Set(types.map((type) => TYPES[type] ?? type))].join(', ');
}

/**
 * The attributes that a first condition is most often about: those with few
 * answers before numbers, dates and texts. Only an order; all can be chosen.
 */
export function likely(scope: Scope, displayNameKey: string | undefined): Offered[] {
  const rank = ({ attribute }: Offered): number => {
    if (attribute.types.includes('boolean')) return 0;
    if (attribute.enum.length > 0) return 1;
    if (attribute.format === 'date-time' || attribute.format === 'date') return 2;
    if (attribute.types.includes('integer') || attribute.types.includes('number')) return 3;
    return attribute.types.includes('array') ? 4 : 5;
  };
  return scope.attributes
    .filter(({ attribute, depth }) => depth === 0 && !attribute.types.includes('object'))
    .filter(({ attribute }) => attribute.name !== 'id' && attribute.name !== displayNameKey)
    .map((offered, place) => ({ offered, place, rank: rank(offered) }))
    .sort((a, b) => a.rank - b.rank || a.place - b.place)
    .slice(0, 6)
    .map(({ offered }) => offered);
}

/** What a value is to the form: one of these, or JSON that it has no form for. */
export type ValueKind = 'text' | 'number' | 'truth' | 'nothing' | 'list' | 'reference' | 'json';

export function valueKind(value: unknown): ValueKind {
  switch (typeof value) {
    case 'string':
      return 'text';
    case 'boolean':
      return 'truth';
    case 'number':
      return 'number';
  }
  if (value === null) return 'nothing';
  if (Array.isArray(value)) {
    const kinds = new Set(value.map((item: unknown) => valueKind(item)));
    const simple = kinds.size === 0 || (kinds.size === 1 && (kinds.has('text') || kinds.has('number')));
    return simple ? 'list' : 'json';
  }
  if (!isItem(value)) return 'number';
  const names = Object.keys(value);
  const refers = typeof value.fact === 'string' && names.every((name) => name === 'fact' || name === 'path');
  return refers ? 'reference' : 'json';
}

/** The kinds of values that an operator's form offers for an attribute. */
export function offeredKinds(operator: Operator, attribute: Attribute | undefined): ValueKind[] {
  const reference: ValueKind[] = operator.reference ? ['reference'] : [];
  switch (operator.input) {
    case 'list':
      return ['list', ...reference];
    case 'one': {
      const held = attribute?.types.includes('array') === true ? attribute.elements : attribute;
      const types = held?.types ?? [];
      const kinds: ValueKind[] = [];
      if (types.includes('boolean')) kinds.push('truth');
      if (types.includes('integer') || types.includes('number')) kinds.push('number');
      if (types.includes('string')) kinds.push('text');
      if (types.includes('null')) kinds.push('nothing');
      const others = (['text', 'number', 'truth', 'nothing'] as const).filter((kind) => !kinds.includes(kind));
      return types.length === 0 ? [...others, ...reference] : [...kinds, ...reference, ...others];
    }
    case 'number':
      return ['number', ...reference, 'text'];
    case 'duration':
      return ['number', ...reference];
    default:
      return ['text', ...reference];
  }
}

/** The operator and value with which a condition over an attribute begins. */
export function beginning(
  attribute: Attribute,
  operators: ReadonlyMap<string, Operator>,
): { operator: string; value?: unknown } {
  const fitting = attribute.operators.flatMap((name) => operators.get(name) ?? []);
  const wanted = attribute.types.includes('array')
    ? attribute.elements?.children.length
      ? 'all'
      : 'contains'
    : attribute.types.includes('integer') || attribute.types.includes('number')
      ? 'greaterThanInclusive'
      : 'equal';
  const dated = fitting.find(({ formats, unit }) => formats !== undefined && unit === 'days');
  const isDated = attribute.format === 'date-time' || attribute.format === 'date';
  const operator = (isDated ? dated : undefined) ?? fitting.find(({ name }) => name === wanted) ?? fitting[0];
  if (operator === undefined) return { operator: 'exists', value: true };
  const value = firstValue(operator, attribute);
  return { operator: operator.name, ...(value === undefined ? {} : { value }) };
}

/** The value that an operator begins with; undefined where only the user can say it. */
export function firstValue(operator: Operator, attribute: Attribute | undefined): unknown {
  switch (operator.input) {
    case 'choice':
      return operator.choices?.[0]?.value ?? true;
    case 'condition':
      return { all: [{}] };
    case 'lookup':
      return undefined;
    case 'one':
      return offeredKinds(operator, attribute)[0] === 'truth' ? true : undefined;
    default:
      return undefined;
  }
}

/** The value of a condition whose operator changes: what it was where the new one can use it. */
export function carriedValue(value: unknown, from: Operator, to: Operator, attribute: Attribute | undefined): unknown {
  if (value === undefined || to.input === 'choice' || to.input === 'condition' || to.input === 'lookup') {
    const same = from.input === to.input && to.input !== 'choice';
    return same ? value : firstValue(to, attribute);
  }
  const kind = valueKind(value);
  const kinds = offeredKinds(to, attribute);
  if (kind === 'reference') return to.reference ? value : undefined;
  if (from.input === to.input) return value;
  if (to.input === 'list') return kind === 'text' || kind === 'number' ? [value] : undefined;
  if (kind === 'list' && Array.isArray(value) && value.length === 1) return value[0] as unknown;
  const useful =
    kinds.includes(kind) && from.input !== 'choice' && from.input !== 'duration' && to.input !== 'duration';
  return useful ? value : firstValue(to, attribute);
}
