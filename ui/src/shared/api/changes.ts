import { type Query, type QueryClient, type QueryKey } from '@tanstack/react-query';
import type { components } from '@/shared/api/schema';

export type Change = components['schemas']['Change'];
type Topic = Change['topic'];

/** Queries whose key begins with another word than the topics that they show. */
const SHOWN_BY: Record<string, readonly Topic[]> = {
  connection: ['connections', 'resources'],
  connections: ['connections', 'resources'],
  record: ['records'],
  documents: ['devices'],
  test: ['tests'],
  'all tests': ['tests'],
  requirement: ['requirements'],
  me: ['users', 'keys', 'workspaces', 'settings'],
  auth: ['users', 'settings'],
  'sign-ins': ['users'],
  roles: ['users'],
  company: ['settings'],
};

/** The topics that a query shows. A preview is no list of jobs: asking again would begin another one. */
function topicsOf(key: QueryKey): readonly string[] {
  const [first, second] = key;
  if (typeof first !== 'string') return [];
  if (first === 'preview') return second === 'job' ? ['previews'] : [];
  return SHOWN_BY[first] ?? [first];
}

const IDS = ['workspaceId', 'connectionId', 'resourceId', 'testId'] as const;

/** Whether a key names another object than the one that changed. */
function isElsewhere(key: QueryKey, change: Change): boolean {
  return key.some(
    (part) =>
      typeof part === 'object' &&
      part !== null &&
      IDS.some((id) => {
        const named: unknown = (part as Record<string, unknown>)[id];
        const changed = change[id];
        return typeof named === 'number' && typeof changed === 'number' && named !== changed;
      }),
  );
}

/** Whether what a query shows may be different after a change. */
export function touches(key: QueryKey, change: Change): boolean {
  return topicsOf(key).includes(change.topic) && !isElsewhere(key, change);
}

/** A query is asked again at most this often. */
const REST = 1_000;
/** More changes than this that a page held back are taken for a change of everything. */
const MOST_HELD = 200;

/**
 * Asks queries again when what they show changed: at once, but none more than once a second, and a
 * query that was being read meanwhile once more afterwards. A page that nobody looks at holds back.
 */
export class Refresher {
  readonly #queries: QueryClient;
  readonly #due = new Map<string, ReturnType<typeof setTimeout>>();
  readonly #asked = new Map<string, number>();
  /** What was being read when it changed. */
  readonly #late = new Set<string>();
  #held: Change[] | 'everything' = [];

  constructor(queries: QueryClient) {
    this.#queries = queries;
  }

  /** Begins; the function that is returned ends it. */
  start(): () => void {
    const settled = this.#queries.getQueryCache().subscribe((event) => {
      if (event.type === 'removed') this.#asked.delete(event.query.queryHash);
      if (event.type !== 'updated' || event.query.state.fetchStatus === 'fetching') return;
      if (this.#late.delete(event.query.queryHash)) this.#ask(event.query as Query);
    });
    const shown = () => {
      if (document.visibilityState === 'visible') this.#release();
    };
    document.addEventListener('visibilitychange', shown);
    return () => {
      settled();
      document.removeEventListener('visibilitychange', shown);
      for (const timer of this.#due.values()) clearTimeout(timer);
      this.#due.clear();
      this.#late.clear();
    };
  }

  /** Takes in changes, or that anything may have changed. */
  take(changes: Change[] | 'everything'): void {
    if (document.visibilityState === 'visible') this.#refresh(changes);
    else if (changes === 'everything' || this.#held === 'everything') this.#held = 'everything';
    else if (this.#held.length + changes.length > MOST_HELD) this.#held = 'everything';
    else this.#held.push(...changes);
  }

  #release(): void {
    const held = this.#held;
    this.#held = [];
    if (held.length > 0) this.#refresh(held);
  }

  #refresh(changes: Change[] | 'everything'): void {
    for (const query of this.#queries.getQueryCache().getAll()) {
      const touched =
        changes === 'everything'
          ? topicsOf(query.queryKey).length > 0
          : changes.some((change) => touches(query.queryKey, change));
      if (touched) this.#ask(query);
    }
  }

  #ask(query: Query): void {
    const name = query.queryHash;
    if (query.state.fetchStatus === 'fetching') {
      this.#late.add(name);
      return;
    }
    if (this.#due.has(name)) return;
    const rest = REST - (Date.now() - (this.#asked.get(name) ?? 0));
    if (rest > 0) {
      this.#due.set(
        name,
        setTimeout(() => {
          this.#due.delete(name);
          this.#ask(query);
        }, rest),
      );
      return;
    }
    this.#asked.set(name, Date.now());
    void this.#queries.invalidateQueries({ queryKey: query.queryKey, exact: true });
  }
}
