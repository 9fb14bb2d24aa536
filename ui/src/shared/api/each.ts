import { Told } from '@/shared/api/errors';

export type Outcome<Item> = { done: Item[]; refused: { item: Item; error: Error }[] };

/** Does the same with each of some things, one after the other; a refusal of one does not stop the others. */
export async function each<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
): Promise<Outcome<Item>> {
  const outcome: Outcome<Item> = { done: [], refused: [] };
  for (const item of items) {
    try {
      await act(item);
      outcome.done.push(item);
    } catch (error) {
      outcome.refused.push({ item, error: error instanceof Error ? error : new Error(String(error)) });
    }
  }
  return outcome;
}

/** The refusals of an outcome as one error, so that a dialog can stay open and tell them. */
export function unlessRefused<Item>({ done, refused }: Outcome<Item>, name: (item: Item) => string): void {
  const first = refused[0];
  if (first === undefined) return;
  const more = refused.length - 1;
  throw new Told(
    `${done.length === 0 ? 'Nothing was done' : `${done.length} done`}; refused: ${name(first.item)}: ${first.error.message}${
      more > 0 ? ` (and ${more} more)` : ''
    }`,
  );
}
