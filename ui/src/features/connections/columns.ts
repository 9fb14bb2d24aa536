import { cut, ExactNumber, jsonLine } from '@/shared/api/json';

const COLUMNS = 30;
const CELL = 300;

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/**
 * The attributes to show as columns: the first properties that the schema
 * names, without the one that already is the record's name. A record shown as
 * JSON has them all.
 */
export function schemaColumns(schema: unknown, displayNameKey: string): string[] {
  const properties = objectOf(objectOf(schema)?.properties);
  return properties === undefined
    ? []
    : Object.keys(properties)
        .filter((name) => name !== displayNameKey)
        .slice(0, COLUMNS);
}

/** The name of a record: the attribute that the resource shows it by, or its id. */
export function recordName(record: { id: string; attributes: unknown }, displayNameKey: string): string {
  const name = objectOf(record.attributes)?.[displayNameKey];
  if (typeof name === 'string' && name.trim() !== '') return name;
  return typeof name === 'number' || name instanceof ExactNumber ? String(name) : record.id;
}

/** An attribute as one line of text; what is absent is empty. */
export function cellText(attributes: unknown, name: string): string {
  const value = objectOf(attributes)?.[name];
  if (value === undefined) return '';
  return cut(typeof value === 'string' ? value : jsonLine(value), CELL);
}
