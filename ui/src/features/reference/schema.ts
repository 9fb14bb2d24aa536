import { type Document, resolve, type Schema } from '@/features/reference/document';

/** "string (date-time) or null", "array of Finding". */
export function typeText(document: Document, schema: Schema): string {
  const name = schema.$ref?.split('/').at(-1);
  const at = resolve(document, schema);
  const choices = at.oneOf ?? at.anyOf;
  if (choices !== undefined) return choices.map((each) => typeText(document, each)).join(' or ');
  const types = typeof at.type === 'string' ? [at.type] : (at.type ?? []);
  if (types.length === 0) return name ?? (at.properties === undefined ? 'any JSON' : 'object');
  return types
    .map((type) => {
      if (type === 'array') return `array of ${typeText(document, at.items ?? {})}`;
      if (type === 'object') return name ?? 'object';
      return type === 'string' && at.format !== undefined ? `string (${at.format})` : type;
    })
    .join(' or ');
}

/** What a value has to keep to beyond its type, one fact each. */
export function limits(schema: Schema): string[] {
  const range = (low: number | undefined, high: number | undefined, unit: string) =>
    low === undefined && high === undefined
      ? []
      : [
          `${low === undefined ? 'at most ' : `${low}`}${low !== undefined && high !== undefined ? ' to ' : ''}${high ?? ' or more'}${unit}`,
        ];
  return [
    ...(schema.enum === undefined ? [] : [`one of ${schema.enum.map((each) => JSON.stringify(each)).join(', ')}`]),
    ...(schema.const === undefined ? [] : [`always ${JSON.stringify(schema.const)}`]),
    ...range(schema.minimum, schema.maximum, ''),
    ...range(schema.minLength, schema.maxLength, ' characters'),
    ...range(schema.minItems, schema.maxItems, ' items'),
    ...(schema.pattern === undefined ? [] : [`matches ${schema.pattern}`]),
    ...(schema.default === undefined ? [] : [`default ${JSON.stringify(schema.default)}`]),
  ];
}

export type Property = { name: string; required: boolean; schema: Schema };

/** The properties of an object, or of the objects in an array; of every part of an allOf. */
export function propertiesOf(document: Document, schema: Schema): Property[] {
  const at = resolve(document, schema);
  if (at.items !== undefined) return propertiesOf(document, at.items);
  const own = Object.entries(at.properties ?? {})
    .filter(([name]) => name !== '$schema')
    .map(([name, property]) => ({ name, required: at.required?.includes(name) ?? false, schema: property }));
  return [...(at.allOf ?? []).flatMap((part) => propertiesOf(document, part)), ...own];
}

/** The alternatives of a oneOf or anyOf that are more than a plain type. */
export function alternativesOf(document: Document, schema: Schema): Schema[] {
  const at = resolve(document, schema);
  return (at.oneOf ?? at.anyOf ?? []).filter((each) => propertiesOf(document, each).length > 0);
}

/** A value that fits the schema: its examples where it gives some, required properties only. */
export function sample(document: Document, schema: Schema, depth = 0): unknown {
  const at = resolve(document, schema);
  const given = at.example ?? at.examples?.[0] ?? at.const ?? at.default ?? at.enum?.[0];
  if (given !== undefined) return given;
  const choice = (at.oneOf ?? at.anyOf)?.[0];
  if (choice !== undefined) return sample(document, choice, depth);
  const type = typeof at.type === 'string' ? at.type : at.type?.[0];
  switch (type) {
    case 'string':
      return at.format === 'date-time' ? '2026-01-01T00:00:00.000Z' : 'text';
    case 'number':
    case 'integer':
      return at.minimum ?? 1;
    case 'boolean':
      return true;
    case 'array':
      return depth > 4 ? [] : [sample(document, at.items ?? {}, depth + 1)];
    default:
      if (depth > 4) return {};
      return Object.fromEntries(
        propertiesOf(document, at)
          .filter((property) => property.required)
          .map((property) => [property.name, sample(document, property.schema, depth + 1)]),
      );
  }
}
