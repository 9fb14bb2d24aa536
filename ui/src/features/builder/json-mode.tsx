import { Button, Textarea } from '@mantine/core';
import { useBuilder } from '@/features/builder/context';
import { JsonFault, parseJson, printJson } from '@/features/builder/exact';
import { at, type Path, put } from '@/features/builder/logic';
import classes from '@/features/builder/builder-page.module.css';

/** A group as JSON. What is broken stays here; what can be read goes into the logic at once. */
export function JsonMode({
  place,
  broken,
  setBroken,
}: {
  place: number;
  /** The text while it cannot be read. */
  broken: string | undefined;
  setBroken: (text: string | undefined) => void;
}) {
  const { tree, change } = useBuilder();
  const path: Path = ['groups', place];
  const text = broken ?? printJson(at(tree, path));
  return (
    <div className={classes.editor}>
      <Textarea
        aria-label="The group as JSON"
        autosize
        minRows={12}
        classNames={{ input: classes.mono ?? '' }}
        value={text}
        onChange={(event) => {
          const typed = event.currentTarget.value;
          try {
            change(put(tree, path, parseJson(typed)), `json ${place}`);
            setBroken(undefined);
          } catch (fault) {
            if (!(fault instanceof JsonFault)) throw fault;
            setBroken(typed);
          }
        }}
      />
      {broken !== undefined && (
        <div className={classes.broken} role="alert">
          This is not JSON yet, so the builder cannot show it. Mend it, or go back to what it was.{' '}
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              setBroken(undefined);
            }}
          >
            Go back to what it was
          </Button>
        </div>
      )}
    </div>
  );
}
