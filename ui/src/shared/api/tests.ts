import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { type PageOf, pageQuery } from '@/shared/api/connections';
import { given } from '@/shared/api/given';
import { live } from '@/shared/api/live';
import type { operations, paths } from '@/shared/api/schema';
import type { BodyOf, FindingList, TestDetail, TestList, TestResult } from '@/shared/api/types';

const TESTS = '/public/v2/workspaces/{workspaceId}/monitoring-tests';
const ONE = `${TESTS}/{testId}` as const;

type ListQuery = NonNullable<paths[typeof TESTS]['get']['parameters']['query']>;

export type ListedResult = Exclude<TestResult, 'PREAUDIT'>;
export type TestSort = NonNullable<ListQuery['sort']>;

/** How a list of tests is narrowed and ordered. */
export type TestFilter = {
  q?: string | undefined;
  result?: ListedResult | undefined;
  /** Which versions it has, or that it is switched off. */
  state?: 'draft' | 'published' | 'disabled' | undefined;
  connectionId?: number | undefined;
  providerType?: NonNullable<ListQuery['providerType']> | undefined;
  controlId?: number | undefined;
  sort?: TestSort | undefined;
  sortDir?: 'ASC' | 'DESC' | undefined;
};

/** A filter as the query parameters of the list. */
export function testListQuery({ result, state, ...rest }: TestFilter): ListQuery {
  return given({
    ...rest,
    checkResultStatus: result,
    checkStatus: state === 'disabled' ? ('DISABLED' as const) : undefined,
    stage: state === 'disabled' ? undefined : state,
  });
}

/** The path of a workspace's tests, for a link to the list as a file. */
export function testsPath(workspaceId: number): string {
  return TESTS.replace('{workspaceId}', String(workspaceId));
}

/** A page of tests with what a list shows of them, and how many there are of each result. */
export function testsQuery(workspaceId: number, page: PageOf, filter: TestFilter) {
  return queryOptions({
    queryKey: ['tests', workspaceId, page, filter],
    queryFn: ({ signal }) =>
      bodyOf<TestList>(
        api.GET(TESTS, {
          params: {
            path: { workspaceId },
            query: {
              ...pageQuery(page),
              ...testListQuery(filter),
              'expand[]': ['controls', 'resources', 'resultCounts'],
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

export type TestAt = { workspaceId: number; testId: number };

/** One test with all that its page shows. */
export function testQuery(at: TestAt) {
  return queryOptions({
    queryKey: ['tests', 'one', at],
    queryFn: ({ signal }) =>
      bodyOf<TestDetail>(
        api.GET(ONE, {
          params: { path: at, query: { 'expand[]': ['controls', 'logic', 'words', 'resources', 'groups', 'plan'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

export type FindingKind = 'failures' | 'passes' | 'errors';

/** How findings are narrowed and ordered. */
export type FindingFilter = {
  q?: string | undefined;
  /** A day of the past, as YYYY-MM-DD. */
  asOf?: string | undefined;
  sortDir?: 'ASC' | 'DESC' | undefined;
};

/** A page of the records that fail, pass, or cannot be evaluated. */
export function readFindings(
  at: TestAt,
  kind: FindingKind,
  page: PageOf,
  { asOf, ...filter }: FindingFilter,
  signal: AbortSignal,
): Promise<FindingList> {
  const query = { ...pageQuery(page), ...given(filter) };
  return bodyOf<FindingList>(
    kind === 'failures'
      ? api.GET(`${ONE}/failures`, {
          params: { path: at, query: { ...query, ...given({ asOf }) } },
          parseAs: 'text',
          signal,
        })
      : api.GET(kind === 'passes' ? `${ONE}/passes` : `${ONE}/errors`, {
          params: { path: at, query },
          parseAs: 'text',
          signal,
        }),
  );
}

type Action = operations['performTestAction']['requestBody']['content']['application/json']['action'];
export type TestAction = Action;

/** Runs, publishes, enables, disables or deletes a test, or discards or runs its draft. */
export function actOnTest(at: TestAt, action: TestAction, note = ''): Promise<TestDetail> {
  return bodyOf<TestDetail>(
    api.POST(`${ONE}/actions`, {
      params: { path: at },
      body: { action, ...(note === '' ? {} : { note }) },
      parseAs: 'text',
    }),
  );
}

export type TestChange = {
  name?: string;
  description?: string;
  schedule?: string | null;
  controlIds?: number[];
};

/** Changes what people set of a test; a revision refuses the change if somebody else was first. */
export function changeTest(at: TestAt, body: TestChange, revision?: number): Promise<TestDetail> {
  return bodyOf<TestDetail>(
    api.PUT(ONE, {
      params: {
        path: at,
        query: { 'expand[]': ['controls'] },
        ...(revision === undefined ? {} : { header: { 'If-Match': `"${revision}"` } }),
      },
      body,
      parseAs: 'text',
    }),
  );
}

/** When a cron expression is due, in words. */
export function planQuery(schedule: string) {
  return queryOptions({
    queryKey: ['schedule plan', schedule],
    queryFn: ({ signal }) =>
      bodyOf<BodyOf<operations['getSchedulePlan']>>(
        api.GET('/public/v2/schedule-plan', { params: { query: { schedule } }, parseAs: 'text', signal }),
      ),
    placeholderData: keepPreviousData,
    retry: false,
  });
}
