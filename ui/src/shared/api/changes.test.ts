import { QueryClient } from '@tanstack/react-query';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Change, Refresher, touches } from '@/shared/api/changes';

const changed = (change: Change): Change => change;

describe('touches', () => {
  it.each<[unknown[], Change, boolean]>([
    [['tests', 1, { size: 50 }], changed({ topic: 'tests' }), true],
    [['tests', 1, { size: 50 }], changed({ topic: 'findings' }), false],
    [['tests', 'one', { workspaceId: 1, testId: 3 }], changed({ topic: 'tests', workspaceId: 1, testId: 3 }), true],
    [['tests', 'one', { workspaceId: 1, testId: 3 }], changed({ topic: 'tests', workspaceId: 1, testId: 4 }), false],
    [['tests', 'one', { workspaceId: 2, testId: 3 }], changed({ topic: 'tests', workspaceId: 1, testId: 3 }), false],
    [['findings', { testId: 3 }, 'failures'], changed({ topic: 'findings', workspaceId: 1, resourceId: 9 }), true],
    [['all tests', 1], changed({ topic: 'tests', testId: 3 }), true],
    [['connection', 4], changed({ topic: 'resources', connectionId: 5 }), true],
    [['records', { connectionId: 4, resourceId: 5 }], changed({ topic: 'records', resourceId: 6 }), false],
    [['me'], changed({ topic: 'users' }), true],
    [['openapi'], changed({ topic: 'settings' }), false],
    [['preview', 1, '{}'], changed({ topic: 'previews' }), false],
    [['preview', 'job', { workspaceId: 1 }], changed({ topic: 'previews', workspaceId: 1 }), true],
    [[7], changed({ topic: 'tests' }), false],
  ])('%j after %j: %s', (key, change, touched) => {
    expect(touches(key, change)).toBe(touched);
  });
});

describe('Refresher', () => {
  let queries: QueryClient;
  let stop: () => void;
  let refresher: Refresher;
  let reads: (() => void)[];
  const unsubscribe: (() => void)[] = [];

  /** A list on the page, whose reading the test ends. */
  function show(key: unknown[]): () => Promise<void> {
    const query = queries.getQueryCache().build(queries, {
      queryKey: key,
      queryFn: () =>
        new Promise<number>((resolve) => {
          reads.push(() => {
            resolve(Math.random());
          });
        }),
    });
    const observer = {
      onQueryUpdate: () => undefined,
      options: { enabled: true },
      shouldFetchOnWindowFocus: () => false,
    };
    query.addObserver(observer as never);
    unsubscribe.push(() => {
      query.removeObserver(observer as never);
    });
    void query.fetch();
    return async () => {
      reads[reads.length - 1]?.();
      await vi.advanceTimersByTimeAsync(0);
    };
  }

  const look = (state: 'visible' | 'hidden') => {
    vi.spyOn(document, 'visibilityState', 'get').mockReturnValue(state);
    document.dispatchEvent(new Event('visibilitychange'));
  };

  beforeEach(() => {
    vi.useFakeTimers();
    reads = [];
    queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
    refresher = new Refresher(queries);
    stop = refresher.start();
    look('visible');
  });
  afterEach(() => {
    stop();
    unsubscribe.splice(0).forEach((each) => {
      each();
    });
    queries.clear();
    vi.useRealTimers();
    vi.restoreAllMocks();
  });

  const tests: Change[] = [{ topic: 'tests' }];

  it('asks at once, then once a second however often it is told', async () => {
    const answer = show(['tests', 1]);
    await answer();
    for (let at = 0; at < 20; at += 1) {
      refresher.take(tests);
      await answer();
      await vi.advanceTimersByTimeAsync(100);
    }
    expect(reads.length - 1).toBeGreaterThanOrEqual(2);
    expect(reads.length - 1).toBeLessThanOrEqual(3);
    await vi.advanceTimersByTimeAsync(1_000);
    await answer();
    const before = reads.length;
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reads.length).toBe(before);
  });

  it('asks once more for what changed while it was being read', async () => {
    const answer = show(['tests', 1]);
    refresher.take(tests);
    expect(reads).toHaveLength(1);
    await answer();
    expect(reads).toHaveLength(2);
    await answer();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(reads).toHaveLength(2);
  });

  it('leaves others alone', async () => {
    const answer = show(['events', 1]);
    await answer();
    refresher.take(tests);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(reads).toHaveLength(1);
    refresher.take('everything');
    expect(reads).toHaveLength(2);
  });

  it('holds back on a page that nobody looks at', async () => {
    const answer = show(['tests', 1]);
    await answer();
    look('hidden');
    for (let at = 0; at < 500; at += 1) refresher.take(tests);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(reads).toHaveLength(1);
    look('visible');
    expect(reads).toHaveLength(2);
  });
});
