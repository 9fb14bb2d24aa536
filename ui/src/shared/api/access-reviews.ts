import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { type PageOf, pageQuery } from '@/shared/api/connections';
import { given } from '@/shared/api/given';
import { live } from '@/shared/api/live';
import type { components, operations } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const ALL = '/public/v2/workspaces/{workspaceId}/access-reviews';
const ONE = '/public/v2/workspaces/{workspaceId}/access-reviews/{reviewId}';

export type Review = BodyOf<operations['getAccessReview']>;
export type ReviewList = BodyOf<operations['listAccessReviews']>;
export type ReviewItem = BodyOf<operations['getAccessReviewItem']>;
export type ReviewItemList = BodyOf<operations['listAccessReviewItems']>;
export type Decision = ReviewItem['decision'];
export type NewReview = components['schemas']['NewReview'];
export type ReviewAt = { workspaceId: number; reviewId: number };

export type ReviewFilter = { q?: string | undefined; state?: Review['state'] | undefined };

export function reviewsQuery(workspaceId: number, page: PageOf, filter: ReviewFilter) {
  return queryOptions({
    queryKey: ['accessReviews', { workspaceId }, page, filter],
    queryFn: ({ signal }) =>
      bodyOf<ReviewList>(
        api.GET(ALL, {
          params: { path: { workspaceId }, query: { ...pageQuery(page), ...given(filter) } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}

export function reviewQuery(at: ReviewAt) {
  return queryOptions({
    queryKey: ['accessReviews', 'one', at],
    queryFn: ({ signal }) => bodyOf<Review>(api.GET(ONE, { params: { path: at }, parseAs: 'text', signal })),
    ...live,
  });
}

export type ItemFilter = {
  q?: string | undefined;
  decision?: Decision | undefined;
  revocation?: 'OPEN' | undefined;
};

/** The accounts of a review in the order of their names, for useKeysetRows. */
export function reviewItemRows(at: ReviewAt, filter: ItemFilter) {
  return {
    queryKey: ['accessReviews', 'items', at, filter],
    read: (page: PageOf, signal: AbortSignal) =>
      bodyOf<ReviewItemList>(
        api.GET(`${ONE}/items`, {
          params: { path: at, query: { ...pageQuery(page), ...given(filter), sortDir: 'ASC' } },
          parseAs: 'text',
          signal,
        }),
      ),
  };
}

export function createReview(workspaceId: number, body: NewReview): Promise<Review> {
  return bodyOf<Review>(api.POST(ALL, { params: { path: { workspaceId } }, body, parseAs: 'text' }));
}

export async function deleteReview(at: ReviewAt): Promise<void> {
  await bodyOf(api.DELETE(ONE, { params: { path: at }, parseAs: 'text' }));
}

export function signReviewOff(at: ReviewAt, note: string): Promise<Review> {
  return bodyOf<Review>(
    api.POST(`${ONE}/actions`, { params: { path: at }, body: { action: 'signOff', note }, parseAs: 'text' }),
  );
}

/** Decides about accounts of a review; PENDING takes a decision back. */
export async function decide(at: ReviewAt, itemIds: number[], decision: Decision, note = ''): Promise<void> {
  await bodyOf(
    api.POST(`${ONE}/items/actions`, { params: { path: at }, body: { itemIds, decision, note }, parseAs: 'text' }),
  );
}

/** Where the report of a review is downloaded. */
export function reportHref({ workspaceId, reviewId }: ReviewAt): string {
  return `/public/v2/workspaces/${String(workspaceId)}/access-reviews/${String(reviewId)}/report`;
}

/** An account of a review with what became of its decision. */
export function reviewItemQuery(at: ReviewAt, itemId: number) {
  return queryOptions({
    queryKey: ['accessReviews', 'item', at, itemId],
    queryFn: ({ signal }) =>
      bodyOf<ReviewItem>(
        api.GET(`${ONE}/items/{itemId}`, { params: { path: { ...at, itemId } }, parseAs: 'text', signal }),
      ),
    ...live,
  });
}
