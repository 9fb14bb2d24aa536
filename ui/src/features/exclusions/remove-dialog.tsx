import { Text } from '@mantine/core';
import { useQueries } from '@tanstack/react-query';
import { each, unlessRefused } from '@/shared/api/each';
import { deleteExclusion, type Exclusion, exclusionQuery } from '@/shared/api/exclusions';
import { counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';

// What more exclusions cover is not asked for: each is a look at a resource.
const LOOKED_AT = 10;

/** Asks before exclusions are deleted, and tells what counts again then. */
export function RemoveDialog({
  workspaceId,
  exclusions,
  close,
  done,
}: {
  workspaceId: number;
  exclusions: readonly Exclusion[];
  close: () => void;
  done: (removed: Exclusion[]) => void;
}) {
  const looked = useQueries({
    queries: exclusions
      .slice(0, LOOKED_AT)
      .map(({ testId, id }) => exclusionQuery({ workspaceId, testId, exclusionId: id })),
  });
  const what = exclusions.length === 1 ? 'the exclusion' : counted(exclusions.length, 'exclusion');
  return (
    <Confirm
      opened
      close={close}
      title={exclusions.length === 1 ? 'Delete the exclusion' : `Delete ${what}`}
      action={`Delete ${what}`}
      act={async () => {
        const outcome = await each(exclusions, ({ testId, id }) =>
          deleteExclusion({ workspaceId, testId, exclusionId: id }),
        );
        if (outcome.done.length > 0) done(outcome.done);
        unlessRefused(outcome, ({ targetName }) => targetName);
      }}
    >
      <Text size="sm" mb={8}>
        What is excluded counts again at once:
      </Text>
      <ul>
        {exclusions.slice(0, LOOKED_AT).map((exclusion, at) => {
          const now = looked[at]?.data?.now;
          return (
            <li key={`${exclusion.testId}.${exclusion.id}`}>
              <Text size="sm" component="span">
                {exclusion.targetName} in “{exclusion.testName}”
                {now !== undefined && (
                  <b>
                    {': '}
                    {now.failing === 0
                      ? 'no failing record comes back'
                      : `${counted(now.failing, 'record')} will count as failing again`}
                  </b>
                )}
              </Text>
            </li>
          );
        })}
      </ul>
      {exclusions.length > LOOKED_AT && <Text size="sm">and {exclusions.length - LOOKED_AT} more.</Text>}
    </Confirm>
  );
}
