import { bodyOf } from '@/shared/api/client';
import { given } from '@/shared/api/given';
import type { KeysetPage } from '@/shared/api/keyset-rows';
import type { operations } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';
import { upload } from '@/shared/api/upload';

/** What can come from a file. */
export type ImportKind = 'personnel' | 'assets';

export type ImportResult = BodyOf<operations['importPersonnel']>;
export type ImportLine = ImportResult['lines'][number];
export type ImportError = ImportResult['errors'][number];
export type RowOutcome = NonNullable<NonNullable<operations['importPersonnel']['parameters']['query']>['outcome']>;

/** A row of a file: what it would do, or why it cannot be taken. */
export type ImportRow = { line: number; does?: ImportLine; error?: ImportError };

/** A file that somebody chose; the number tells it from another one of the same name. */
export type Chosen = { id: number; name: string; content: Blob };

type Options = { skip: boolean; outcome?: RowOutcome | undefined };

const path = (kind: ImportKind) => `/public/v2/${kind}/imports`;

/** The address of an example of a file. */
export const templateHref = (kind: ImportKind) => `/public/v2/${kind}/import-template`;

type Sent = { tell?: ((over: number) => void) | undefined; signal?: AbortSignal | undefined };

function send(kind: ImportKind, file: Chosen, query: Record<string, string>, sent: Sent): Promise<ImportResult> {
  return bodyOf<ImportResult>(
    upload(`${path(kind)}?${new URLSearchParams(query).toString()}`, {
      body: file.content,
      // Whatever it is called: the server says what is wrong with a file that is none.
      type: 'text/csv',
      ...sent,
    }),
  );
}

/** Does what the preview told. */
export function importFile(kind: ImportKind, file: Chosen, skip: boolean, tell: (over: number) => void) {
  return send(kind, file, { onError: skip ? 'skip' : 'refuse', limit: '1' }, { tell });
}

/** What a part of a preview tells, in the order of the file. */
export function rowsOf(result: ImportResult): KeysetPage<ImportRow> {
  const { lines, moreLines, errors, moreErrors } = result;
  // Where one kind goes on below, the rows of the other kind below that line come with the next part.
  const end = Math.min(
    moreLines > 0 ? (lines.at(-1)?.line ?? 0) : Infinity,
    moreErrors > 0 ? (errors.at(-1)?.line ?? 0) : Infinity,
  );
  const rows: ImportRow[] = [
    ...lines.map((does) => ({ line: does.line, does })),
    ...errors.flatMap((error) => (error.line === null ? [] : [{ line: error.line, error }])),
  ];
  return {
    data: rows.filter(({ line }) => line <= end).sort((a, b) => a.line - b.line),
    pagination: {
      cursor: end === Infinity ? null : String(end),
      totalCount: lines.length + moreLines + errors.length + moreErrors,
    },
  };
}

/** What a file would do, row by row, for useKeysetRows; the first part also tells the whole. */
export function previewRows(kind: ImportKind, file: Chosen, { skip, outcome }: Options, tell?: (over: number) => void) {
  return {
    queryKey: ['imports', kind, file.id, skip, outcome],
    read: async (page: { cursor?: string | undefined; size: number }, signal?: AbortSignal) => {
      const query = given({ outcome, afterLine: page.cursor }) as Record<string, string>;
      const whole = await send(
        kind,
        file,
        { ...query, preview: 'true', onError: skip ? 'skip' : 'refuse', limit: String(page.size) },
        { tell, signal },
      );
      return { ...rowsOf(whole), whole };
    },
  };
}

/** How many errors a file of them has at most. */
export const MOST_ERRORS = 10_000;
const AT_ONCE = 1_000;

/** The errors of a file, the first of them where there are very many. */
export async function errorsOf(kind: ImportKind, file: Chosen): Promise<ImportError[]> {
  const { read } = previewRows(kind, file, { skip: true, outcome: 'REFUSED' });
  const all: ImportError[] = [];
  let cursor: string | null | undefined;
  do {
    const { whole, pagination } = await read({ size: AT_ONCE, ...(cursor == null ? {} : { cursor }) });
    all.push(...whole.errors);
    ({ cursor } = pagination);
  } while (cursor !== null && all.length < MOST_ERRORS);
  return all;
}
