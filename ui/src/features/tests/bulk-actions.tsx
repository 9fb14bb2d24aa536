import { Button, Progress, Stack, Textarea } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { Test } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { Dialog } from '@/shared/ui/dialog';
import { FormDialog } from '@/shared/ui/form-dialog';
import { notifyDone } from '@/shared/ui/notify';
import { BulkBar } from '@/shared/ui/selection';
import { forEachOf, type Outcome } from '@/features/tests/many';
import classes from '@/features/tests/bulk-actions.module.css';

export type BulkAction = 'run' | 'enable' | 'disable' | 'delete';

const DONE: Record<BulkAction, string> = {
  run: 'started',
  enable: 'enabled',
  disable: 'disabled',
  delete: 'deleted',
};

const DOING: Record<BulkAction, string> = {
  run: 'Starting',
  enable: 'Enabling',
  disable: 'Disabling',
  delete: 'Deleting',
};

type Job = { action: BulkAction; done: number; of: number; outcomes: Outcome<Test>[] | null };

/** What can be done with the chosen tests, how far it is, and what was refused. */
export function BulkActions({
  tests,
  act,
  clear,
}: {
  tests: Test[];
  act: (test: Test, action: BulkAction, note: string) => Promise<unknown>;
  clear: () => void;
}) {
  const [asking, setAsking] = useState<'disable' | 'delete' | null>(null);
  const [job, setJob] = useState<Job | null>(null);

  const run = async (chosen: Test[], action: BulkAction, note = '') => {
    setAsking(null);
    setJob({ action, done: 0, of: chosen.length, outcomes: null });
    const outcomes = await forEachOf(
      chosen,
      (test) => act(test, action, note),
      (done) => {
        setJob((now) => now && { ...now, done });
      },
    );
    const refused = outcomes.filter((outcome) => outcome.error !== null);
    const passed = outcomes.filter((outcome) => outcome.error === null).map((outcome) => outcome.item);
    setJob(refused.length === 0 ? null : { action, done: outcomes.length, of: outcomes.length, outcomes });
    if (passed.length > 0) {
      const back = action === 'enable' ? 'disable' : action === 'disable' ? 'enable' : null;
      notifyDone(
        `${counted(passed.length, 'test')} ${DONE[action]}.`,
        back === null
          ? undefined
          : async () => {
              const [failed] = (
                await forEachOf(
                  passed,
                  (test) => act(test, back, 'Undone'),
                  () => undefined,
                )
              ).filter((outcome) => outcome.error !== null);
              if (failed?.error) throw failed.error;
            },
      );
    }
    if (action === 'delete' || refused.length === 0) clear();
  };

  return (
    <>
      <BulkBar chosen={tests.length} unit="test" clear={clear}>
        <Button size="compact-xs" variant="default" onClick={() => void run(tests, 'run')}>
          Run
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => void run(tests, 'enable')}>
          Enable
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            setAsking('disable');
          }}
        >
          Disable…
        </Button>
        <Button
          size="compact-xs"
          variant="default"
          onClick={() => {
            setAsking('delete');
          }}
        >
          Delete…
        </Button>
      </BulkBar>
      <AskWhy
        opened={asking === 'disable'}
        close={() => {
          setAsking(null);
        }}
        title={`Disable ${counted(tests.length, 'test')}`}
        action={`Disable ${counted(tests.length, 'test')}`}
        act={(why) => void run(tests, 'disable', why)}
        required
      >
        <p>
          A disabled test is not evaluated and counts for no control. {findings(tests)} end now. Enabling a test
          evaluates it anew.
        </p>
      </AskWhy>
      <AskWhy
        opened={asking === 'delete'}
        close={() => {
          setAsking(null);
        }}
        title={`Delete ${counted(tests.length, 'test')}`}
        action={`Delete ${counted(tests.length, 'test')}`}
        act={(why) => void run(tests, 'delete', why)}
        destructive
      >
        <p>
          {counted(tests.length, 'test')} with all versions and exclusions will be gone; {findings(tests)} end. This
          cannot be undone. What they found stays in the events and in evidence that was downloaded.
        </p>
        <p>{provesText(tests)}</p>
      </AskWhy>
      {job !== null && (
        <Dialog
          close={() => {
            if (job.outcomes) setJob(null);
          }}
          title={`${DOING[job.action]} ${counted(job.of, 'test')}`}
          closable={job.outcomes !== null}
        >
          <JobReport job={job} />
        </Dialog>
      )}
    </>
  );
}

function findings(tests: Test[]): string {
  return counted(
    tests.reduce((sum, test) => sum + test.counts.failing, 0),
    'open finding',
  );
}

function provesText(tests: Test[]): string {
  const codes = new Set(tests.flatMap((test) => (test.controls ?? []).map((control) => control.code)));
  if (codes.size === 0) return 'No control is proved by them.';
  return `${counted(codes.size, 'control')} lose a test: ${[...codes].sort().join(', ')}.`;
}

function JobReport({ job }: { job: Job }) {
  const refused = (job.outcomes ?? []).filter((outcome) => outcome.error !== null);
  return (
    <Stack gap={12}>
      <Progress
        value={(100 * job.done) / job.of}
        aria-label={`${job.done} of ${counted(job.of, 'test')} done`}
        {...(refused.length > 0 ? { color: 'orange' } : {})}
      />
      <span role="status">
        {job.outcomes === null
          ? `${job.done} of ${counted(job.of, 'test')} done`
          : `${counted(job.of - refused.length, 'test')} ${DONE[job.action]}, ${refused.length} refused:`}
      </span>
      {refused.length > 0 && (
        <ul className={classes.refused}>
          {refused.map(({ item, error }) => (
            <li key={item.testId}>
              <strong>{item.name}</strong>
              <span>{error?.message}</span>
            </li>
          ))}
        </ul>
      )}
    </Stack>
  );
}

/** Asks for a reason before something is done. */
export function AskWhy({
  opened,
  close,
  title,
  children,
  action,
  act,
  destructive = false,
  required = false,
}: {
  opened: boolean;
  close: () => void;
  title: string;
  children: ReactNode;
  action: string;
  act: (why: string) => void;
  destructive?: boolean;
  /** Whether the reason must be given. */
  required?: boolean;
}) {
  const [why, setWhy] = useState('');
  return (
    <FormDialog
      opened={opened}
      close={close}
      onClosed={() => {
        setWhy('');
      }}
      title={title}
      action={action}
      doing={{
        mutate: () => {
          act(why.trim());
        },
        error: null,
        isPending: false,
      }}
      destructive={destructive}
    >
      <div className={classes.text}>{children}</div>
      <Textarea
        label="Why"
        description="It stands in the history."
        value={why}
        maxLength={2000}
        autosize
        minRows={2}
        data-autofocus
        required={required}
        onChange={(event) => {
          setWhy(event.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}
