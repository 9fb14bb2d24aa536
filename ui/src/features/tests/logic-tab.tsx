import { SegmentedControl } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Fragment, useState } from 'react';
import type { NamedCondition } from '@/shared/api/conditions';
import type { TestDetail } from '@/shared/api/types';
import { JsonView } from '@/shared/ui/json-view';
import { Marked } from '@/shared/ui/marked';
import { Panel } from '@/shared/ui/page';
import { RecordLink } from '@/shared/ui/record-link';
import classes from '@/features/tests/logic-tab.module.css';

type Said = NonNullable<TestDetail['words']>;
type Sentence = Said['groups'][number]['scope'];

/** What the test demands, in sentences and as JSON: of the version in force, or of the draft. */
export function LogicTab({
  test,
  conditions,
  mayEdit,
}: {
  test: TestDetail;
  /** The named conditions that the logic refers to. */
  conditions: NamedCondition[];
  mayEdit: boolean;
}) {
  const both = test.version !== null && test.hasDraft;
  const [shown, setShown] = useState<'force' | 'draft'>('force');
  const draft = both && shown === 'draft';
  const words = draft ? test.draftWords : test.words;
  const logic: unknown = draft ? test.draftLogic : test.logic;
  return (
    <>
      <div className={classes.head}>
        {both && (
          <SegmentedControl
            size="xs"
            aria-label="Which version"
            value={shown}
            data={[
              { value: 'force', label: `Published (version ${test.version ?? ''})` },
              { value: 'draft', label: 'Draft' },
            ]}
            onChange={(value) => {
              setShown(value);
            }}
          />
        )}
        {mayEdit && (
          <Link to="/tests/$testId/edit" params={{ testId: test.testId }}>
            Edit the logic
          </Link>
        )}
      </div>
      {words && <InWords words={words} test={test} />}
      {conditions.length > 0 && (
        <Panel title="Named conditions">
          <dl className={classes.conditions}>
            {conditions.map((condition) => (
              <div key={condition.name}>
                <dt>{condition.name}</dt>
                <dd>
                  <Marked text={condition.sentence} />
                  {condition.usedBy.length > 1 && (
                    <span className={classes.used}>
                      {' '}
                      Also used by{' '}
                      {condition.usedBy
                        .filter((id) => id !== test.testId)
                        .map((id, at) => (
                          <Fragment key={id}>
                            {at > 0 && ', '}
                            <Link to="/tests/$testId" params={{ testId: id }}>
                              test {id}
                            </Link>
                          </Fragment>
                        ))}
                    </span>
                  )}
                </dd>
              </div>
            ))}
          </dl>
        </Panel>
      )}
      <Panel title="As JSON">
        <JsonView value={logic} label="logic as JSON" />
      </Panel>
    </>
  );
}

function InWords({ words, test }: { words: Said; test: TestDetail }) {
  return (
    <Panel title="In words">
      <div className={classes.words}>
        {words.logic !== '' && <p>{words.logic}</p>}
        {words.groups.map((group, at) => {
          const resource = (test.resources ?? []).find((each) => each.id === group.resourceId);
          return (
            <section key={at} className={classes.group}>
              <h3>
                {group.name !== '' && `${group.name}: `}
                {resource === undefined ? (
                  group.resourceName
                ) : (
                  <RecordLink connectionId={resource.connectionId} resourceId={resource.id}>
                    {resource.name}
                  </RecordLink>
                )}
              </h3>
              <Tree sentence={group.scope} />
              <Tree sentence={group.demand} />
              {group.assertion !== '' && (
                <p>
                  <Marked text={group.assertion} />
                </p>
              )}
              {group.onEmpty !== '' && (
                <p className={classes.empty}>
                  <Marked text={group.onEmpty} />
                </p>
              )}
            </section>
          );
        })}
      </div>
    </Panel>
  );
}

function Tree({ sentence }: { sentence: Sentence }) {
  const { items } = sentence;
  if (sentence.text === '' && items.length === 0) return null;
  return (
    <div>
      <Marked text={sentence.text} />
      {items.length > 0 && (
        <ul>
          {items.map((item, at) => (
            <li key={at}>
              <Tree sentence={item} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
