import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { InWorkspace } from '@/app/workspace';
import { ChangeDialog, ReviewPage, SignOffDialog } from '@/features/access-reviews/review-page';
import {
  decide,
  type Decision,
  deleteReview,
  type ItemFilter,
  reportHref,
  type Review,
  type ReviewItem,
  reviewItemQuery,
  reviewItemRows,
  reviewQuery,
  signReviewOff,
} from '@/shared/api/access-reviews';
import { each } from '@/shared/api/each';
import { useKeysetRows } from '@/shared/api/keyset-rows';
import { useMay } from '@/shared/auth/may';
import { counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { ExportMenu } from '@/shared/ui/export-menu';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';
import { Loaded } from '@/shared/ui/states';

const FROM = '/signed-in/access-reviews/$reviewId';

export function AccessReviewRoute() {
  const { reviewId } = useParams({ from: FROM });
  return <InWorkspace>{(workspaceId) => <Loading workspaceId={workspaceId} reviewId={reviewId} />}</InWorkspace>;
}

function Loading({ workspaceId, reviewId }: { workspaceId: number; reviewId: number }) {
  const review = useQuery(reviewQuery({ workspaceId, reviewId }));
  return (
    <Loaded query={review} label="the access review" page="Access review">
      {(data) => <Reviewing workspaceId={workspaceId} review={data} />}
    </Loaded>
  );
}

function Reviewing({ workspaceId, review }: { workspaceId: number; review: Review }) {
  const search = useSearch({ from: FROM });
  const navigate = useNavigate({ from: '/access-reviews/$reviewId' });
  const queries = useQueryClient();
  const may = useMay();
  const [changing, setChanging] = useState<readonly ReviewItem[]>();
  const [asked, setAsked] = useState<'sign off' | 'delete'>();
  const at = { workspaceId, reviewId: review.id };
  const filter: ItemFilter = {
    q: search.q,
    ...(search.show === 'OPEN' ? { revocation: 'OPEN' } : { decision: search.show }),
  };
  const rows = useKeysetRows(reviewItemRows(at, filter));
  const opened = useQuery({
    ...reviewItemQuery(at, search.item ?? 0),
    enabled: search.item !== undefined,
  });
  const refresh = () => queries.invalidateQueries({ queryKey: ['accessReviews'] });
  const told = (items: readonly ReviewItem[]) => {
    void refresh();
    // One decision is taken back with u; many at once are worth a notice.
    if (items.length < 2) return;
    notifyDone(`${counted(items.length, 'account')} decided.`, async () => {
      await each(items, (was) => decide(at, [was.id], was.decision, was.note ?? ''));
      await refresh();
    });
  };
  const put = async (items: readonly ReviewItem[], decision: Decision, note?: string) => {
    await decide(
      at,
      items.map(({ id }) => id),
      decision,
      note,
    );
    told(items);
  };
  const close = () => {
    setAsked(undefined);
  };
  return (
    <>
      <ReviewPage
        review={review}
        search={search}
        rows={rows}
        opened={search.item === undefined ? undefined : opened}
        tools={
          <ExportMenu
            path={`/public/v2/workspaces/${workspaceId}/access-reviews/${review.id}/items`}
            query={{ ...filter, sortDir: 'ASC' }}
            name="accounts"
          />
        }
        report={reportHref(at)}
        decide={(items, decision) => {
          put(items, decision).catch(notifyFailed);
        }}
        askToChange={setChanging}
        signOff={() => {
          setAsked('sign off');
        }}
        remove={
          may('access-reviews-delete') && review.signOff === null
            ? () => {
                setAsked('delete');
              }
            : undefined
        }
      />
      {changing !== undefined && (
        <ChangeDialog
          items={changing}
          close={() => {
            setChanging(undefined);
          }}
          save={(note) => put(changing, 'CHANGE', note)}
        />
      )}
      {asked === 'sign off' && (
        <SignOffDialog
          review={review}
          close={close}
          save={async (note) => {
            await signReviewOff(at, note);
            await refresh();
            notifyDone('The review is signed off.');
          }}
        />
      )}
      <Confirm
        opened={asked === 'delete'}
        close={close}
        title={`Delete ${review.name}?`}
        action={`Delete ${counted(review.progress.decided, 'decision')}`}
        act={async () => {
          await deleteReview(at);
          await navigate({ to: '/access-reviews', search: {} });
          await refresh();
          notifyDone(`${review.name} is deleted.`);
        }}
      >
        {counted(review.progress.total, 'account')} and {counted(review.progress.decided, 'decision')} will vanish with
        it. The accounts themselves stay.
      </Confirm>
    </>
  );
}
