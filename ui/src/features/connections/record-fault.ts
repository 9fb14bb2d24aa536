import type { ApiError } from '@/shared/api/errors';

/** The place that a refusal of a record names: its pointer, else the one within the sentence about the schema. */
export function recordFault(error: ApiError): { pointer: string; message: string } | undefined {
  if (error.pointer !== null) return { pointer: error.pointer.replace(/^\/data/, ''), message: error.message };
  const list = /\[\{.*\}\]/s.exec(error.message)?.[0];
  if (list === undefined) return undefined;
  try {
    const first = (JSON.parse(list) as Record<string, unknown>[])[0] ?? {};
    const [pointer = '', message] = Object.entries(first)[0] ?? [];
    return { pointer, message: String(message) };
  } catch {
    return undefined;
  }
}
