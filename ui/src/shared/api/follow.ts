import type { QueryClient } from '@tanstack/react-query';
import { type Change, Refresher } from '@/shared/api/changes';
import { ChangeStream, type StreamStatus } from '@/shared/api/stream';
import type { StreamMessage } from '@/shared/api/sse';
import { Tabs, thisBrowser } from '@/shared/api/tabs';

/** What the leading tab tells the others, and they it. */
type Told =
  | { kind: 'message'; message: StreamMessage }
  | { kind: 'status'; status: StreamStatus }
  | { kind: 'sound' | 'hello' | 'retry' | 'refused' };

/** How long a tab that cannot share holds its stream while nobody looks at it. */
const UNSEEN = 20_000;
/** How often everything is asked while the server answers, but not with a stream. */
const SLOWLY = 15_000;

export type Following = { retry: () => void; stop: () => void };

/** What ends the stream of this tab for a while, if it holds one; each gives what goes on. */
const pauses = new Set<() => () => void>();

/**
 * Ends the stream of this tab, and gives what goes on with it: the server ends it when the person signs
 * out, and it would be opened again before the page knows.
 */
export function pauseFollowing(): () => void {
  const resumes = [...pauses].map((pause) => pause());
  return () => {
    for (const resume of resumes) resume();
  };
}

/**
 * Keeps what the pages show in step with the server. All tabs of one identity share one stream, because
 * a browser opens few connections to a host.
 */
export function follow(options: {
  queries: QueryClient;
  /** Whose stream it is; tabs of others have their own. */
  identity: string;
  headers: Record<string, string>;
  onStatus: (status: StreamStatus) => void;
  onRefused: () => void;
}): Following {
  const { queries, headers, onRefused } = options;
  const refresher = new Refresher(queries);
  const endRefreshing = refresher.start();
  let after: string | null = null;
  let status: StreamStatus = { state: 'connecting' };
  let stream: ChangeStream | null = null;
  let slowly: ReturnType<typeof setInterval> | undefined;

  const stand = (next: StreamStatus) => {
    status = next;
    options.onStatus(next);
    const slow = next.state === 'lost' && next.answers;
    if (!slow) {
      clearInterval(slowly);
      slowly = undefined;
    } else
      slowly ??= setInterval(() => {
        refresher.take('everything');
      }, SLOWLY);
  };
  const take = (message: StreamMessage) => {
    if (message.id !== null) after = message.id;
    if (message.event === 'resync') refresher.take('everything');
    if (message.event === 'change') refresher.take((JSON.parse(message.data) as { changes: Change[] }).changes);
  };

  const begin = () => {
    stream ??= new ChangeStream(
      {
        open: (last, signal) =>
          fetch('/public/v2/stream', {
            headers: { ...headers, Accept: 'text/event-stream', ...(last === null ? {} : { 'Last-Event-ID': last }) },
            cache: 'no-store',
            signal,
          }),
        onMessage: (message) => {
          tabs.tell({ kind: 'message', message });
          take(message);
        },
        onStatus: (next) => {
          tabs.tell({ kind: 'status', status: next });
          stand(next);
        },
        onSound: () => {
          tabs.tell({ kind: 'sound' });
        },
        onRefused: () => {
          tabs.tell({ kind: 'refused' });
          onRefused();
        },
      },
      after,
    );
    stream.start();
  };
  const end = () => {
    stream?.stop();
    stream = null;
  };

  const tabs = new Tabs<Told>(
    `plumbline.live.${options.identity}`,
    thisBrowser(),
    (isLeading) => {
      if (isLeading) begin();
      else end();
    },
    (told) => {
      switch (told.kind) {
        case 'message':
          take(told.message);
          break;
        case 'status':
          stand(told.status);
          break;
        case 'hello':
          if (stream !== null) tabs.tell({ kind: 'status', status });
          break;
        case 'retry':
          stream?.retry();
          break;
        case 'refused':
          onRefused();
          break;
        case 'sound':
          break;
      }
    },
  );
  tabs.start();
  tabs.tell({ kind: 'hello' });

  let unseen: ReturnType<typeof setTimeout> | undefined;
  const seen = () => {
    if (tabs.isShared) return;
    clearTimeout(unseen);
    if (document.visibilityState === 'visible') {
      if (stream === null) begin();
    } else unseen = setTimeout(end, UNSEEN);
  };
  document.addEventListener('visibilitychange', seen);

  const pause = () => {
    const held = stream !== null;
    end();
    return () => {
      if (held) begin();
    };
  };
  pauses.add(pause);

  return {
    retry: () => {
      if (stream === null) tabs.tell({ kind: 'retry' });
      else stream.retry();
    },
    stop: () => {
      pauses.delete(pause);
      document.removeEventListener('visibilitychange', seen);
      clearTimeout(unseen);
      clearInterval(slowly);
      tabs.stop();
      end();
      endRefreshing();
    },
  };
}
