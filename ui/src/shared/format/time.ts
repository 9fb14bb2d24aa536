const STEPS: [unit: Intl.RelativeTimeFormatUnit, seconds: number][] = [
  ['year', 31_557_600],
  ['month', 2_629_800],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

/** "3 minutes ago", "in 2 days", "just now"; the text itself if it is no date. */
export function relativeTime(at: string, now: number): string {
  const then = Date.parse(at);
  if (Number.isNaN(then)) return at;
  const seconds = (then - now) / 1000;
  for (const [unit, length] of STEPS) {
    if (Math.abs(seconds) >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return 'just now';
}

/** "40 ms", "3.2 s", "4 min", "2 h 5 min" between two moments; null while one of them is not known. */
export function duration(from: string | null | undefined, to: string | null | undefined): string | null {
  const ms = Date.parse(to ?? '') - Date.parse(from ?? '');
  if (Number.isNaN(ms) || ms < 0) return null;
  if (ms < 1_000) return `${String(Math.round(ms))} ms`;
  if (ms < 60_000) return `${String(Math.round(ms / 100) / 10)} s`;
  const minutes = Math.round(ms / 60_000);
  if (minutes < 60) return `${String(minutes)} min`;
  return minutes % 60 === 0
    ? `${String(minutes / 60)} h`
    : `${String(Math.floor(minutes / 60))} h ${String(minutes % 60)} min`;
}

/** The exact moment in the reader's time zone, to the second, with the zone named. */
export function exactTime(at: string, timeZone?: string): string {
  const then = Date.parse(at);
  if (Number.isNaN(then)) return at;
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'short',
    ...(timeZone === undefined ? {} : { timeZone }),
  }).format(then);
}

function dayIn(day: string, options: Intl.DateTimeFormatOptions): string {
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? day : new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }).format(at);
}

/** "Monday, 15 June 2026" for a day that is written 2026-06-15; the text itself if it is no day. */
export function dayInWords(day: string): string {
  return dayIn(day, { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' });
}

/** "15 Jun 2026" for a point in time, the day that it has in UTC; the text itself if it is none. */
export function dayOf(at: string): string {
  return dayIn(at.slice(0, 10), { day: 'numeric', month: 'short', year: 'numeric' });
}

/** "15 Jun" for a day that is written 2026-06-15. */
export function shortDay(day: string): string {
  return dayIn(day, { day: 'numeric', month: 'short' });
}
