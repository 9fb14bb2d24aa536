import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { type PageOf, pageQuery } from '@/shared/api/connections';
import { given } from '@/shared/api/given';
import { jsonLine } from '@/shared/api/json';
import { live } from '@/shared/api/live';
import type { operations, paths } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const OF_TEST = '/public/v2/workspaces/{workspaceId}/monitoring-tests/{testId}/exclusions';
const ALL = '/public/v2/workspaces/{workspaceId}/exclusions';

export type ExclusionList = BodyOf<operations['listWorkspaceExclusions']>;
export type Exclusion = NonNullable<ExclusionList['data']>[number];
export type ExclusionAudit = BodyOf<operations['auditExclusions']>;
export type ExclusionVersion = NonNullable<Exclusion['versions']>[number];
export type SelectorPreview = BodyOf<operations['previewExclusion']>;
export type ExclusionCategory = Exclusion['category'];
export type ExclusionState = Exclusion['state'];
export type ExclusionProblem = NonNullable<NonNullable<Exclusion['problems']>[number]>;

type ListQuery = NonNullable<paths[typeof ALL]['get']['parameters']['query']>;

/** How the list of exclusions is narrowed and ordered. */
export type ExclusionFilter = {
  q?: string | undefined;
  testId?: number | undefined;
  category?: ExclusionCategory | undefined;
  kind?: 'RECORD' | 'SELECTOR' | undefined;
  state?: ListQuery['state'] | undefined;
  sort?: 'createdAt' | 'updatedAt' | 'expiresAt' | undefined;
  sortDir?: 'ASC' | 'DESC' | undefined;
};

export function exclusionsQuery(workspaceId: number, page: PageOf, filter: ExclusionFilter) {
  return queryOptions({
    queryKey: ['exclusions', workspaceId, page, filter],
    queryFn: ({ signal }) =>
      bodyOf<ExclusionList>(
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

const SLOWLY = 30_000;

/** The exclusions that somebody should look at. It reads what each covers, so it is not asked often. */
export function exclusionAuditQuery(workspaceId: number, page: PageOf, problem: ExclusionProblem | undefined) {
  return queryOptions({
    queryKey: ['exclusions', 'audit', workspaceId, page, problem],
    queryFn: ({ signal }) =>
      bodyOf<ExclusionAudit>(
        api.GET(`${ALL}/audit`, {
          params: { path: { workspaceId }, query: { ...pageQuery(page), ...given({ problem }) } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: SLOWLY,
  });
}

/** One exclusion: its id is one within its test. */
export type ExclusionAt = { workspaceId: number; testId: number; exclusionId: number };

/** An exclusion with all that it said before, and what it covers now. */
export function exclusionQuery(at: ExclusionAt) {
  return queryOptions({
    queryKey: ['exclusions', 'one', at],
    queryFn: ({ signal }) =>
      bodyOf<Exclusion>(
        api.GET(`${OF_TEST}/{exclusionId}`, {
          params: { path: at, query: { 'expand[]': ['now', 'connection'] } },
          parseAs: 'text',
          signal,
        }),
      ),
  });
}

// The numbers of a condition go back with the digits that they came with.
const exact = { bodySerializer: jsonLine };

/** A condition as JSON. */
export type Selector = Record<string, unknown>;

type ExclusionText = {
  reason: string;
  category: ExclusionCategory;
  approver?: string;
  ticketUrl?: string;
  expiresAt?: string;
};
export type NewExclusion = ExclusionText & {
  resourceId: number;
  expireOnFix?: boolean;
} & ({ targetId: string } | { selector: Selector });

const WAIT_SECONDS = 5;

/** Excludes a record, or what a selector matches; answers when the verdicts follow. */
export function createExclusion(at: { workspaceId: number; testId: number }, body: NewExclusion): Promise<Exclusion> {
  return bodyOf<Exclusion>(
    api.POST(OF_TEST, { params: { path: at, query: { waitSeconds: WAIT_SECONDS } }, body, ...exact, parseAs: 'text' }),
  );
}

export type ExclusionChange = {
  reason?: string;
  category?: ExclusionCategory;
  approver?: string | null;
  ticketUrl?: string | null;
  expiresAt?: string | null;
  expireOnFix?: boolean;
  selector?: Selector;
};

export function changeExclusion(at: ExclusionAt, body: ExclusionChange): Promise<Exclusion> {
  return bodyOf<Exclusion>(
    api.PUT(`${OF_TEST}/{exclusionId}`, {
      params: { path: at, query: { waitSeconds: WAIT_SECONDS } },
      body,
      ...exact,
      parseAs: 'text',
    }),
  );
}

export async function deleteExclusion(at: ExclusionAt): Promise<void> {
  const { response, error } = await api.DELETE(`${OF_TEST}/{exclusionId}`, {
    params: { path: at, query: { waitSeconds: WAIT_SECONDS } },
    parseAs: 'text',
  });
  if (!response.ok) await bodyOf(Promise.resolve({ response, error }));
}

/** Makes an exclusion again that was deleted, word for word. */
export function restoreExclusion(workspaceId: number, was: Exclusion): Promise<Exclusion> {
  return createExclusion(
    { workspaceId, testId: was.testId },
    {
      ...(was.selector ? { selector: was.selector } : { targetId: was.targetId, expireOnFix: was.expireOnFix }),
      resourceId: was.resourceId,
      reason: was.reason,
      category: was.category,
      ...(was.approver ? { approver: was.approver } : {}),
      ...(was.ticketUrl ? { ticketUrl: was.ticketUrl } : {}),
      ...(was.expiresAt ? { expiresAt: was.expiresAt } : {}),
    },
  );
}

/** What a selector would exclude now; nothing is stored. */
export function selectorPreviewQuery(
  at: { workspaceId: number; testId: number },
  resourceId: number,
  selector: Selector,
) {
  return queryOptions({
    queryKey: ['exclusions', 'preview', at, resourceId, selector],
    queryFn: ({ signal }) =>
      bodyOf<SelectorPreview>(
        api.POST(`${OF_TEST}/preview`, {
          params: { path: at },
          body: { selector, resourceId },
          ...exact,
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    retry: false,
  });
}
