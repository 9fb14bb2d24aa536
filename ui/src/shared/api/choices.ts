import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import type { operations } from '@/shared/api/schema';
import type { BodyOf, FindingList, TestList } from '@/shared/api/types';

const TESTS = '/public/v2/workspaces/{workspaceId}/monitoring-tests';
const FOUND = 20;
const FAILING = 50;

/** The first tests with a text, or of a number, for a picker. */
export function testChoicesQuery(workspaceId: number, q: string) {
  return queryOptions({
    queryKey: ['tests', 'choices', workspaceId, q],
    queryFn: ({ signal }) =>
      bodyOf<TestList>(
        api.GET(TESTS, {
          params: {
            path: { workspaceId },
            query: { size: FOUND, sort: 'name', sortDir: 'ASC', 'expand[]': ['resources'], ...(q === '' ? {} : { q }) },
          },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** The first failing records of a test with a text, for a picker. */
export function failingChoicesQuery(at: { workspaceId: number; testId: number }, q: string) {
  return queryOptions({
    queryKey: ['findings', 'choices', at, q],
    queryFn: ({ signal }) =>
      bodyOf<FindingList>(
        api.GET(`${TESTS}/{testId}/failures`, {
          params: { path: at, query: { size: FAILING, ...(q === '' ? {} : { q }) } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** The first requirements of a workspace with a text, for a picker. */
export function requirementChoicesQuery(workspaceId: number, q: string) {
  return queryOptions({
    queryKey: ['requirements', 'choices', workspaceId, q],
    queryFn: ({ signal }) =>
      bodyOf<BodyOf<operations['listAllRequirements']>>(
        api.GET('/public/v2/framework-requirements', {
          params: {
            query: { workspaceId, size: FOUND, sortDir: 'ASC', 'expand[]': ['framework'], ...(q === '' ? {} : { q }) },
          },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}
