import { Button, Group, Stack } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { cut, jsonLine } from '@/shared/api/json';
import { compareVersions, newestVersion, type SavedTest, type VersionDifference } from '@/shared/api/rules';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Dialog } from '@/shared/ui/dialog';
import { Failure, Loading } from '@/shared/ui/states';
import classes from '@/features/builder/dialogs.module.css';

const MOST_SHOWN = 20;
const VALUE = 120;

/** What somebody else saved of a test while it was being edited here. */
export type Conflict = {
  theirs: SavedTest;
  /** The newest version when the editing began. */
  from: number | undefined;
  nameBefore: string;
  descriptionBefore: string;
};

/** Tells what the other changed, and lets one version win; the loser can be brought back by undo. */
export function ConflictDialog({
  workspaceId,
  conflict,
  close,
  keepMine,
  takeTheirs,
}: {
  workspaceId: number;
  conflict: Conflict | undefined;
  close: () => void;
  keepMine: () => Promise<unknown>;
  takeTheirs: () => void;
}) {
  const at = { workspaceId, testId: conflict?.theirs.testId ?? 0 };
  const changed = useQuery({
    queryKey: ['tests', 'conflict', at, conflict?.from, conflict?.theirs.revision],
    queryFn: async (): Promise<VersionDifference | null> => {
      const newest = await newestVersion(at);
      const from = conflict?.from;
      return from === undefined || newest === undefined || newest === from ? null : compareVersions(at, from, newest);
    },
    enabled: conflict !== undefined,
    staleTime: Infinity,
  });
  const keeping = useMutation({ mutationFn: keepMine });
  return (
    <Dialog
      opened={conflict !== undefined}
      close={close}
      onClosed={keeping.reset}
      title="Somebody else changed this test"
      size="lg"
    >
      {conflict !== undefined && (
        <Stack gap={14}>
          <p className={classes.text}>
            It was saved <RelativeTime at={conflict.theirs.updatedAt} />, after you began. Nothing of yours is lost.
          </p>
          {changed.error !== null && <Failure error={changed.error} />}
          {changed.isPending ? (
            <Loading rows={3} label="what they changed" />
          ) : (
            <TheirChanges conflict={conflict} difference={changed.data ?? null} />
          )}
          {keeping.error !== null && <Failure error={keeping.error} />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={close}>
              Go on editing
            </Button>
            <Button variant="default" onClick={takeTheirs}>
              Take theirs
            </Button>
            <Button
              loading={keeping.isPending}
              onClick={() => {
                keeping.mutate();
              }}
            >
              Save mine over it
            </Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}

function TheirChanges({ conflict, difference }: { conflict: Conflict; difference: VersionDifference | null }) {
  const { theirs, nameBefore, descriptionBefore } = conflict;
  const rows: string[] = [
    ...(theirs.name === nameBefore ? [] : [`The name is now “${theirs.name}”.`]),
    ...(theirs.description === descriptionBefore ? [] : ['The description is another one.']),
    ...(difference?.changes ?? []).slice(0, MOST_SHOWN).map(({ op, pointer, from, to }) => {
      const before = cut(jsonLine(from), VALUE);
      const now = cut(jsonLine(to), VALUE);
      if (op === 'added') return `Added at ${pointer}: ${now}`;
      return op === 'removed' ? `Removed at ${pointer}: ${before}` : `Changed at ${pointer}: ${before} → ${now}`;
    }),
  ];
  return (
    <section aria-label="What they changed">
      <strong className={classes.title}>What they changed</strong>
      {rows.length === 0 ? (
        <p className={classes.note}>Neither the name nor the logic: its state or its schedule.</p>
      ) : (
        <ul className={classes.list}>
          {rows.map((row) => (
            <li key={row}>{row}</li>
          ))}
        </ul>
      )}
      {difference !== null && (
        <>
          <strong className={classes.title}>Their logic in words</strong>
          <ul className={classes.list}>
            {difference.words.to.map((group, at) => (
              <li key={at}>
                {group.name !== '' && `${group.name}: `}
                {group.evaluator}; {group.assertion}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}
