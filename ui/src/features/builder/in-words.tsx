import type { Lint } from '@/shared/api/editing';
import { Said } from '@/features/builder/said';
import classes from '@/features/builder/preview-panel.module.css';

type Words = NonNullable<Lint['condition']>;

/** The logic as the server says it in sentences. */
export function InWords({ words, stale }: { words: Lint['words'] | undefined; stale: boolean }) {
  if (words === undefined) {
    return <p className={classes.cause}>When the conditions are complete, they are said here in sentences.</p>;
  }
  return (
    <div className={classes.shown} data-stale={stale || undefined}>
      {words.groups.map((group, at) => (
        <section key={at} className={classes.card} aria-label={group.name === '' ? `Group ${at + 1}` : group.name}>
          {group.name !== '' && <strong className={classes.sentence}>{group.name}</strong>}
          <Sentence words={group.scope} />
          <Sentence words={group.demand} />
          <p className={classes.sentence}>
            <Said text={group.assertion} />
          </p>
          <p className={classes.cause}>
            <Said text={group.onEmpty} />
          </p>
        </section>
      ))}
      {words.groups.length > 1 && (
        <p className={classes.sentence}>
          <Said text={words.logic} />
        </p>
      )}
    </div>
  );
}

function Sentence({ words }: { words: Words }) {
  return (
    <>
      <p className={classes.sentence}>
        <Said text={words.text} />
      </p>
      {words.items.length > 0 && (
        <ul className={classes.said}>
          {words.items.map((item, at) => (
            <li key={at}>
              <Sentence words={item} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
