import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { type PageOf, pageQuery } from '@/shared/api/connections';
import { refusalOf } from '@/shared/api/errors';
import { given } from '@/shared/api/given';
import { live } from '@/shared/api/live';
import type { operations, paths } from '@/shared/api/schema';
import type { TestAt } from '@/shared/api/tests';
import type { BodyOf } from '@/shared/api/types';

const ONE = '/public/v2/workspaces/{workspaceId}/monitoring-tests/{testId}';

export type RunList = BodyOf<operations['listRuns']>;
export type Run = RunList['data'][number];
export type History = BodyOf<operations['getHistory']>;
export type VersionList = BodyOf<operations['listTestVersions']>;
export type Version = VersionList['data'][number];
type Compared = BodyOf<operations['compareTestVersions']>;
export type VersionDifference = Extract<Compared, { changes: unknown }>;
export type EvidenceFormat = 'json' | 'csv' | 'pdf';

type RunQuery = NonNullable<paths[`${typeof ONE}/runs`]['get']['parameters']['query']>;
export type RunFilter = { trigger?: RunQuery['trigger']; state?: RunQuery['state'] };

/** A page of the runs of a test, the latest first. */
export function readRuns(at: TestAt, page: PageOf, filter: RunFilter, signal: AbortSignal): Promise<RunList> {
  return bodyOf<RunList>(
    api.GET(`${ONE}/runs`, {
      params: { path: at, query: { ...pageQuery(page), ...given(filter) } },
      parseAs: 'text',
      signal,
    }),
  );
}

/** The run over all records that is going on now, if one is. */
export function runningQuery(at: TestAt) {
  return queryOptions({
    queryKey: ['runs', at, 'running'],
    queryFn: async ({ signal }) => (await readRuns(at, { size: 1 }, { state: 'RUNNING' }, signal)).data[0] ?? null,
    ...live,
  });
}

export type RunAt = TestAt & { runId: number };

export function runQuery(at: RunAt) {
  return queryOptions({
    queryKey: ['runs', at],
    queryFn: ({ signal }) =>
      bodyOf<Run>(api.GET(`${ONE}/runs/{runId}`, { params: { path: at }, parseAs: 'text', signal })),
    ...live,
  });
}

export function cancelRun(at: RunAt): Promise<Run> {
  return bodyOf<Run>(
    api.POST(`${ONE}/runs/{runId}/actions`, { params: { path: at }, body: { action: 'cancel' }, parseAs: 'text' }),
  );
}

/** The evidence of a run as a file, with the name that the server gives it. */
export async function readEvidence(at: RunAt, format: EvidenceFormat): Promise<{ name: string; file: Blob }> {
  const { response, data, error } = await api.GET(`${ONE}/runs/{runId}/evidence`, {
    params: { path: at, query: { format } },
    parseAs: 'blob',
  });
  if (!response.ok || data === undefined) throw refusalOf(response, JSON.stringify(error ?? null));
  const named = /filename="([^"]+)"/.exec(response.headers.get('Content-Disposition') ?? '');
  return { name: named?.[1] ?? `run-${at.runId}.${format}`, file: data };
}

export function historyQuery(at: TestAt, days: number) {
  return queryOptions({
    queryKey: ['runs', at, 'history', days],
    queryFn: ({ signal }) =>
      bodyOf<History>(api.GET(`${ONE}/history`, { params: { path: at, query: { days } }, parseAs: 'text', signal })),
    placeholderData: keepPreviousData,
    ...live,
  });
}

export function versionsQuery(at: TestAt, page: PageOf) {
  return queryOptions({
    queryKey: ['tests', 'versions', at, page],
    queryFn: ({ signal }) =>
      bodyOf<VersionList>(
        api.GET(`${ONE}/versions`, { params: { path: at, query: pageQuery(page) }, parseAs: 'text', signal }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}

/** What differs between two versions: numbers, or the word draft. It reads every record, so it does not follow each push. */
export function comparisonQuery(at: TestAt, from: string, to: string) {
  return queryOptions({
    queryKey: ['version comparison', at, from, to],
    queryFn: ({ signal }) =>
      bodyOf<VersionDifference>(
        api.GET(`${ONE}/versions/{range}`, {
          params: { path: { ...at, range: `${from}...${to}` } },
          parseAs: 'text',
          signal,
        }),
      ),
  });
}
