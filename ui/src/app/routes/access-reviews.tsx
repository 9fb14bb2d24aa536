import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { InWorkspace } from '@/app/workspace';
import { CreateDialog } from '@/features/access-reviews/create-dialog';
import { ReviewsPage } from '@/features/access-reviews/reviews-page';
import { VIEWS } from '@/features/accounts/words';
import { reviewsQuery } from '@/shared/api/access-reviews';
import { useMay } from '@/shared/auth/may';
import { ExportMenu } from '@/shared/ui/export-menu';
import { notifyDone } from '@/shared/ui/notify';

const SIZE = 50;

export function AccessReviewsRoute() {
  return <InWorkspace>{(workspaceId) => <Reviews workspaceId={workspaceId} />}</InWorkspace>;
}

function Reviews({ workspaceId }: { workspaceId: number }) {
  const search = useSearch({ from: '/signed-in/access-reviews' });
  const navigate = useNavigate({ from: '/access-reviews' });
  const queries = useQueryClient();
  const may = useMay();
  const { q, state } = search;
  const filter = { q, state };
  const list = useQuery(reviewsQuery(workspaceId, { cursor: search.cursor, size: SIZE }, filter));
  return (
    <>
      <ReviewsPage
        search={search}
        list={list}
        size={SIZE}
        tools={
          <ExportMenu
            path={`/public/v2/workspaces/${workspaceId}/access-reviews`}
            query={filter}
            name="access reviews"
          />
        }
      />
      {search.create === 'yes' && may('access-reviews-post') && (
        <CreateDialog
          workspaceId={workspaceId}
          views={VIEWS}
          close={() => void navigate({ search: (before) => ({ ...before, create: undefined }) })}
          done={(review) => {
            void queries.invalidateQueries({ queryKey: ['accessReviews'] });
            void navigate({ to: '/access-reviews/$reviewId', params: { reviewId: review.id }, search: {} });
            notifyDone('The review has begun.');
          }}
        />
      )}
    </>
  );
}
