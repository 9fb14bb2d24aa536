import { Told } from '@/shared/api/errors';

/** What became of many, in the order in which they were given. */
export type Outcome<Item> = { done: Item[]; refused: { item: Item; error: Error }[] };

const AT_ONCE = 4;

/**
 * Does the same with each of some things, a few at a time, and tells after each how many are over.
 * One that is refused does not stop the others.
 */
export async function each<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
  tell?: (over: number) => void,
): Promise<Outcome<Item>> {
  const errors = new Map<number, Error>();
  const left = items.entries();
  let over = 0;
  const worker = async () => {
    for (const [at, item] of left) {
      try {
        await act(item);
      } catch (error) {
        errors.set(at, error instanceof Error ? error : new Error(String(error)));
      }
      tell?.(++over);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return {
    done: items.filter((_, at) => !errors.has(at)),
    refused: items.flatMap((item, at) => {
      const error = errors.get(at);
      return error === undefined ? [] : [{ item, error }];
    }),
  };
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
