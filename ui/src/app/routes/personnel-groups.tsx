import { useQuery, useQueryClient } from '@tanstack/react-query';
import { GroupsPage } from '@/features/personnel/groups-page';
import { createGroup, deleteGroup, groupsQuery, updateGroup } from '@/shared/api/groups';
import { hrisConnectionsQuery } from '@/shared/api/personnel';
import { useMay } from '@/shared/auth/may';
import { notifyDone } from '@/shared/ui/notify';

export function PersonnelGroupsRoute() {
  const list = useQuery(groupsQuery());
  const sources = useQuery({ ...hrisConnectionsQuery(), enabled: useMay()('custom-connections-get') });
  const queries = useQueryClient();
  const refresh = () => queries.invalidateQueries({ queryKey: ['personnel'] });
  return (
    <GroupsPage
      list={list}
      sources={sources.data?.data ?? []}
      save={async (group, form) => {
        await (group === null ? createGroup(form) : updateGroup(group.id, form));
        await refresh();
        notifyDone(`The group ${form.name} is ${group === null ? 'created' : 'saved'}.`);
      }}
      remove={async ({ id, name }) => {
        await deleteGroup(id);
        await refresh();
        notifyDone(`The group ${name} is deleted.`);
      }}
    />
  );
}
