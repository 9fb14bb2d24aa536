/** A refusal by the server, as its error body says it. */
export class ApiError extends Error {
  readonly status: number;
  /** The number of the refusal in the server's registry of codes, 0 if it sent none. */
  readonly code: number;
  readonly requestId: string | null;
  /** How long the server asks to be left alone, in milliseconds; null if it does not say. */
  readonly retryAfter: number | null;
  /** The JSON Pointer of the value at fault, null if the refusal names none. */
  readonly pointer: string | null;
  /** Where in the text of a test's logic the fault is, from 1. */
  readonly line: number | null;
  readonly column: number | null;
  /** What was probably meant. */
  readonly suggestion: string | null;

  constructor(refusal: {
    status: number;
    message: string;
    code: number;
    requestId: string | null;
    retryAfter: number | null;
    pointer?: string | null;
    line?: number | null;
    column?: number | null;
    suggestion?: string | null;
  }) {
    super(refusal.message);
    this.name = 'ApiError';
    this.status = refusal.status;
    this.code = refusal.code;
    this.requestId = refusal.requestId;
    this.retryAfter = refusal.retryAfter;
    this.pointer = refusal.pointer ?? null;
    this.line = refusal.line ?? null;
    this.column = refusal.column ?? null;
    this.suggestion = refusal.suggestion ?? null;
  }
}

function field(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
}

const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const numberOf = (value: unknown): number | null => (typeof value === 'number' ? value : null);

/** Reads a refusal; a body that is not ours (a proxy's page, say) still gives a sentence. */
export function refusalOf(response: Response, text: string): ApiError {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const message = field(body, 'message');
  const code = field(body, 'code');
  const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
  return new ApiError({
    status: response.status,
    message: typeof message === 'string' && message !== '' ? message : `The server answered ${response.status}.`,
    code: typeof code === 'number' ? code : 0,
    requestId: response.headers.get('X-Request-Id'),
    retryAfter: Number.isFinite(seconds) ? seconds * 1000 : null,
    pointer: textOf(field(body, 'pointer')),
    line: numberOf(field(body, 'line')),
    column: numberOf(field(body, 'column')),
    suggestion: textOf(field(body, 'suggestion')),
  });
}

/** A failure whose message is written for people, such as what became of many things at once. */
export class Told extends Error {
  override readonly name = 'Told';
}
