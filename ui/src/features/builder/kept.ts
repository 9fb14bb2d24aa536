import type { Form } from '@/features/builder/history';
import { JsonFault, parseJson, printJson } from '@/features/builder/exact';
import { isItem } from '@/features/builder/logic';
import type { Sketch } from '@/features/builder/try-panel';

/** Unsaved work of this browser tab, which survives a reload. */
export type Kept = { form: Form; sketches: Sketch[]; at: string };

const keyOf = (workspaceId: number, testId: number | undefined): string =>
  `plumbline.builder.${workspaceId}.${testId ?? 'new'}`;

/** The logic of a form as the text that the server gets. */
export const logicText = (form: Form): string => printJson(form.logic);

export const sameForm = (a: Form, b: Form): boolean =>
  a === b ||
  (a.name === b.name && a.description === b.description && (a.logic === b.logic || logicText(a) === logicText(b)));

export function keep(workspaceId: number, testId: number | undefined, { form, sketches, at }: Kept): void {
  const { name, description } = form;
  try {
    sessionStorage.setItem(
      keyOf(workspaceId, testId),
      JSON.stringify({ name, description, logic: logicText(form), sketches, at }),
    );
  } catch {
    // Without room in the tab's storage the work is only kept on the page.
  }
}

export function forget(workspaceId: number, testId: number | undefined): void {
  sessionStorage.removeItem(keyOf(workspaceId, testId));
}

export function kept(workspaceId: number, testId: number | undefined): Kept | undefined {
  const text = sessionStorage.getItem(keyOf(workspaceId, testId));
  if (text === null) return undefined;
  try {
    const { name, description, logic, sketches, at } = JSON.parse(text) as Record<string, unknown>;
    if (typeof name !== 'string' || typeof description !== 'string' || typeof logic !== 'string') return undefined;
    return {
      form: { name, description, logic: parseJson(logic) },
      sketches: Array.isArray(sketches) ? sketches.filter(isSketch) : [],
      at: typeof at === 'string' ? at : '',
    };
  } catch (fault) {
    if (fault instanceof JsonFault || fault instanceof SyntaxError) return undefined;
    throw fault;
  }
}

function isSketch(value: unknown): value is Sketch {
  return isItem(value) && typeof value.id === 'number' && typeof value.text === 'string';
}
