import { useSyncExternalStore } from 'react';
import { exactTime, relativeTime } from '@/shared/format/time';

const TICK = 10_000;
const listeners = new Set<() => void>();
let now = Date.now();
let timer: ReturnType<typeof setInterval> | undefined;

// One clock for the page: every time on it moves at the same moment.
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) now = Date.now();
  timer ??= setInterval(() => {
    now = Date.now();
    for (const each of listeners) each();
  }, TICK);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

function currentTime(): number {
  return now;
}

/** The time by the page's clock, in milliseconds. */
export function useNow(): number {
  return useSyncExternalStore(subscribe, currentTime);
}

/** A moment as "3 minutes ago", with the exact time on hover. */
export function RelativeTime({ at, never = 'never' }: { at: string | null | undefined; never?: string }) {
  const clock = useNow();
  if (at === null || at === undefined) return <span>{never}</span>;
  // A moment after the clock's last tick has just passed, it is not to come.
  const text = relativeTime(at, Math.max(clock, Math.min(Date.parse(at), clock + TICK)));
  return (
    <time dateTime={at} title={exactTime(at)}>
      {text}
    </time>
  );
}
