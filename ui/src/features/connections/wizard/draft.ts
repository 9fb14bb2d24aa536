import { jsonText, parseExact } from '@/shared/api/json';

/** What was entered so far about a connection that is being made. */
export type Draft = {
  name: string;
  description: string;
  workspaceIds: number[];
  source: 'sample' | 'schema';
  /** One JSON object, an array of them, or one a line. */
  sample: string;
  schema: string;
  displayNameKey: string;
  /** null: no limit. */
  freshnessHours: number | null;
  /** The connection that was made of it. */
  made?: number;
};

export const EMPTY: Draft = {
  name: '',
  description: '',
  workspaceIds: [],
  source: 'sample',
  sample: '',
  schema: '',
  displayNameKey: '',
  freshnessHours: null,
};

/** A connection to try everything with. */
export const DIRECTORY: Draft = {
  ...EMPTY,
  name: 'Directory',
  description: 'People and how they sign in, from our identity provider.',
  freshnessHours: 24,
  sample: `[
  {"id": "u-1", "email": "ada@example.com", "name": "Ada Park", "team": "Platform", "mfaEnabled": true, "admin": true, "lastLogin": "2026-11-20T08:12:00Z"},
  {"id": "u-2", "email": "bo@example.com", "name": "Bo Lindqvist", "team": "Sales", "mfaEnabled": false, "admin": false, "lastLogin": null}
]`,
};

/** The first record of a sample, or undefined if it cannot be read. */
export function firstRecord(sample: string): unknown {
  const text = sample.trim();
  for (const candidate of [text, text.split('\n')[0] ?? '']) {
    try {
      const value = parseExact(candidate);
      return Array.isArray(value) ? value[0] : value;
    } catch {
      continue;
    }
  }
  return undefined;
}

/** A record to send first: one of the sample, else one with what names records. */
export function recordToSend(draft: Draft, displayNameKey: string): string {
  const first = draft.source === 'sample' ? firstRecord(draft.sample) : undefined;
  if (first !== undefined && first !== null) return jsonText(first);
  return jsonText(
    displayNameKey === '' || displayNameKey === 'id' ? { id: 'r-1' } : { id: 'r-1', [displayNameKey]: 'First' },
  );
}

const KEPT_AS = 'plumbline.new-connection';

export function keepDraft(draft: Draft): void {
  sessionStorage.setItem(KEPT_AS, JSON.stringify(draft));
}

/** The draft that was kept when the page was left or loaded again; of one that became a connection, only for that. */
export function keptDraft(connectionId: number | undefined): Draft {
  try {
    const kept = JSON.parse(sessionStorage.getItem(KEPT_AS) ?? '{}') as Partial<Draft>;
    return kept.made === connectionId ? { ...EMPTY, ...kept } : EMPTY;
  } catch {
    return EMPTY;
  }
}
