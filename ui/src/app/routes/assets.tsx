import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { AssetDialog } from '@/features/assets/asset-dialog';
import { AssetsPage } from '@/features/assets/assets-page';
import { type AssetFilter, assetsQuery, createAsset } from '@/shared/api/assets';
import { ExportMenu } from '@/shared/ui/export-menu';
import { notifyDone } from '@/shared/ui/notify';

const SIZE = 50;

export function AssetsRoute() {
  const search = useSearch({ from: '/signed-in/assets' });
  const navigate = useNavigate({ from: '/assets' });
  const queries = useQueryClient();
  const filter: AssetFilter = {
    q: search.q,
    assetClassType: search.class,
    assetType: search.type,
    userId: search.owner,
    ofDevices: search.kind === undefined ? undefined : search.kind === 'devices',
    removed: search.state === undefined ? undefined : search.state === 'removed',
    sort: search.sort ?? 'name',
    sortDir: search.sortDir ?? 'ASC',
  };
  const list = useQuery(assetsQuery({ cursor: search.cursor, size: SIZE }, filter));
  return (
    <>
      <AssetsPage
        search={search}
        list={list}
        size={SIZE}
        tools={
          <ExportMenu
            path="/public/v2/assets"
            query={{ ...filter, 'expand[]': ['assetClassTypes', 'customFields', 'owner'] }}
            name="assets"
          />
        }
      />
      {search.create === 'yes' && (
        <AssetDialog
          close={() => void navigate({ search: (before) => ({ ...before, create: undefined }), replace: true })}
          save={async (change) => {
            const made = await createAsset(change);
            void queries.invalidateQueries({ queryKey: ['assets'] });
            notifyDone(`${made.name} is created.`);
          }}
        />
      )}
    </>
  );
}
