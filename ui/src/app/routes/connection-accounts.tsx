import { useQuery, useQueryClient } from '@tanstack/react-query';
import { MappingTab } from '@/features/accounts/mapping-tab';
import { deleteMapping, mappingQuery, putMapping } from '@/shared/api/accounts';
import type { ResourceAt } from '@/shared/api/connections';
import { useMay } from '@/shared/auth/may';
import { notifyDone } from '@/shared/ui/notify';
import { Loaded } from '@/shared/ui/states';

/** The accounts that the records of a resource tell of. */
export function ConnectionAccounts({ at }: { at: ResourceAt }) {
  const may = useMay();
  const queries = useQueryClient();
  const state = useQuery(mappingQuery(at));
  const refresh = () => queries.invalidateQueries({ queryKey: ['accounts'] });
  return (
    <Loaded query={state} label="the accounts">
      {(data) => (
        <MappingTab
          at={at}
          state={data}
          mayEdit={may('custom-connections-put')}
          save={async (mapping) => {
            await putMapping(at, mapping);
            await refresh();
            notifyDone('Saved. The accounts follow the records from now on.');
          }}
          remove={async () => {
            const before = data.mapping;
            await deleteMapping(at);
            await refresh();
            notifyDone(
              'These records tell of no accounts any more.',
              before === null ? undefined : () => putMapping(at, before).then(refresh),
            );
          }}
        />
      )}
    </Loaded>
  );
}
