import {
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  type Completion,
  type CompletionContext,
  completionKeymap,
  completionStatus,
  type CompletionResult,
  pickedCompletion,
  startCompletion,
} from '@codemirror/autocomplete';
import { defaultKeymap, history, historyField, historyKeymap, indentWithTab } from '@codemirror/commands';
import { json } from '@codemirror/lang-json';
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, indentUnit, syntaxTree } from '@codemirror/language';
import { type Diagnostic as Mark, lintGutter, lintKeymap, setDiagnostics } from '@codemirror/lint';
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search';
import { Annotation, EditorState, type Extension } from '@codemirror/state';
import {
  crosshairCursor,
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  hoverTooltip,
  keymap,
  lineNumbers,
  rectangularSelection,
} from '@codemirror/view';
import type { Diagnostic, Edit, Proposal, Proposals } from '@/shared/api/editing';
import { look } from '@/features/builder/editor-look';
import { changeBetween, type Help, sentenceParts } from '@/features/builder/editor-text';

/** What the editor asks while somebody types. */
export type Asks = {
  complete: (text: string, offset: number, signal: AbortSignal) => Promise<Proposals>;
  help: (operator: string) => Help[];
  format: () => void;
  repair: () => void;
};

/** Marks a change that was not made in the editor. */
const fromOutside = Annotation.define<boolean>();

/** Takes over a text that was changed elsewhere. */
export function takeOver(view: EditorView, text: string): void {
  const change = changeBetween(view.state.doc.toString(), text);
  if (change !== undefined) view.dispatch({ changes: change, annotations: fromOutside.of(true) });
}

/** Beyond this many characters proposals come only when they are asked for. */
const TYPED_PROPOSALS = 300_000;

const changesOf = (edits: readonly Edit[]) => edits.map(({ from, to, text }) => ({ from, to, insert: text }));

/** Carries out the edits of a suggestion. */
export function repair(view: EditorView, edits: readonly Edit[]): void {
  view.dispatch({ changes: changesOf(edits), userEvent: 'input.repair', scrollIntoView: true });
  view.focus();
}

const emptyAround = (view: EditorView): boolean => {
  const at = view.state.selection.main.head;
  const around = view.state.sliceDoc(at - 1, at + 1);
  return around === '""' || around === '[]';
};

function optionOf(item: Proposal): Completion {
  return {
    label: item.label,
    detail: item.detail,
    type: item.kind,
    ...(item.info === '' ? {} : { info: item.info }),
    apply: (view, completion) => {
      view.dispatch({
        changes: changesOf(item.edits),
        selection: { anchor: item.caret },
        annotations: pickedCompletion.of(completion),
        userEvent: 'input.complete',
        scrollIntoView: true,
      });
      // What was begun here goes on with what can stand in it.
      if (emptyAround(view)) startCompletion(view);
    },
  };
}

function proposals(asks: Asks) {
  return async (context: CompletionContext): Promise<CompletionResult | null> => {
    const { doc } = context.state;
    if (!context.explicit && (doc.length > TYPED_PROPOSALS || context.matchBefore(/["\w$.:-]$/) === null)) return null;
    const stop = new AbortController();
    context.addEventListener('abort', () => {
      stop.abort();
    });
    try {
      const found = await asks.complete(doc.toString(), context.pos, stop.signal);
      if (context.aborted || found.items.length === 0) return null;
      return {
        from: Math.min(found.from, context.pos),
        to: Math.max(found.to, context.pos),
        options: found.items.map(optionOf),
        filter: false,
      };
    } catch {
      // Nothing is proposed while the server cannot be asked; what is typed counts.
      return null;
    }
  };
}

/** The text of the string under a place if it is the value of "operator". */
function operatorAt(state: EditorState, pos: number): { from: number; to: number; name: string } | undefined {
  const node = syntaxTree(state).resolveInner(pos, 1);
  if (node.name !== 'String') return undefined;
  const property = node.parent?.getChild('PropertyName');
  if (property == null || state.sliceDoc(property.from, property.to) !== '"operator"') return undefined;
  return { from: node.from, to: node.to, name: state.sliceDoc(node.from + 1, node.to - 1) };
}

const helpOnHover = (asks: Asks) =>
  hoverTooltip((view, pos) => {
    const found = operatorAt(view.state, pos);
    const help = found === undefined ? [] : asks.help(found.name);
    if (found === undefined || help.length === 0) return null;
    return {
      pos: found.from,
      end: found.to,
      create: () => {
        const dom = document.createElement('div');
        dom.className = 'cm-help';
        for (const each of help) {
          const line = dom.appendChild(document.createElement('div'));
          line.appendChild(document.createElement('code')).textContent = each.name;
          line.append(` ${each.words}. ${each.help}`);
        }
        return { dom };
      },
    };
  });

/** Shows what the server found in the text as it stands. */
export function show(view: EditorView, diagnostics: readonly Diagnostic[]): void {
  const end = view.state.doc.length;
  const marks: Mark[] = diagnostics.map((each) => {
    const { suggestion } = each;
    return {
      from: Math.min(each.from, end),
      to: Math.min(each.to, end),
      severity: each.severity,
      message: each.message,
      renderMessage: () => {
        const dom = document.createElement('span');
        for (const { text, code } of sentenceParts(each.message)) {
          if (code) dom.appendChild(document.createElement('code')).textContent = text;
          else dom.append(text);
        }
        return dom;
      },
      ...(suggestion == null
        ? {}
        : {
            actions: [
              {
                name: suggestion.label.replaceAll('`', ''),
                apply: (target: EditorView) => {
                  repair(target, suggestion.edits);
                },
              },
            ],
          }),
    };
  });
  view.dispatch(setDiagnostics(view.state, marks));
}

/** The state of an editor, with the history that an earlier one left. */
export function stateOf(text: string, extensions: Extension, kept: unknown): EditorState {
  const plain = { doc: text, extensions };
  if (kept === undefined) return EditorState.create(plain);
  return EditorState.fromJSON(kept, { extensions }, { history: historyField });
}

/** What is to be kept of a state, so that its history outlives the editor. */
export function kept(state: EditorState): unknown {
  return state.toJSON({ history: historyField });
}

// Who reads the list with a pointer or a screen reader must be able to scroll it.
const scrollableProposals = EditorView.updateListener.of(({ view, state }) => {
  if (completionStatus(state) === null) return;
  view.requestMeasure({
    key: 'proposals',
    read: () => view.dom.querySelector<HTMLElement>('.cm-tooltip-autocomplete > ul'),
    write: (list) => {
      if (list !== null) list.tabIndex = 0;
    },
  });
});

/** The parts of the editor. */
export function setup(
  label: string,
  hintId: string,
  readOnly: boolean,
  asks: Asks,
  changed: (text: string, here: boolean) => void,
): Extension {
  return [
    lineNumbers(),
    foldGutter(),
    lintGutter(),
    history(),
    drawSelection(),
    EditorState.allowMultipleSelections.of(true),
    indentOnInput(),
    indentUnit.of('  '),
    bracketMatching(),
    closeBrackets(),
    rectangularSelection(),
    crosshairCursor(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    highlightSelectionMatches(),
    search({ top: true }),
    json(),
    look,
    EditorView.lineWrapping,
    autocompletion({ override: [proposals(asks)], icons: false, activateOnTypingDelay: 120, maxRenderedOptions: 100 }),
    scrollableProposals,
    helpOnHover(asks),
    EditorState.readOnly.of(readOnly),
    EditorView.contentAttributes.of({
      'aria-label': label,
      'aria-describedby': hintId,
      'aria-multiline': 'true',
      tabindex: '0',
      spellcheck: 'false',
      ...(readOnly ? { 'aria-readonly': 'true' } : {}),
    }),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      const here = !update.transactions.some((each) => each.annotation(fromOutside) === true);
      changed(update.state.doc.toString(), here);
    }),
    keymap.of([
      {
        key: 'Shift-Alt-f',
        run: () => {
          asks.format();
          return true;
        },
      },
      {
        key: 'Mod-.',
        run: () => {
          asks.repair();
          return true;
        },
      },
      ...closeBracketsKeymap,
      ...completionKeymap,
      ...lintKeymap,
      ...searchKeymap,
      ...historyKeymap,
      ...foldKeymap,
      ...defaultKeymap,
      indentWithTab,
    ]),
  ];
}
