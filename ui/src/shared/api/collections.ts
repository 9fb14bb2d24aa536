import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import type { ResourceAt } from '@/shared/api/connections';
import { live } from '@/shared/api/live';
import type { CheckedRecipe, Collection, Trial } from '@/shared/api/types';

const COLLECTION = '/public/v2/custom-connections/{connectionId}/resources/{resourceId}/collection';

/** How the server collects the records of a resource that it collects. */
export function collectionQuery(at: ResourceAt) {
  return queryOptions({
    queryKey: ['resources', at, 'collection'],
    queryFn: ({ signal }) => bodyOf<Collection>(api.GET(COLLECTION, { params: { path: at }, parseAs: 'text', signal })),
    ...live,
  });
}

export type CollectionChange = {
  recipe?: string;
  /** Values by name; null clears, what is not named stays. */
  inputs?: Record<string, string | null>;
  schedule?: string;
  enabled?: boolean;
  guards?: { maxDeletePercent?: number; allowEmpty?: boolean };
};

export async function putCollection(at: ResourceAt, change: CollectionChange): Promise<Collection> {
  return bodyOf<Collection>(api.PUT(COLLECTION, { params: { path: at }, body: change, parseAs: 'text' }));
}

export async function deleteCollection(at: ResourceAt): Promise<void> {
  await bodyOf<undefined>(api.DELETE(COLLECTION, { params: { path: at }, parseAs: 'text' }));
}

export async function actOnCollection(
  at: ResourceAt,
  action: 'run' | 'pause' | 'resume' | 'cancel',
): Promise<Collection> {
  return bodyOf<Collection>(
    api.POST(`${COLLECTION}/actions`, { params: { path: at }, body: { action }, parseAs: 'text' }),
  );
}

/** Runs a recipe until it has given some records; nothing is written. */
export async function tryCollection(
  at: ResourceAt,
  change: Pick<CollectionChange, 'recipe' | 'inputs'>,
): Promise<Trial> {
  return bodyOf<Trial>(
    api.POST(`${COLLECTION}/actions`, {
      params: { path: at },
      body: { action: 'try', ...change },
      parseAs: 'text',
    }),
  );
}

/** What a recipe asks for, or what is wrong with it. */
export function recipeQuery(recipe: string) {
  return queryOptions({
    queryKey: ['checked recipe', recipe],
    queryFn: ({ signal }) =>
      bodyOf<CheckedRecipe>(api.POST('/public/v2/recipes/check', { body: { recipe }, parseAs: 'text', signal })),
    enabled: recipe.trim() !== '',
    staleTime: Infinity,
  });
}
