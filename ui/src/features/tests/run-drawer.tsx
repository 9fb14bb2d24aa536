import { Button, Progress } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import type { EvidenceFormat, Run } from '@/shared/api/runs';
import { judgedFigures } from '@/shared/format/judged';
import { count, counted } from '@/shared/format/number';
import { Copy } from '@/shared/ui/copy';
import { Facts } from '@/shared/ui/facts';
import { notifyFailed } from '@/shared/ui/notify';
import { RelativeTime } from '@/shared/ui/relative-time';
import { ResultChip } from '@/shared/ui/result-chip';
import { DrawerPart, SideDrawer } from '@/shared/ui/side-drawer';
import { Loaded } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import { duration, RUN_STATES, TRIGGERS } from '@/features/tests/words';
import classes from '@/features/tests/run-drawer.module.css';

const FORMATS: readonly EvidenceFormat[] = ['json', 'csv', 'pdf'];

/** One run: what started it, what it looked at, what it said, and its evidence as a file. */
export function RunDrawer({
  id,
  run,
  close,
  download,
  cancel,
}: {
  id: number | undefined;
  run: { data: Run | undefined; error: Error | null; refetch: () => unknown };
  close: () => void;
  download: (format: EvidenceFormat) => Promise<unknown>;
  /** Left out where one may not. */
  cancel: (() => Promise<unknown>) | undefined;
}) {
  return (
    <SideDrawer opened={id !== undefined} close={close} title={id === undefined ? '' : `Run ${count(id)}`} size="xl">
      {id !== undefined && (
        <Loaded query={run} label="the run">
          {(data) => <RunBody run={data} download={download} cancel={cancel} />}
        </Loaded>
      )}
    </SideDrawer>
  );
}

function RunBody({
  run,
  download,
  cancel,
}: {
  run: Run;
  download: (format: EvidenceFormat) => Promise<unknown>;
  cancel: (() => Promise<unknown>) | undefined;
}) {
  return (
    <>
      {run.state === 'RUNNING' && <RunProgress run={run} cancel={cancel} />}
      <Facts
        facts={[
          ['Started by', TRIGGERS[run.trigger]],
          run.startedBy.kind === 'system' ? null : ['Person or key', run.startedBy.name],
          ['State', RUN_STATES[run.state]],
          run.result === null
            ? null
            : ['Result', <ResultChip key="result" result={run.result as 'PASSED'} reason={run.reason} />],
          ['Began', <RelativeTime key="began" at={run.startedAt} />],
          ['Ended', <RelativeTime key="ended" at={run.finishedAt} never="not yet" />],
          ['Took', duration(run.durationMs)],
          ['Version', count(run.evidence.version)],
          ['Verdicts changed', count(run.changed)],
          [
            'Drift',
            run.drift === 0
              ? 'none'
              : `${counted(run.drift, 'stored verdict')} differed from what they should have been, and were put right`,
          ],
        ]}
      />
      {run.counts && (
        <DrawerPart title="What it found">
          <Facts
            facts={[
              ['In scope', count(run.counts.inScope)],
              ...judgedFigures(run.counts).map(([word, value]): [string, string] => [word, count(value)]),
              ['Excluded', count(run.counts.excluded)],
              ['Errors', count(run.counts.errors)],
              ['Out of scope', count(run.counts.outOfScope)],
            ]}
          />
        </DrawerPart>
      )}
      <DrawerPart title="What it looked at">
        <Rows
          label="Resources of the run"
          rows={run.evidence.resources}
          rowKey={(part) => part.resourceId}
          columns={[
            { id: 'name', header: 'Resource', cell: (part) => part.resourceName },
            { id: 'records', header: 'Records', end: true, cell: (part) => count(part.records) },
            { id: 'schema', header: 'Schema', end: true, wideOnly: true, cell: (part) => part.schemaVersion },
            {
              id: 'changes',
              header: 'Changes',
              end: true,
              cell: (part) =>
                part.fromChange === part.toChange
                  ? count(part.toChange)
                  : `${count(part.fromChange)} to ${count(part.toChange)}`,
            },
          ]}
        />
        {run.evidence.resources.map(
          (part) =>
            part.hash !== null && (
              <p key={part.resourceId} className={classes.hash}>
                <span>
                  SHA-256 of {part.resourceName}{' '}
                  <Copy text={part.hash} label={`Copy the hash of ${part.resourceName}`} />
                </span>
                <code>{part.hash}</code>
              </p>
            ),
        )}
      </DrawerPart>
      {run.state === 'DONE' && (
        <DrawerPart title="Evidence">
          <p className={classes.text}>All records as they were at the end of the run, with the verdict of each.</p>
          <div className={classes.buttons}>
            {FORMATS.map((format) => (
              <Download key={format} format={format} download={download} />
            ))}
          </div>
        </DrawerPart>
      )}
    </>
  );
}

function Download({
  format,
  download,
}: {
  format: EvidenceFormat;
  download: (format: EvidenceFormat) => Promise<unknown>;
}) {
  const loading = useMutation({ mutationFn: () => download(format), onError: notifyFailed });
  return (
    <Button
      size="xs"
      variant="default"
      loading={loading.isPending}
      onClick={() => {
        loading.mutate();
      }}
    >
      Download {format.toUpperCase()}
    </Button>
  );
}

/** How far a run over all records is. Only one by hand or by schedule can be canceled. */
export function RunProgress({ run, cancel }: { run: Run; cancel: (() => Promise<unknown>) | undefined }) {
  const canceling = useMutation({ mutationFn: () => cancel?.() ?? Promise.resolve(), onError: notifyFailed });
  const { records, of } = run.progress;
  return (
    <div className={classes.progress}>
      <div className={classes.line}>
        <span>
          {TRIGGERS[run.trigger]}: {count(records)} of {counted(of, 'record')}
        </span>
        {cancel !== undefined && (run.trigger === 'MANUAL' || run.trigger === 'SCHEDULE') && (
          <Button
            size="compact-xs"
            variant="default"
            loading={canceling.isPending}
            onClick={() => {
              canceling.mutate();
            }}
          >
            Cancel the run
          </Button>
        )}
      </div>
      <Progress
        value={of === 0 ? 0 : (100 * records) / of}
        size="sm"
        aria-label={`${count(records)} of ${counted(of, 'record')}`}
      />
    </div>
  );
}
