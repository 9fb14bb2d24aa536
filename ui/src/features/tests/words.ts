import type { Run } from '@/shared/api/runs';

export const TRIGGERS: Record<Run['trigger'], string> = {
  PUSH: 'Push',
  TIME: 'A date passed',
  PUBLISH: 'Publication',
  MANUAL: 'By hand',
  SCHEDULE: 'Schedule',
  EXCLUSION: 'Exclusion',
};

export const RUN_STATES: Record<Run['state'], string> = {
  RUNNING: 'Running',
  DONE: 'Done',
  CANCELED: 'Canceled',
};

/** "850 ms", "12 s", "3 min 5 s". */
export function duration(milliseconds: number | null | undefined): string {
  if (typeof milliseconds !== 'number') return '–';
  if (milliseconds < 1_000) return `${milliseconds} ms`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  return seconds % 60 === 0 ? `${Math.floor(seconds / 60)} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
