import { useEffect, useRef } from 'react';

/** Undoes and redoes by keyboard everywhere on the page but in the JSON editor and in dialogs, which have their own. */
export function useUndoKeys(undo: (() => void) | undefined, redo: (() => void) | undefined): void {
  const acts = useRef({ undo, redo });
  useEffect(() => {
    acts.current = { undo, redo };
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
      const target = event.target instanceof HTMLElement ? event.target : null;
      if (target?.closest('.cm-editor, [role="dialog"], [data-own-undo]') != null) return;
      const key = event.key.toLowerCase();
      const act = key === 'y' || (key === 'z' && event.shiftKey) ? 'redo' : key === 'z' ? 'undo' : undefined;
      if (act === undefined) return;
      event.preventDefault();
      acts.current[act]?.();
    };
    window.addEventListener('keydown', listen);
    return () => {
      window.removeEventListener('keydown', listen);
    };
  }, []);
}
