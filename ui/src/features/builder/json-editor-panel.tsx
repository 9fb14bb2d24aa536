import { Button, Kbd, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { EditorView } from '@codemirror/view';
import { useEffect, useEffectEvent, useId, useRef, useState } from 'react';
import { completeText, type Diagnostic, lintText, ruleLanguageQuery, type Subject } from '@/shared/api/editing';
import { count } from '@/shared/format/number';
import { notifyFailed } from '@/shared/ui/notify';
import { kept, repair, setup, show, stateOf, takeOver } from '@/features/builder/editor-setup';
import { changeBetween, helpFor, samePlace, sentenceParts, summary } from '@/features/builder/editor-text';
import classes from '@/features/builder/json-editor.module.css';

/** Keeps what an editor had, its history too, for the next one. */
export type EditorMemory = { state: unknown };

export type JsonEditorProps = {
  /** What the text is, for those who do not see it. */
  label: string;
  text: string;
  onChange: (text: string) => void;
  workspaceId: number;
  /** The resource that is meant where the text names none. */
  resourceId?: number | undefined;
  what: Subject;
  /** Told whether the server finds the text valid, each time it has been asked. */
  onValid?: ((valid: boolean) => void) | undefined;
  readOnly?: boolean | undefined;
  /** What an earlier editor of this text left, and where to leave it: its history goes on. */
  recall?: (() => EditorMemory | undefined) | undefined;
  remember?: ((memory: EditorMemory) => void) | undefined;
};

const NOTHING: Diagnostic[] = [];
const LISTED = 20;
// A long text takes longer to read than somebody rests between two words.
const pause = (text: string) => (text.length > 200_000 ? 1_000 : 300);

/** A text of the rule language: proposals, errors at their place, help and layout come from the server. */
export function JsonEditorPanel({
  label,
  text,
  onChange,
  workspaceId,
  resourceId,
  what,
  onValid,
  readOnly = false,
  recall,
  remember,
}: JsonEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const editor = useRef<EditorView | null>(null);
  const hintId = useId();
  const [current, setCurrent] = useState(text);
  const { data: language } = useQuery(ruleLanguageQuery());

  const [settled] = useDebouncedValue(current, pause(current));
  const lint = useQuery({
    queryKey: ['preview', 'lint', what, workspaceId, resourceId, settled],
    queryFn: ({ signal }) => lintText({ workspaceId, text: settled, what, resourceId }, signal),
    staleTime: 60_000,
    gcTime: 60_000,
  });
  const diagnostics = settled === current ? (lint.data?.diagnostics ?? NOTHING) : undefined;

  const changed = useEffectEvent((next: string, here: boolean) => {
    setCurrent(next);
    if (here) onChange(next);
  });
  const complete = useEffectEvent((typed: string, offset: number, signal: AbortSignal) =>
    completeText({ workspaceId, text: typed, what, resourceId }, offset, signal),
  );
  const help = useEffectEvent((operator: string) => helpFor(language, operator));

  const format = async () => {
    const view = editor.current;
    if (view === null || readOnly) return;
    const before = view.state.doc.toString();
    const { formatted } = await lintText({ workspaceId, text: before, what, resourceId }, undefined, true);
    if (formatted === null || view.state.doc.toString() !== before) return;
    const change = changeBetween(before, formatted);
    if (change === undefined) return;
    view.dispatch({
      changes: change,
      selection: { anchor: samePlace(before, view.state.selection.main.head, formatted) },
      userEvent: 'input.format',
      scrollIntoView: true,
    });
  };
  const layOut = () => {
    format().catch(notifyFailed);
  };
  const mend = (each: Diagnostic) => {
    const view = editor.current;
    if (view === null || each.suggestion == null || settled !== view.state.doc.toString()) return;
    repair(view, each.suggestion.edits);
  };
  const layOutByKey = useEffectEvent(layOut);
  const mendByKey = useEffectEvent(() => {
    const at = editor.current?.state.selection.main.head ?? 0;
    const fixable = (diagnostics ?? NOTHING).filter(({ suggestion }) => suggestion != null);
    const nearest =
      fixable.find(({ from, to }) => from <= at && at <= to) ?? fixable.find(({ from }) => from >= at) ?? fixable[0];
    if (nearest !== undefined) mend(nearest);
  });

  // The editor lives as long as this component; a change of its text comes as a change.
  const begin = useEffectEvent((parent: HTMLElement) => {
    const parts = setup(
      label,
      hintId,
      readOnly,
      {
        complete: (typed, offset, signal) => complete(typed, offset, signal),
        help: (operator) => help(operator),
        format: () => {
          layOutByKey();
        },
        repair: () => {
          mendByKey();
        },
      },
      (next, here) => {
        changed(next, here);
      },
    );
    const before = recall?.();
    const view = new EditorView({ parent, state: stateOf(text, parts, before?.state) });
    takeOver(view, text);
    return view;
  });
  const leave = useEffectEvent((view: EditorView) => {
    remember?.({ state: kept(view.state) });
  });
  useEffect(() => {
    if (host.current === null) return undefined;
    const view = begin(host.current);
    editor.current = view;
    return () => {
      leave(view);
      editor.current = null;
      view.destroy();
    };
  }, []);

  useEffect(() => {
    if (editor.current !== null) takeOver(editor.current, text);
  }, [text]);

  useEffect(() => {
    const view = editor.current;
    if (view !== null && diagnostics !== undefined && view.state.doc.toString() === settled) show(view, diagnostics);
  }, [diagnostics, settled]);

  const verdict = useEffectEvent((valid: boolean) => onValid?.(valid));
  const valid = settled === current ? lint.data?.valid : undefined;
  useEffect(() => {
    if (valid !== undefined) verdict(valid);
  }, [valid]);

  const goTo = (each: Diagnostic) => {
    const view = editor.current;
    if (view === null) return;
    const end = view.state.doc.length;
    view.dispatch({
      selection: { anchor: Math.min(each.from, end), head: Math.min(each.to, end) },
      scrollIntoView: true,
    });
    view.focus();
  };

  return (
    <div className={classes.frame}>
      <div ref={host} className={classes.host} data-own-undo />
      <div className={classes.bar}>
        <span className={classes.summary} role="status">
          {lint.isError
            ? 'The text cannot be checked right now.'
            : diagnostics === undefined
              ? 'Checking…'
              : summary(diagnostics.map(({ severity }) => severity))}
        </span>
        {!readOnly && (
          <Button size="compact-xs" variant="default" onClick={layOut} title="Shift+Alt+F">
            Format
          </Button>
        )}
      </div>
      {diagnostics !== undefined && diagnostics.length > 0 && (
        <ul className={classes.problems} aria-label="Problems in the text">
          {diagnostics.slice(0, LISTED).map((each, at) => (
            <li key={at} className={classes.problem} data-severity={each.severity}>
              <button
                type="button"
                className={classes.place}
                onClick={() => {
                  goTo(each);
                }}
              >
                <span className={classes.line}>
                  <VisuallyHidden>{each.severity}, </VisuallyHidden>line {each.line}
                </span>
                <span className={classes.message}>
                  {sentenceParts(each.message).map(({ text: part, code }, place) =>
                    code ? <code key={place}>{part}</code> : part,
                  )}
                </span>
              </button>
              {!readOnly && each.suggestion != null && (
                <Button
                  size="compact-xs"
                  variant="default"
                  className={classes.mend}
                  onClick={() => {
                    mend(each);
                  }}
                >
                  {each.suggestion.label.replaceAll('`', '')}
                </Button>
              )}
            </li>
          ))}
          {diagnostics.length > LISTED && (
            <li className={classes.rest}>and {count(diagnostics.length - LISTED)} more</li>
          )}
        </ul>
      )}
      <p id={hintId} className={classes.hint}>
        {readOnly ? (
          'This text can be read and copied.'
        ) : (
          <>
            <Kbd size="xs">Ctrl+Space</Kbd> proposes, <Kbd size="xs">Ctrl+.</Kbd> mends, <Kbd size="xs">F8</Kbd> goes to
            the next problem, <Kbd size="xs">Ctrl+F</Kbd> finds, <Kbd size="xs">Shift+Alt+F</Kbd> formats.{' '}
            <Kbd size="xs">Escape</Kbd>, then <Kbd size="xs">Tab</Kbd> leaves the editor.
          </>
        )}
      </p>
    </div>
  );
}
