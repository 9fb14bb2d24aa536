import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { type PageOf, pageQuery } from '@/shared/api/connections';
import { live } from '@/shared/api/live';
import type { FindingList, Test, TestAction, TestDetail, TestList, TestResult } from '@/shared/api/types';

const TESTS = '/public/v2/workspaces/{workspaceId}/monitoring-tests';

export type ListedResult = Exclude<TestResult, 'PREAUDIT'>;

export function testsQuery(workspaceId: number, page: PageOf, result?: ListedResult) {
  return queryOptions({
    queryKey: ['tests', workspaceId, page, result],
    queryFn: ({ signal }) =>
      bodyOf<TestList>(
        api.GET(TESTS, {
          params: {
            path: { workspaceId },
            query: {
              ...pageQuery(page),
              'expand[]': ['controls'],
              ...(result === undefined ? {} : { checkResultStatus: result }),
            },
          },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}

const ALL_AT_ONCE = 500;

/** Every test of a workspace, over as many pages as that takes. */
export function allTestsQuery(workspaceId: number) {
  return queryOptions({
    queryKey: ['all tests', workspaceId],
    queryFn: async ({ signal }) => {
      const all: Test[] = [];
      let cursor: string | undefined;
      do {
        const page: TestList = await bodyOf<TestList>(
          api.GET(TESTS, {
            params: {
              path: { workspaceId },
              query: { size: ALL_AT_ONCE, ...(cursor === undefined ? {} : { cursor }) },
            },
            parseAs: 'text',
            signal,
          }),
        );
        all.push(...page.data);
        cursor = page.pagination.cursor ?? undefined;
      } while (cursor !== undefined);
      return all;
    },
    ...live,
  });
}

export type TestAt = { workspaceId: number; testId: number };

export function testQuery(at: TestAt) {
  return queryOptions({
    queryKey: ['test', at],
    queryFn: ({ signal }) =>
      bodyOf<TestDetail>(
        api.GET(`${TESTS}/{testId}`, {
          params: { path: at, query: { 'expand[]': ['controls', 'logic'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

export type FindingKind = 'failures' | 'passes';

export function findingsQuery(at: TestAt, kind: FindingKind, page: PageOf) {
  return queryOptions({
    queryKey: ['findings', at, kind, page],
    queryFn: ({ signal }) =>
      bodyOf<FindingList>(
        api.GET(kind === 'failures' ? `${TESTS}/{testId}/failures` : `${TESTS}/{testId}/passes`, {
          params: { path: at, query: pageQuery(page) },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}

/** Runs, enables or disables a test. */
export async function actOnTest(at: TestAt, action: TestAction): Promise<unknown> {
  return bodyOf(api.POST(`${TESTS}/{testId}/actions`, { params: { path: at }, body: { action }, parseAs: 'text' }));
}
