import { ApiError } from '@/shared/api/errors';

/**
 * The field of a form that a refusal is about: the first step of its pointer,
 * else the first of the fields that its sentence names, by name or by pointer. Undefined if it is about none.
 */
export function fieldOf<Field extends string>(error: Error | null, fields: readonly Field[]): Field | undefined {
  if (!(error instanceof ApiError)) return undefined;
  const first = error.pointer?.split('/')[1];
  const named = [
    first,
    ...Array.from(error.message.matchAll(/`([^`]+)`/g), (match) => match[1]?.split(/[.[]/)[0]),
    ...Array.from(error.message.matchAll(/\((?:\/[^/()\s]+)*\/([A-Za-z]+)\)/g), (match) => match[1]),
  ];
  return named.map((name) => fields.find((field) => field === name)).find((field) => field !== undefined);
}
