import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { counted } from '@/shared/format/number';
import classes from '@/shared/ui/selection.module.css';

type Key = string | number;

/** The rows of a list that were chosen for one action on all of them. */
export type Selection = {
  has: (key: Key) => boolean;
  set: (keys: readonly Key[], chosen: boolean) => void;
};

/**
 * Keeps which rows of a page are chosen. What the page does not show any more
 * is not chosen: nothing happens to what one does not see.
 */
export function useSelection(shown: readonly Key[]): Selection & { keys: Key[]; clear: () => void } {
  const [chosen, setChosen] = useState<ReadonlySet<Key>>(new Set());
  const keys = shown.filter((key) => chosen.has(key));
  return {
    keys,
    has: (key) => chosen.has(key),
    set: (some, take) => {
      setChosen((before) => {
        const after = new Set(before);
        for (const key of some) {
          if (take) after.add(key);
          else after.delete(key);
        }
        return after;
      });
    },
    clear: () => {
      setChosen(new Set());
    },
  };
}

/** What can be done with the chosen rows; nothing while none is. */
export function BulkBar({
  chosen,
  unit,
  units = `${unit}s`,
  clear,
  children,
}: {
  chosen: number;
  unit: string;
  /** More than one of it. */
  units?: string;
  clear: () => void;
  children: ReactNode;
}) {
  if (chosen === 0) return null;
  return (
    <section className={classes.bar} aria-label={`What to do with the chosen ${units}`}>
      <span className={classes.count} role="status">
        {counted(chosen, unit, units)} chosen
      </span>
      {children}
      <Button size="compact-xs" variant="subtle" onClick={clear}>
        Choose none
      </Button>
    </section>
  );
}
