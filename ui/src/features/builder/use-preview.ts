import { useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { cancelPreviewJob, type Preview, type PreviewJob, previewJobQuery, previewQuery } from '@/shared/api/rules';

export type Previewed = {
  /** The last counts that came; those of all records once they are known. */
  preview: Preview | undefined;
  /** Whether they are of an earlier state of the logic. */
  stale: boolean;
  loading: boolean;
  error: Error | null;
  /** The count that goes on, while it does. */
  job: PreviewJob | undefined;
  again: () => void;
};

/**
 * What the server would say of the logic, once it is known that it can be
 * evaluated. Nothing is asked while it is not complete.
 */
export function usePreview(
  workspaceId: number,
  logic: string | undefined,
  evaluable: string | undefined,
  asOf: string | undefined,
): Previewed {
  const settled = logic === undefined ? undefined : evaluable;
  // The query is known by its text: an answer to another text never takes its place.
  const query = useQuery({
    ...previewQuery({ workspaceId, logic: settled ?? '', asOf }),
    enabled: settled !== undefined,
  });
  const current = query.isPlaceholderData ? undefined : query.data;
  const jobId = current?.jobId;
  const job = useQuery({ ...previewJobQuery({ workspaceId, jobId: jobId ?? '' }), enabled: jobId !== undefined });
  useEffect(() => {
    if (jobId === undefined) return;
    return () => void cancelPreviewJob({ workspaceId, jobId });
  }, [workspaceId, jobId]);
  const whole = jobId === undefined ? undefined : (job.data?.result ?? undefined);
  return {
    preview: whole ?? query.data,
    stale: query.data !== undefined && (query.isPlaceholderData || query.isError || settled !== logic),
    loading: query.isFetching,
    error: settled === undefined ? null : query.error,
    job: jobId === undefined ? undefined : job.data,
    again: () => void query.refetch(),
  };
}
