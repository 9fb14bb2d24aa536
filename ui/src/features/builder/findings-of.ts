import { ApiError } from '@/shared/api/errors';
import type { Diagnostic } from '@/shared/api/editing';
import type { Finding } from '@/features/builder/context';
import { JsonFault, parseJson } from '@/features/builder/exact';
import { ownerOf, type Path, pointerOf, type Tree } from '@/features/builder/logic';

/** A text with some parts of it replaced; the places are those before any of the edits. */
export function edited(text: string, edits: readonly { from: number; to: number; text: string }[]): string {
  return [...edits]
    .sort((a, b) => b.from - a.from)
    .reduce((whole, edit) => whole.slice(0, edit.from) + edit.text + whole.slice(edit.to), text);
}

/** What the server says of the logic, by the place on the page that it is shown at. */
export function findingsOf({
  tree,
  text,
  diagnostics,
  refusal,
  missing,
  knows,
}: {
  tree: Tree;
  /** The text that the diagnostics are about. */
  text: string;
  diagnostics: readonly Diagnostic[];
  /** Why the preview was refused, which knows also what only the stored data tell. */
  refusal: Error | null;
  /** What is not filled in yet: the page says that by itself. */
  missing: readonly Path[];
  knows: (operator: string) => boolean;
}): Map<string, Finding[]> {
  const out = new Map<string, Finding[]>();
  const unfinished = missing.map(pointerOf);
  const add = (finding: Finding) => {
    const owner = ownerOf(tree, finding.pointer, knows);
    const list = out.get(owner) ?? [];
    if (unfinished.includes(owner) || list.some(({ message }) => message === finding.message)) return;
    out.set(owner, [...list, finding]);
  };
  for (const { pointer, message, severity, suggestion } of diagnostics) {
    const tree = suggestion === undefined ? undefined : treeOf(edited(text, suggestion.edits));
    add({
      pointer,
      message,
      severity,
      ...(suggestion === undefined || tree === undefined ? {} : { fix: { label: suggestion.label, tree } }),
    });
  }
  if (
    refusal instanceof ApiError &&
    refusal.pointer !== null &&
    !diagnostics.some(({ severity }) => severity === 'error')
  ) {
    add({ pointer: refusal.pointer, severity: 'error', message: refusal.message });
  }
  return out;
}

function treeOf(text: string): Tree {
  try {
    return parseJson(text);
  } catch (fault) {
    if (fault instanceof JsonFault) return undefined;
    throw fault;
  }
}
