import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { bracketMatching, HighlightStyle, StreamLanguage, syntaxHighlighting } from '@codemirror/language';
import { type Diagnostic, linter, lintGutter } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { drawSelection, EditorView, highlightActiveLine, keymap, lineNumbers } from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import type { CheckedRecipe } from '@/shared/api/types';
import classes from '@/shared/ui/json-field.module.css';

export type RecipeEditorProps = {
  id: string;
  label: string;
  value: string;
  onChange?: (text: string) => void;
  /** What is wrong with a text, in the server's words. */
  check?: (text: string) => Promise<CheckedRecipe>;
};

// Enough of YAML for colours; the server reads it.
const yaml = StreamLanguage.define<{ quote: string }>({
  name: 'yaml',
  startState: () => ({ quote: '' }),
  token: (stream, state) => {
    if (state.quote !== '') {
      if (stream.skipTo(state.quote)) {
        stream.next();
        state.quote = '';
      } else stream.skipToEnd();
      return 'string';
    }
    if (stream.eatSpace()) return null;
    if (stream.match('#')) {
      stream.skipToEnd();
      return 'comment';
    }
    if (stream.match(/^[A-Za-z_$][\w.$-]*(?=\s*:(\s|$))/)) return 'propertyName';
    const quote = /^["']/.exec(stream.peek() ?? '')?.[0];
    if (quote !== undefined) {
      stream.next();
      state.quote = quote;
      return 'string';
    }
    if (stream.match(/^(true|false|null|-?\d+(\.\d+)?)(?=[\s,\]}]|$)/)) return 'bool';
    if (stream.match(/^[[\]{},:-]/)) return 'punctuation';
    if (stream.match(/^[^\s,\]}]+/) === null) stream.next();
    return null;
  },
  languageData: { commentTokens: { line: '#' } },
});

const colours = HighlightStyle.define([
  { tag: tags.propertyName, class: classes.key ?? '' },
  { tag: tags.string, class: classes.string ?? '' },
  { tag: tags.bool, class: classes.literal ?? '' },
]);

const PAUSE = 400;

/** The editor itself; pages use RecipeField. */
export default function RecipeEditor({ id, label, value, onChange, check }: RecipeEditorProps) {
  const frame = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(null);
  const tell = useRef(onChange);
  const ask = useRef(check);
  const begin = useRef(value);
  const readOnly = onChange === undefined;
  useEffect(() => {
    tell.current = onChange;
    ask.current = check;
  });
  useEffect(() => {
    const parent = frame.current;
    if (parent === null) return;
    const faults = linter(
      async (view): Promise<Diagnostic[]> => {
        const { doc } = view.state;
        if (ask.current === undefined || doc.toString().trim() === '') return [];
        const { findings } = await ask.current(doc.toString());
        return findings.map(({ line, message, pointer }) => {
          const at = doc.line(Math.min(Math.max(line ?? 1, 1), doc.lines));
          return {
            from: at.from,
            to: at.to,
            severity: 'error' as const,
            message: pointer === '' ? message : `${pointer}: ${message}`,
          };
        });
      },
      { delay: PAUSE },
    );
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc: begin.current,
        extensions: [
          lineNumbers(),
          history(),
          drawSelection(),
          bracketMatching(),
          highlightActiveLine(),
          yaml,
          syntaxHighlighting(colours),
          ...(readOnly ? [] : [lintGutter(), faults]),
          // The Tab key goes on to the next field.
          keymap.of([...defaultKeymap, ...historyKeymap]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, id, tabindex: '0' }),
          EditorState.readOnly.of(readOnly),
          EditorView.updateListener.of((update) => {
            if (update.docChanged) tell.current?.(update.state.doc.toString());
          }),
        ],
      }),
    });
    editor.current = view;
    return () => {
      begin.current = view.state.doc.toString();
      view.destroy();
      editor.current = null;
    };
  }, [id, label, readOnly]);
  useEffect(() => {
    const view = editor.current;
    if (view === null) return;
    const now = view.state.doc.toString();
    if (now !== value) view.dispatch({ changes: { from: 0, to: now.length, insert: value } });
  }, [value]);
  return <div ref={frame} className={classes.frame} style={{ height: 340 }} data-read-only={readOnly || undefined} />;
}
