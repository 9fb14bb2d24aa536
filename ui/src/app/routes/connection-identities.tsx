import { useQuery } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { IdentitiesTab } from '@/features/personnel/identities-tab';
import { identitiesQuery } from '@/shared/api/personnel';
import { Loaded } from '@/shared/ui/states';

const SIZE = 50;

/** The people that an HRIS connection tells of. */
export function ConnectionIdentities({ connectionId }: { connectionId: number }) {
  const { cursor } = useSearch({ from: '/signed-in/connections/$connectionId' });
  const list = useQuery(identitiesQuery(connectionId, { cursor, size: SIZE }));
  return (
    <Loaded query={list} label="identities">
      {(data) => (
        <IdentitiesTab
          list={data}
          connectionId={connectionId}
          address={window.location.origin}
          cursor={cursor}
          size={SIZE}
        />
      )}
    </Loaded>
  );
}
