import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { DiagnosisPanel } from '@/features/connections/diagnosis-panel';
import { diagnosisQuery, rateDiagnosis, refreshDiagnosis } from '@/shared/api/diagnosis';
import { useMay } from '@/shared/auth/may';
import { notifyFailed } from '@/shared/ui/notify';
import { Loaded } from '@/shared/ui/states';

/** Why a connection is unhealthy, with what a model says of it. */
export function ConnectionDiagnosis({ connectionId }: { connectionId: number }) {
  const may = useMay();
  const queries = useQueryClient();
  const diagnosis = useQuery(diagnosisQuery(connectionId));
  const [text, setText] = useState<string | null>(null);
  const left = useRef<AbortController>(null);
  const key = diagnosisQuery(connectionId).queryKey;
  useEffect(
    () => () => {
      left.current?.abort();
    },
    [connectionId],
  );
  const ask = useMutation({
    mutationFn: () => {
      const abort = new AbortController();
      left.current = abort;
      setText('');
      return refreshDiagnosis(
        connectionId,
        (piece) => {
          setText((before) => (before ?? '') + piece);
        },
        abort.signal,
      );
    },
    onSuccess: (made) => {
      queries.setQueryData(key, made);
    },
    onSettled: () => {
      setText(null);
    },
  });
  const rate = useMutation({
    mutationFn: (helpful: boolean | null) => rateDiagnosis(connectionId, helpful),
    onSuccess: (made) => {
      queries.setQueryData(key, made);
    },
    onError: notifyFailed,
  });
  return (
    <Loaded query={diagnosis} label="the diagnosis">
      {(data) => (
        <DiagnosisPanel
          diagnosis={data}
          asking={
            may('custom-connections-put')
              ? {
                  ask: () => {
                    ask.mutate();
                  },
                  text,
                  error: ask.error,
                  rate: rate.mutate,
                  rating: rate.isPending,
                }
              : undefined
          }
        />
      )}
    </Loaded>
  );
}
