import { VisuallyHidden } from '@mantine/core';
import { jsonChanges } from '@/shared/format/json-diff';
import classes from '@/shared/ui/json-diff.module.css';

const WORDS = { added: 'Added', removed: 'Removed', changed: 'Changed' } as const;
const SIGNS = { added: '+', removed: '−', changed: '→' } as const;

/** What differs between two JSON values, one line for each place. */
export function JsonDiff({ before, after, label }: { before: unknown; after: unknown; label: string }) {
  const changes = jsonChanges(before, after);
  if (changes.length === 0) return <p className={classes.same}>The same content.</p>;
  return (
    <ul className={classes.list} aria-label={label}>
      {changes.map((change) => (
        <li key={change.path} className={classes.change} data-kind={change.kind}>
          <span className={classes.sign} aria-hidden>
            {SIGNS[change.kind]}
          </span>
          <span className={classes.text}>
            <VisuallyHidden>{WORDS[change.kind]}: </VisuallyHidden>
            <span className={classes.path}>{change.path === '' ? 'the whole' : change.path}</span>
            {change.before !== undefined && <del className={classes.before}>{change.before}</del>}
            {change.after !== undefined && <ins className={classes.after}>{change.after}</ins>}
          </span>
        </li>
      ))}
    </ul>
  );
}
