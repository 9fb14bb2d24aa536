import type { Tree } from '@/features/builder/logic';

/** All that is edited of a test. */
export type Form = { name: string; description: string; logic: Tree };

/** A form with what it was before, so that every edit can be taken back. */
export type History = {
  past: Form[];
  present: Form;
  future: Form[];
  /** What the last edit was of; the next one of the same is no step of its own. */
  of: string | undefined;
};

const MOST_STEPS = 500;

export const begin = (present: Form): History => ({ past: [], present, future: [], of: undefined });

/** Takes an edit over. Edits in a row of the same thing, such as letters in one field, are one step. */
export function record(history: History, present: Form, of?: string): History {
  if (of !== undefined && of === history.of && history.past.length > 0) return { ...history, present, future: [] };
  return { past: [...history.past, history.present].slice(-MOST_STEPS), present, future: [], of };
}

export function undo(history: History): History {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: before,
    future: [history.present, ...history.future],
    of: undefined,
  };
}

export function redo(history: History): History {
  const [next, ...future] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future, of: undefined };
}
