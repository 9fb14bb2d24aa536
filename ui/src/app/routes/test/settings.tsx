import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import type { TabProps } from '@/app/routes/test';
import { DeleteTest } from '@/features/tests/delete-test';
import { SettingsTab } from '@/features/tests/settings-tab';
import { exclusionsQuery } from '@/shared/api/exclusions';
import { actOnTest, changeTest, planQuery } from '@/shared/api/tests';
import { useMay } from '@/shared/auth/may';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';

function usePlan(schedule: string) {
  return useQuery(planQuery(schedule));
}

export function SettingsRoute({ at, test }: TabProps) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const may = useMay();
  const exclusions = useQuery(exclusionsQuery(at.workspaceId, { size: 1 }, { testId: at.testId }));
  return (
    <SettingsTab
      key={test.testId}
      test={test}
      usePlan={usePlan}
      save={
        may('monitors-put-monitor')
          ? async (change, revision) => {
              await changeTest(at, change, revision);
              await queries.invalidateQueries({ queryKey: ['tests'] });
            }
          : undefined
      }
    >
      {may('monitors-post-action') && (
        <DeleteTest
          test={test}
          exclusions={exclusions.data?.pagination.totalCount ?? undefined}
          remove={async () => {
            // The page goes first: it would ask for what is no more.
            await navigate({ to: '/tests', search: ({ workspace }) => ({ workspace }) });
            actOnTest(at, 'delete').then(() => {
              notifyDone(`“${test.name}” is deleted.`);
              queries.removeQueries({ queryKey: ['tests', 'one', at] });
              return queries.invalidateQueries({ queryKey: ['tests'] });
            }, notifyFailed);
          }}
        />
      )}
    </SettingsTab>
  );
}
