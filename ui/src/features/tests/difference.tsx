import type { VersionDifference } from '@/shared/api/runs';
import { cut, jsonLine } from '@/shared/api/json';
import { count, counted } from '@/shared/format/number';
import { Marked } from '@/shared/ui/marked';
import { ResultChip } from '@/shared/ui/result-chip';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/tests/difference.module.css';

const VALUE = 400;
const SHOWN = 5;

type Verdicts = NonNullable<VersionDifference['verdicts']>;
type Words = VersionDifference['words']['from'];
type Move = Verdicts['moves'][number];

const JUDGED: Record<Move['from'], string> = {
  pass: 'passes',
  fail: 'fails',
  error: 'is in error',
  satisfied: 'satisfies it',
  notSatisfied: 'does not satisfy it',
  outOfScope: 'is out of scope',
};

const OPERATIONS = { added: 'Added', removed: 'Removed', changed: 'Changed' } as const;

/** What two versions say differently: of the records of now, in words, and in their text. */
export function Difference({ difference }: { difference: VersionDifference }) {
  const { changes, words, verdicts, problem } = difference;
  const same = changes.length === 0 && !difference.meaningDiffers;
  return (
    <div className={classes.difference}>
      {same && <p>Both say the same.</p>}
      {difference.meaningDiffers && (
        <p>The texts are the same, but a named condition of theirs, or the resource of a name, was another one.</p>
      )}
      {verdicts && <Moves verdicts={verdicts} />}
      {problem && <p>The verdicts cannot be compared: {problem}</p>}
      {!same && (
        <div className={classes.sides}>
          <Side title={`Version ${difference.from.version} in words`} words={words.from} />
          <Side title={`Version ${difference.to.version} in words`} words={words.to} />
        </div>
      )}
      {changes.length > 0 && (
        <section>
          <h3>Changes of the text</h3>
          <ul className={classes.changes}>
            {changes.map((change, at) => (
              <li key={at} data-op={change.op}>
                <span className={classes.place}>
                  {OPERATIONS[change.op]} <code>{change.pointer === '' ? 'the whole' : change.pointer}</code>
                </span>
                {change.op !== 'added' && <del>{cut(jsonLine(change.from), VALUE)}</del>}
                {change.op !== 'removed' && <ins>{cut(jsonLine(change.to), VALUE)}</ins>}
              </li>
            ))}
          </ul>
          {difference.hasMoreChanges && <p>There are more changes than are listed.</p>}
        </section>
      )}
    </div>
  );
}

function Side({ title, words }: { title: string; words: Words }) {
  return (
    <section>
      <h3>{title}</h3>
      {words.map((group, at) => (
        <div key={at} className={classes.group}>
          {group.name !== '' && <strong>{group.name}</strong>}
          {group.filter !== null && (
            <p>
              {group.mode === 'inclusion' ? 'Only where ' : 'Except where '}
              <Marked text={group.filter} />
            </p>
          )}
          <p>
            <Marked text={group.evaluator} />
          </p>
          <p>
            <Marked text={group.assertion} />
          </p>
        </div>
      ))}
    </section>
  );
}

/** How many records two versions judge differently, with examples. */
export function Moves({ verdicts }: { verdicts: Verdicts }) {
  const { from, to, moves, sample } = verdicts;
  return (
    <section>
      <h3>Over the records of now</h3>
      {sample && (
        <p>
          A sample of {counted(sample.records, 'record')}
          {sample.of !== null && ` of ${count(sample.of)}`}.
        </p>
      )}
      <p className={classes.results}>
        {from.result !== null && <ResultChip result={from.result as 'PASSED'} reason={from.reason} />}
        <span>{counted(from.counts.failing, 'record fails', 'records fail')}</span>
        <span aria-hidden>→</span>
        {to.result !== null && <ResultChip result={to.result as 'PASSED'} reason={to.reason} />}
        <span>{counted(to.counts.failing, 'record fails', 'records fail')}</span>
      </p>
      {moves.length === 0 ? (
        <p>No record is judged differently.</p>
      ) : (
        <Rows
          label="Records that are judged differently"
          rows={moves}
          rowKey={(move) => `${move.from} ${move.to}`}
          columns={[
            {
              id: 'move',
              header: 'Before and after',
              cell: (move) => `${JUDGED[move.from]} → ${JUDGED[move.to]}`,
            },
            { id: 'records', header: 'Records', end: true, cell: (move) => count(move.records) },
            {
              id: 'examples',
              header: 'Such as',
              cell: (move) =>
                move.examples
                  .slice(0, SHOWN)
                  .map((example) => example.resourceName)
                  .join(', ') + (move.records > SHOWN ? ' …' : ''),
            },
          ]}
        />
      )}
    </section>
  );
}
