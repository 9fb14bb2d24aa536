import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { TabProps } from '@/app/routes/test';
import { ControlsTab } from '@/features/tests/controls-tab';
import { controlChoicesQuery } from '@/shared/api/controls';
import { changeTest } from '@/shared/api/tests';
import { useMay } from '@/shared/auth/may';
import { notifyDone } from '@/shared/ui/notify';

const PAUSE = 250;

export function ControlsRoute({ at, test }: TabProps) {
  const [search, setSearch] = useState('');
  const [asked] = useDebouncedValue(search, PAUSE);
  const queries = useQueryClient();
  const may = useMay();
  const found = useQuery({ ...controlChoicesQuery(at.workspaceId, asked), enabled: may('controls-get') });
  const before = (test.controls ?? []).map((control) => control.id);
  const mapping = useMutation({
    mutationFn: ({ controlIds }: { controlIds: number[]; said: string; back: number[] }) =>
      changeTest(at, { controlIds }, test.revision),
    onSuccess: (_, { said, back }) => {
      notifyDone(said, async () => {
        await changeTest(at, { controlIds: back });
        await queries.invalidateQueries();
      });
    },
    onSettled: () => queries.invalidateQueries(),
  });
  return (
    <ControlsTab
      test={test}
      found={found.data}
      search={search}
      onSearch={setSearch}
      map={
        may('monitors-put-monitor')
          ? ({ id, code }, on) => {
              mapping.mutate({
                controlIds: on ? [...before, id] : before.filter((each) => each !== id),
                said: on ? `This test proves ${code} now.` : `This test does not prove ${code} any more.`,
                back: before,
              });
            }
          : undefined
      }
      error={mapping.error}
    />
  );
}
