import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { type PageOf, pageQuery } from '@/shared/api/connections';
import { given } from '@/shared/api/given';
import { live } from '@/shared/api/live';
import type { components, operations, paths } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const ALL = '/public/v2/assets';
const ONE = `${ALL}/{assetId}` as const;

export type Asset = BodyOf<operations['getAsset']>;
export type AssetList = BodyOf<operations['listAssets']>;
export type AssetChange = components['schemas']['AssetChange'];
export type AssetClass = NonNullable<ListQuery['assetClassType']>;
export type AssetType = Asset['assetType'];

type ListQuery = NonNullable<paths[typeof ALL]['get']['parameters']['query']>;

/** How the list of assets is narrowed and ordered. */
export type AssetFilter = {
  [Name in 'q' | 'assetType' | 'assetClassType' | 'userId' | 'removed' | 'ofDevices' | 'sort' | 'sortDir']?:
    ListQuery[Name] | undefined;
};

export function assetsQuery(page: PageOf, filter: AssetFilter) {
  return queryOptions({
    queryKey: ['assets', page, filter],
    queryFn: ({ signal }) =>
      bodyOf<AssetList>(
        api.GET(ALL, {
          params: { query: { ...pageQuery(page), ...given(filter), 'expand[]': ['assetClassTypes', 'owner'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}

export function assetQuery(assetId: number) {
  return queryOptions({
    queryKey: ['assets', 'one', assetId],
    queryFn: ({ signal }) =>
      bodyOf<Asset>(
        api.GET(ONE, {
          params: {
            path: { assetId },
            query: { 'expand[]': ['assetClassTypes', 'owner', 'device', 'complianceChecks', 'customFields'] },
          },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

export function createAsset(body: AssetChange): Promise<Asset> {
  return bodyOf<Asset>(api.POST(ALL, { body: body as never, parseAs: 'text' }));
}

export function changeAsset(assetId: number, body: AssetChange): Promise<Asset> {
  return bodyOf<Asset>(api.PUT(ONE, { params: { path: { assetId } }, body, parseAs: 'text' }));
}

/** Brings back what was deleted, as it was. */
export function restoreAsset(assetId: number): Promise<Asset> {
  return bodyOf<Asset>(
    api.POST(`${ONE}/actions`, { params: { path: { assetId } }, body: { action: 'restore' }, parseAs: 'text' }),
  );
}

export async function deleteAsset(assetId: number): Promise<void> {
  await bodyOf(api.DELETE(ONE, { params: { path: { assetId } }, parseAs: 'text' }));
}
