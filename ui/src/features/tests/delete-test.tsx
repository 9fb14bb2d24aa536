import { Button } from '@mantine/core';
import { useState } from 'react';
import type { TestDetail } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { Panel } from '@/shared/ui/page';
import classes from '@/features/tests/settings-tab.module.css';

/** Deletes a test after saying what goes with it. */
export function DeleteTest({
  test,
  exclusions,
  remove,
}: {
  test: TestDetail;
  /** How many exclusions stand; undefined while that is not known. */
  exclusions: number | undefined;
  remove: () => Promise<unknown>;
}) {
  const [asking, setAsking] = useState(false);
  const controls = test.controls ?? [];
  return (
    <Panel title="Delete">
      <div className={classes.danger}>
        <span>Its versions and exclusions go with it. To pause a test, disable it.</span>
        <Button
          size="xs"
          color="red"
          variant="outline"
          onClick={() => {
            setAsking(true);
          }}
        >
          Delete this test…
        </Button>
      </div>
      <Confirm
        opened={asking}
        close={() => {
          setAsking(false);
        }}
        title={`Delete ${test.name}`}
        action="Delete the test"
        act={remove}
      >
        <p>This cannot be undone. With the test go:</p>
        <ul>
          <li>{counted(test.counts.failing, 'open finding')}, which end now</li>
          {exclusions !== undefined && <li>{counted(exclusions, 'exclusion')}</li>}
          <li>
            {controls.length === 0
              ? 'the proof of no control'
              : `the proof of ${counted(controls.length, 'control')}: ${controls.map((control) => control.code).join(', ')}`}
          </li>
        </ul>
        <p>What it found stays in the events and in evidence that was downloaded.</p>
      </Confirm>
    </Panel>
  );
}
