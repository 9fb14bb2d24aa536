import { Button } from '@mantine/core';
import { useBuilder } from '@/features/builder/context';
import { JsonFault, parseJson, printJson } from '@/features/builder/exact';
import { JsonEditor } from '@/features/builder/json-editor';
import type { EditorMemory } from '@/features/builder/json-editor-panel';
import { as, at, idOf, isItem, type Path, put } from '@/features/builder/logic';
import classes from '@/features/builder/builder-page.module.css';

/** The text of a group as it was typed. */
export type Typed = {
  text: string;
  /** What was read from it; another one in the logic makes the text an old one. */
  node: unknown;
  /** Why it cannot be read, if so; the logic keeps what it was before. */
  fault: string | undefined;
};

/** The text of a group: what was typed as long as it is the group, else the group as text. */
export function typedText(node: unknown, typed: Typed | undefined): string {
  return typed !== undefined && (typed.fault !== undefined || typed.node === node) ? typed.text : printJson(node);
}

/** A group as JSON. What is broken stays here; what can be read goes into the logic at once. */
export function JsonMode({
  place,
  typed,
  setTyped,
  memories,
}: {
  place: number;
  typed: Typed | undefined;
  setTyped: (typed: Typed | undefined) => void;
  /** What editors of groups keep for the next ones. */
  memories: Map<string, EditorMemory>;
}) {
  const { workspaceId, tree, change } = useBuilder();
  const path: Path = ['groups', place];
  const node = at(tree, path);
  const text = typedText(node, typed);
  const id = isItem(node) ? idOf(node) : String(place);
  const resourceId = isItem(node) && typeof node.resourceId === 'number' ? node.resourceId : undefined;
  return (
    <div className={classes.editor}>
      <JsonEditor
        key={id}
        label="The group as JSON"
        text={text}
        workspaceId={workspaceId}
        resourceId={resourceId}
        what="group"
        recall={() => memories.get(id)}
        remember={(memory) => {
          memories.set(id, memory);
        }}
        onChange={(next) => {
          if (next === text) return;
          try {
            const read = parseJson(next);
            const group = isItem(read) && isItem(node) ? as(read, node) : read;
            setTyped({ text: next, node: group, fault: undefined });
            change(put(tree, path, group), `json ${id}`);
          } catch (fault) {
            if (!(fault instanceof JsonFault)) throw fault;
            setTyped({ text: next, node, fault: fault.message });
          }
        }}
      />
      {typed?.fault !== undefined && (
        <div className={classes.broken} role="alert">
          This is not JSON yet, so the builder cannot show it. Mend it, or go back to what it was.{' '}
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              setTyped(undefined);
            }}
          >
            Go back to what it was
          </Button>
        </div>
      )}
    </div>
  );
}
