import type { Document, Operation } from '@/features/reference/document';
import { sample } from '@/features/reference/schema';

const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** A shell line that makes the call. Path parameters become shell variables. */
export function curl(document: Document, origin: string, operation: Operation): string {
  const base = (document.servers?.[0]?.url ?? '').replace(/\/$/, '').replace(/^https?:\/\/[^/]+/, '');
  const path = operation.path.replaceAll(
    /\{([^}]+)\}/g,
    (_all, name: string) => `$${name.replaceAll(/([a-z])([A-Z])/g, '$1_$2').toUpperCase()}`,
  );
  const parts = [
    `curl -sS ${operation.method === 'GET' ? '' : `-X ${operation.method} `}"${origin}${base}${path}"`,
    '-H "Authorization: Bearer $PLUMBLINE_API_KEY"',
  ];
  const body = operation.bodies.find((each) => each.contentType === 'application/json');
  if (body !== undefined) {
    parts.push("-H 'Content-Type: application/json'");
    parts.push(`-d ${quoted(JSON.stringify(body.example ?? sample(document, body.schema)))}`);
  }
  return parts.join(' \\\n  ');
}
