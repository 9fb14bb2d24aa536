import { createContext, useContext } from 'react';
import type { Language, NamedCondition, Operator, ResourceChoice } from '@/shared/api/rules';
import type { Edited, Tree } from '@/features/builder/logic';

/** What the server says of a place in the logic. */
export type Finding = {
  pointer: string;
  severity: 'error' | 'warning' | 'info';
  message: string;
  /** What it suggests, and how that is done. */
  fix?: { label: string; tree: Tree };
};

/** What every part of the builder works with. */
export type Builder = {
  workspaceId: number;
  tree: Tree;
  language: Language;
  operators: ReadonlyMap<string, Operator>;
  knows: (operator: string) => boolean;
  resources: readonly ResourceChoice[];
  conditions: readonly NamedCondition[];
  /** What is to be said beside a place, by its pointer. */
  findings: ReadonlyMap<string, Finding[]>;
  /** Takes over a tree; edits in a row of the same thing are undone together. */
  change: (tree: Tree, of?: string) => void;
  /** Takes over an edit that moves the focus, and says aloud what it did. */
  apply: (edited: Edited, said: string) => void;
  /** Whether a condition is being dragged. */
  dragging: boolean;
};

export const BuilderContext = createContext<Builder | undefined>(undefined);

export function useBuilder(): Builder {
  const builder = useContext(BuilderContext);
  if (builder === undefined) throw new Error('a part of the builder stands outside of it');
  return builder;
}

/** Brings the focus to a condition: to the part of it that had the focus before, else to its first. */
export function focusOn(pointer: string, part: string | undefined): void {
  const row = document.querySelector(`[data-condition="${CSS.escape(pointer)}"]`);
  if (row === null) return;
  const own = Array.from(row.querySelectorAll<HTMLElement>('[data-part]')).filter(
    (element) => element.closest('[data-condition]') === row,
  );
  const target =
    own.find((element) => element.dataset.part === part) ?? own.find((element) => element.dataset.first) ?? own[0];
  target?.focus();
}

/** The part of a condition that has the focus now. */
export function focusedPart(): string | undefined {
  const part = document.activeElement?.closest<HTMLElement>('[data-part]');
  return part?.dataset.part;
}
