import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { given } from '@/shared/api/given';
import type { operations, paths } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const CATALOG = '/public/v2/connection-catalog';
const ENTRY = `${CATALOG}/{slug}` as const;

export type CatalogList = BodyOf<operations['listConnectionCatalog']>;
export type CatalogEntry = NonNullable<CatalogList['data']>[number];
export type CatalogDetail = BodyOf<operations['getCatalogEntry']>;
export type CatalogCategories = BodyOf<operations['listCatalogCategories']>;
export type UsedEntry = paths[`${typeof ENTRY}/use`]['post']['responses'][201]['content']['application/json'];

type Query = NonNullable<operations['listConnectionCatalog']['parameters']['query']>;
export type CatalogFilter = {
  q?: string | undefined;
  category?: NonNullable<Query['category']> | undefined;
  kind?: NonNullable<Query['kind']> | undefined;
};

// The whole catalogue is one page.
const ALL = 500;

export function catalogQuery(filter: CatalogFilter) {
  return queryOptions({
    queryKey: ['catalog', 'list', filter],
    queryFn: ({ signal }) =>
      bodyOf<{ data: CatalogEntry[] }>(
        api.GET(CATALOG, { params: { query: { ...given(filter), size: ALL } }, parseAs: 'text', signal }),
      ),
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
}

export function catalogCategoriesQuery() {
  return queryOptions({
    queryKey: ['catalog', 'categories'],
    queryFn: ({ signal }) => bodyOf<CatalogCategories>(api.GET(`${CATALOG}/categories`, { parseAs: 'text', signal })),
    staleTime: Infinity,
  });
}

export function catalogEntryQuery(slug: string) {
  return queryOptions({
    queryKey: ['catalog', 'entry', slug],
    queryFn: ({ signal }) =>
      bodyOf<CatalogDetail>(api.GET(ENTRY, { params: { path: { slug } }, parseAs: 'text', signal })),
    staleTime: Infinity,
  });
}

/** Makes a connection of an entry, with its resource and tests. */
export function connectEntry(slug: string, body: { name: string; workspaceIds: number[] }): Promise<UsedEntry> {
  return bodyOf<UsedEntry>(api.POST(`${ENTRY}/use`, { params: { path: { slug } }, body, parseAs: 'text' }));
}
