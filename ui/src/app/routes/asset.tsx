import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useState } from 'react';
import { AssetDialog } from '@/features/assets/asset-dialog';
import { AssetPage } from '@/features/assets/asset-page';
import { type Asset, type AssetChange, assetQuery, changeAsset, deleteAsset, restoreAsset } from '@/shared/api/assets';
import { useMay } from '@/shared/auth/may';
import { Confirm } from '@/shared/ui/confirm';
import { CustomFieldsPanel } from '@/shared/ui/custom-fields-panel';
import { HistoryPanel } from '@/shared/ui/history-panel';
import { notifyDone } from '@/shared/ui/notify';
import { Loaded } from '@/shared/ui/states';

const FROM = '/signed-in/assets/$assetId';

export function AssetRoute() {
  const { assetId } = useParams({ from: FROM });
  const asset = useQuery(assetQuery(assetId));
  return (
    <Loaded query={asset} label="the asset" page="Asset">
      {(data) => <Whole key={data.id} asset={data} />}
    </Loaded>
  );
}

/** The change that brings back what an asset was, as far as it was changed. */
function before(was: Asset, change: AssetChange): AssetChange {
  const all: AssetChange = {
    name: was.name,
    description: was.description,
    notes: was.notes,
    assetClassTypes: (was.assetClassTypes ?? []).map(({ assetClassType }) => assetClassType) as NonNullable<
      AssetChange['assetClassTypes']
    >,
    assetType: was.assetType,
    ownerId: was.ownerId,
    removedAt: was.removedAt,
    externalId: was.externalId,
    externalOwnerId: was.externalOwnerId,
    uniqueId: was.uniqueId,
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => name in change));
}

function Whole({ asset }: { asset: Asset }) {
  const may = useMay();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [open, setOpen] = useState<'edit' | 'delete'>();
  const refresh = () => queries.invalidateQueries({ queryKey: ['assets'] });
  const close = () => {
    setOpen(undefined);
  };
  return (
    <>
      <AssetPage
        asset={asset}
        custom={
          <CustomFieldsPanel
            kind="ASSET"
            name={asset.name}
            values={asset.customFields ?? []}
            scope="assets-put"
            save={async (customFields) => {
              await changeAsset(asset.id, { customFields });
              await refresh();
            }}
          />
        }
        {...(may('assets-put')
          ? {
              edit: () => {
                setOpen('edit');
              },
            }
          : {})}
        {...(may('assets-delete') && asset.associatedId === null
          ? {
              remove: () => {
                setOpen('delete');
              },
            }
          : {})}
      >
        <HistoryPanel of="assets" id={asset.id} />
      </AssetPage>
      {open === 'edit' && (
        <AssetDialog
          asset={asset}
          close={close}
          save={async (change) => {
            const changed = await changeAsset(asset.id, change);
            await refresh();
            notifyDone(`${changed.name} is changed.`, async () => {
              await changeAsset(asset.id, before(asset, change));
              await refresh();
            });
          }}
        />
      )}
      <Confirm
        opened={open === 'delete'}
        close={close}
        title={`Delete ${asset.name}?`}
        action="Delete the asset"
        act={async () => {
          await deleteAsset(asset.id);
          await navigate({ to: '/assets', search: {} });
          queries.removeQueries({ queryKey: ['assets', 'one', asset.id] });
          void refresh();
          notifyDone(
            `${asset.name} is deleted.`,
            may('assets-put') ? () => restoreAsset(asset.id).then(refresh) : undefined,
          );
        }}
      >
        Its description, classes, owner, notes and custom fields go with it.
        {may('assets-put') && ' You can undo this for a short while.'} If it is only out of use, give it a removal date
        instead: then it stays in the list with what you know of it.
      </Confirm>
    </>
  );
}
