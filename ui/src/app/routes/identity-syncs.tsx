import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { SyncList, SyncStrip } from '@/features/personnel/sync';
import { SyncsPage } from '@/features/personnel/syncs-page';
import { cancelSync, hrisConnectionsQuery, peopleSummaryQuery, startSync, syncsQuery } from '@/shared/api/personnel';
import { useMay } from '@/shared/auth/may';
import { notifyFailed } from '@/shared/ui/notify';
import { Loaded } from '@/shared/ui/states';

const SIZE = 25;

export function IdentitySyncsRoute() {
  const { cursor } = useSearch({ from: '/signed-in/personnel/syncs' });
  const list = useQuery(syncsQuery({ cursor, size: SIZE }));
  const sources = useQuery({ ...hrisConnectionsQuery(), enabled: useMay()('custom-connections-get') });
  return (
    <SyncsPage strip={<Strip />} sources={sources.data?.data ?? []}>
      <Loaded query={list} label="identity syncs">
        {(data) => data.data.length > 0 && <SyncList list={data} cursor={cursor} size={SIZE} />}
      </Loaded>
    </SyncsPage>
  );
}

/** How the identity sync stands; it follows one that is at work. */
export function Strip() {
  const may = useMay();
  const queries = useQueryClient();
  const syncs = useQuery(syncsQuery({ size: 1 }));
  const summary = useQuery(peopleSummaryQuery());
  const refresh = () => queries.invalidateQueries({ queryKey: ['personnel'] });
  const start = useMutation({ mutationFn: startSync, onError: notifyFailed, onSettled: refresh });
  const cancel = useMutation({ mutationFn: cancelSync, onError: notifyFailed, onSettled: refresh });
  if (syncs.data === undefined) return null;
  return (
    <SyncStrip
      last={syncs.data.data[0]}
      nextAt={summary.data?.nextSyncAt}
      start={
        may('personnel-put-reset-resync')
          ? () => {
              start.mutate();
            }
          : undefined
      }
      starting={start.isPending}
      cancel={({ id }) => {
        cancel.mutate(id);
      }}
    />
  );
}
