import { useQuery } from '@tanstack/react-query';
import type { TabProps } from '@/app/routes/test';
import { LogicTab } from '@/features/tests/logic-tab';
import { conditionsQuery } from '@/shared/api/conditions';
import { useMay } from '@/shared/auth/may';

export function LogicRoute({ at, test }: TabProps) {
  const may = useMay();
  const conditions = useQuery(conditionsQuery(at.workspaceId));
  return (
    <LogicTab
      test={test}
      conditions={(conditions.data?.data ?? []).filter((condition) => condition.usedBy.includes(at.testId))}
      mayEdit={may('monitors-put-monitor')}
    />
  );
}
