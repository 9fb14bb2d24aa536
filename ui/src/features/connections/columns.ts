import { jsonLine, ExactNumber } from '@/shared/api/json';

function objectOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/**
 * The attributes to show as columns: the properties that the schema names, in
 * its order, without the one that already is the record's name.
 */
export function schemaColumns(schema: unknown, displayNameKey: string): string[] {
  const properties = objectOf(objectOf(schema)?.properties);
  return properties === undefined ? [] : Object.keys(properties).filter((name) => name !== displayNameKey);
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
  return typeof value === 'string' ? value : jsonLine(value);
}
