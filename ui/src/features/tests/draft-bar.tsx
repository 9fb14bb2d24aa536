import { Button, Group } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import type { TestDetail } from '@/shared/api/types';
import { count, counted } from '@/shared/format/number';
import { RelativeTime } from '@/shared/ui/relative-time';
import { ResultChip } from '@/shared/ui/result-chip';
import { AskWhy } from '@/features/tests/bulk-actions';
import type { Act } from '@/features/tests/test-page';
import classes from '@/features/tests/draft-bar.module.css';

/** Tells of the draft beside, or before, the published version, and what can be done with it. */
export function DraftBar({ test, act, may }: { test: TestDetail; act: Act; may: { act: boolean; edit: boolean } }) {
  const [asking, setAsking] = useState(false);
  const [action, setAction] = useState<'publish' | 'discardDraft'>('publish');
  const ask = (about: typeof action) => {
    setAction(about);
    setAsking(true);
  };
  const { draftRun: run } = test;
  const published = test.version !== null;
  const busy = act.running !== undefined;
  return (
    <section className={classes.draft} aria-label="Draft">
      <div className={classes.text}>
        <strong>{published ? 'There is a draft that is not in force.' : 'This test is a draft.'}</strong>{' '}
        {run ? (
          <span>
            Its last run, <RelativeTime at={run.runAt} />: <ResultChip result={run.result} reason={run.reason} />{' '}
            {run.counts.satisfying !== undefined && `${count(run.counts.satisfying)} satisfying, `}
            {counted(run.counts.failing, 'record fails', 'records fail')} of {counted(run.counts.inScope, 'record')} in
            scope.
          </span>
        ) : (
          <span>Run it to see what it would say; that changes nothing.</span>
        )}
      </div>
      <Group gap={6}>
        {published && (
          <Link
            to="/tests/$testId"
            params={{ testId: test.testId }}
            search={{ show: 'versions', from: String(test.version), to: 'draft' }}
            className={classes.link}
          >
            Compare
          </Link>
        )}
        {may.act && (
          <>
            <Button
              size="compact-xs"
              variant="default"
              loading={act.running === 'runDraft'}
              disabled={busy}
              onClick={() => {
                act.run('runDraft');
              }}
            >
              Run the draft
            </Button>
            <Button
              size="compact-xs"
              loading={act.running === 'publish'}
              disabled={busy}
              onClick={() => {
                ask('publish');
              }}
            >
              Publish…
            </Button>
            {published && (
              <Button
                size="compact-xs"
                variant="default"
                loading={act.running === 'discardDraft'}
                disabled={busy}
                onClick={() => {
                  ask('discardDraft');
                }}
              >
                Discard…
              </Button>
            )}
          </>
        )}
      </Group>
      <AskWhy
        opened={asking}
        close={() => {
          setAsking(false);
        }}
        title={action === 'publish' ? 'Publish the draft' : 'Discard the draft'}
        action={action === 'publish' ? 'Publish' : 'Discard'}
        destructive={action === 'discardDraft'}
        act={(why) => {
          act.run(action, why);
          setAsking(false);
        }}
      >
        <p>
          {action === 'publish'
            ? 'The verdicts of the draft come into force as soon as a pass over all records is done. A record that fails both versions keeps the day since when it fails.'
            : 'The draft will not be the next version any more. It stays in the list of versions.'}
        </p>
      </AskWhy>
    </section>
  );
}
