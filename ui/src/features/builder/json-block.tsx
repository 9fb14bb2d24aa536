import { Button, Textarea } from '@mantine/core';
import { useState } from 'react';
import { useBuilder } from '@/features/builder/context';
import { JsonFault, parseJson, printJson } from '@/features/builder/exact';
import { as, idOf, isItem, type Path, put } from '@/features/builder/logic';
import classes from '@/features/builder/condition.module.css';

/** A condition that the builder has no form for, as the JSON that it is. */
export function JsonBlock({ path, node }: { path: Path; node: unknown }) {
  const { tree, change } = useBuilder();
  const [editing, setEditing] = useState<{ text: string; fault: string }>();
  if (editing === undefined) {
    return (
      <div className={classes.block}>
        <span className={classes.blockWord}>The builder has no form for this condition. It is kept as it is.</span>
        <pre className={classes.blockText} tabIndex={0} aria-label="Condition as JSON">
          {printJson(node)}
        </pre>
        <div>
          <Button
            size="compact-xs"
            variant="default"
            data-part="edit"
            data-first
            onClick={() => {
              setEditing({ text: printJson(node), fault: '' });
            }}
          >
            Edit as JSON
          </Button>
        </div>
      </div>
    );
  }
  return (
    <div className={classes.block} data-typing>
      <Textarea
        aria-label="Condition as JSON"
        classNames={{ input: classes.mono ?? '' }}
        autosize
        minRows={4}
        maxRows={20}
        data-autofocus
        autoFocus
        value={editing.text}
        error={editing.fault === '' ? undefined : editing.fault}
        onChange={(event) => {
          setEditing({ text: event.currentTarget.value, fault: '' });
        }}
      />
      <div className={classes.line}>
        <Button
          size="compact-xs"
          onClick={() => {
            try {
              const next = parseJson(editing.text);
              change(
                put(tree, path, isItem(next) && isItem(node) ? as(next, node) : next),
                `${isItem(node) ? idOf(node) : ''} json`,
              );
              setEditing(undefined);
            } catch (fault) {
              if (!(fault instanceof JsonFault)) throw fault;
              setEditing({ text: editing.text, fault: fault.message });
            }
          }}
        >
          Take over
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            setEditing(undefined);
          }}
        >
          Cancel
        </Button>
      </div>
    </div>
  );
}
