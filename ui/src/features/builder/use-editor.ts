import { useDebouncedCallback } from '@mantine/hooks';
import { useCallback, useMemo, useState } from 'react';
import { begin, type Form, type History, record, redo, undo } from '@/features/builder/history';
import { forget, keep, kept, sameForm } from '@/features/builder/kept';
import type { Sketch } from '@/features/builder/try-panel';

const KEEPING_PAUSE = 300;

/** The test that is edited, its history, and what this tab kept of it. */
export function useEditor(workspaceId: number, testId: number | undefined, start: Form) {
  const [saved, setSaved] = useState(start);
  const [history, setHistory] = useState<History>(() => begin(start));
  const [sketches, setSketchList] = useState<Sketch[]>([]);
  const [offered, setOffered] = useState(() => {
    const found = kept(workspaceId, testId);
    return found === undefined || sameForm(found.form, start) ? undefined : found;
  });
  const { present } = history;
  const dirty = useMemo(() => !sameForm(present, saved), [present, saved]);

  const store = useDebouncedCallback((form: Form, list: Sketch[], clean: Form) => {
    if (sameForm(form, clean) && list.length === 0) forget(workspaceId, testId);
    else keep(workspaceId, testId, { form, sketches: list, at: new Date().toISOString() });
  }, KEEPING_PAUSE);

  const set = useCallback(
    (next: History) => {
      setHistory(next);
      store(next.present, sketches, saved);
    },
    [store, sketches, saved],
  );

  return {
    form: present,
    dirty,
    saved,
    sketches,
    setSketches: (list: Sketch[]) => {
      setSketchList(list);
      store(present, list, saved);
    },
    edit: (form: Form, of?: string) => {
      set(record(history, form, of));
    },
    undo:
      history.past.length === 0
        ? undefined
        : () => {
            set(undo(history));
          },
    redo:
      history.future.length === 0
        ? undefined
        : () => {
            set(redo(history));
          },
    /** Takes note that a form is what the server has now. */
    settle: (form: Form) => {
      setSaved(form);
      store.cancel();
      forget(workspaceId, testId);
    },
    /** What was kept before the page was loaded, until it is taken or left. */
    offered,
    restore: () => {
      if (offered === undefined) return;
      setSketchList(offered.sketches);
      setHistory(record(history, offered.form));
      setOffered(undefined);
      store(offered.form, offered.sketches, saved);
    },
    leaveOffered: () => {
      setOffered(undefined);
      store(present, sketches, saved);
    },
  };
}
