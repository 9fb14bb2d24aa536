import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import type { TabProps } from '@/app/routes/test';
import { ExcludedTab } from '@/features/tests/excluded-tab';
import { deleteExclusion, type Exclusion, exclusionsQuery, restoreExclusion } from '@/shared/api/exclusions';
import { useMay } from '@/shared/auth/may';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';

const SIZE = 50;

export function ExcludedRoute({ at, test }: TabProps) {
  const { cursor } = useSearch({ from: '/signed-in/tests/$testId' });
  const queries = useQueryClient();
  const may = useMay();
  const exclusions = useQuery(exclusionsQuery(at.workspaceId, { cursor, size: SIZE }, { testId: at.testId }));
  const ending = useMutation({
    mutationFn: (exclusion: Exclusion) => deleteExclusion({ ...at, exclusionId: exclusion.id }),
    onSuccess: (_, exclusion) => {
      notifyDone(`${exclusion.targetName} counts again.`, async () => {
        await restoreExclusion(at.workspaceId, exclusion);
        await queries.invalidateQueries();
      });
    },
    onError: notifyFailed,
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <ExcludedTab
      test={test}
      exclusions={exclusions}
      cursor={cursor}
      size={SIZE}
      end={may('monitors-delete-exclusion') ? ending.mutate : undefined}
    />
  );
}
