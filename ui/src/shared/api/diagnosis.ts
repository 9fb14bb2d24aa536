import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { refusalOf } from '@/shared/api/errors';
import { parseExact } from '@/shared/api/json';
import { live } from '@/shared/api/live';
import type { paths } from '@/shared/api/schema';
import { EventParser } from '@/shared/api/sse';
import type { BodyOf } from '@/shared/api/types';

const DIAGNOSIS = '/public/v2/connections/{connectionId}/diagnosis';

export type Diagnosis = BodyOf<paths[typeof DIAGNOSIS]['get']>;
export type DiagnosisCause = Diagnosis['causes'][number];
export type DiagnosisPage = NonNullable<DiagnosisCause['steps'][number]['page']>;

export function diagnosisQuery(connectionId: number) {
  return queryOptions({
    queryKey: ['connections', { connectionId }, 'diagnosis'],
    queryFn: ({ signal }) =>
      bodyOf<Diagnosis>(api.GET(DIAGNOSIS, { params: { path: { connectionId } }, parseAs: 'text', signal })),
    ...live,
  });
}

/** Asks for a summary; `onPiece` hears the text as it comes. What counts is the diagnosis at the end. */
export async function refreshDiagnosis(
  connectionId: number,
  onPiece: (text: string) => void,
  signal: AbortSignal,
): Promise<Diagnosis> {
  const response = await fetch(`/public/v2/connections/${connectionId}/diagnosis`, {
    method: 'POST',
    headers: { Accept: 'text/event-stream' },
    cache: 'no-store',
    signal,
  });
  if (!response.ok || response.body === null) throw refusalOf(response, await response.text());
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  const parser = new EventParser();
  for (;;) {
    const { done, value } = await reader.read();
    if (done) throw new Error('The server broke off in the middle of its answer.');
    for (const { event, data } of parser.read(value)) {
      if (event === 'piece') onPiece((JSON.parse(data) as { text: string }).text);
      else if (event === 'done') return parseExact(data) as Diagnosis;
      else if (event === 'error') throw refusalOf(response, data);
    }
  }
}

export function rateDiagnosis(connectionId: number, helpful: boolean | null): Promise<Diagnosis> {
  return bodyOf(
    api.POST(`${DIAGNOSIS}/feedback`, { params: { path: { connectionId } }, body: { helpful }, parseAs: 'text' }),
  );
}
