/** What became of one of many. */
export type Outcome<Item> = { item: Item; error: Error | null };

const AT_ONCE = 4;

/**
 * Does one thing with each of many, a few at a time, and tells after each how
 * many are done. One that is refused does not stop the others.
 */
export async function forEachOf<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<unknown>,
  tell: (done: number) => void,
): Promise<Outcome<Item>[]> {
  const outcomes: Outcome<Item>[] = [];
  const left = items.values();
  let done = 0;
  const worker = async () => {
    for (const item of left) {
      let error: Error | null = null;
      try {
        await act(item);
      } catch (thrown) {
        error = thrown instanceof Error ? thrown : new Error(String(thrown));
      }
      outcomes.push({ item, error });
      tell(++done);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return items.flatMap((item) => outcomes.filter((outcome) => outcome.item === item));
}
