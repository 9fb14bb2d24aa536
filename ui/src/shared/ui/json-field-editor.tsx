import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { json, jsonParseLinter } from '@codemirror/lang-json';
import {
  bracketMatching,
  foldGutter,
  foldKeymap,
  HighlightStyle,
  indentOnInput,
  syntaxHighlighting,
} from '@codemirror/language';
import { type Diagnostic, linter, lintGutter, setDiagnostics } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  keymap,
  lineNumbers,
  placeholder as hint,
} from '@codemirror/view';
import { tags } from '@lezer/highlight';
import { useEffect, useRef } from 'react';
import { rangeOf } from '@/shared/format/json-place';
import classes from '@/shared/ui/json-field.module.css';

export type JsonFieldEditorProps = {
  id: string;
  label: string;
  value: string;
  onChange?: (text: string) => void;
  readOnly?: boolean;
  placeholder?: string;
  height?: number;
  /** A refusal of the server about a place in the text. */
  fault?: { pointer: string; message: string } | undefined;
  /** Several JSON values, one a line, are as good as one. */
  lines?: boolean;
};

const colours = HighlightStyle.define([
  { tag: tags.propertyName, class: classes.key ?? '' },
  { tag: tags.string, class: classes.string ?? '' },
  { tag: [tags.number, tags.bool, tags.null], class: classes.literal ?? '' },
]);

// An empty field is not at fault yet.
const parse = jsonParseLinter();
const faults = linter((view) => (view.state.doc.length === 0 ? [] : parse(view)), { delay: 300 });

/** The editor itself; pages use JsonField. */
export default function JsonFieldEditor({
  id,
  label,
  value,
  onChange,
  readOnly = false,
  placeholder,
  height,
  fault,
  lines = false,
}: JsonFieldEditorProps) {
  const frame = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView>(null);
  const tell = useRef(onChange);
  const begin = useRef(value);
  useEffect(() => {
    tell.current = onChange;
  });
  useEffect(() => {
    const parent = frame.current;
    if (parent === null) return;
    const view = new EditorView({
      parent,
      state: EditorState.create({
        doc: begin.current,
        extensions: [
          lineNumbers(),
          foldGutter(),
          history(),
          drawSelection(),
          indentOnInput(),
          bracketMatching(),
          highlightActiveLine(),
          json(),
          syntaxHighlighting(colours),
          lintGutter(),
          ...(lines ? [] : [faults]),
          // The Tab key goes on to the next field.
          keymap.of([...defaultKeymap, ...historyKeymap, ...foldKeymap]),
          EditorView.lineWrapping,
          EditorView.contentAttributes.of({ 'aria-label': label, id, tabindex: '0' }),
          EditorState.readOnly.of(readOnly),
          ...(placeholder === undefined ? [] : [hint(placeholder)]),
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
  }, [id, label, readOnly, placeholder, lines]);
  useEffect(() => {
    const view = editor.current;
    if (view === null) return;
    const now = view.state.doc.toString();
    if (now !== value) view.dispatch({ changes: { from: 0, to: now.length, insert: value } });
  }, [value]);
  useEffect(() => {
    const view = editor.current;
    if (view === null || fault === undefined) return;
    const { from, to } = rangeOf(view.state.doc.toString(), fault.pointer);
    const found: Diagnostic = { from, to, severity: 'error', message: fault.message };
    view.dispatch(setDiagnostics(view.state, [found]), { effects: EditorView.scrollIntoView(from) });
  }, [fault]);
  return <div ref={frame} className={classes.frame} style={{ height }} data-read-only={readOnly || undefined} />;
}
