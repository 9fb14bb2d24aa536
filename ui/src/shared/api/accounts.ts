import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { type PageOf, pageQuery, type ResourceAt } from '@/shared/api/connections';
import { given } from '@/shared/api/given';
import { live } from '@/shared/api/live';
import type { components, operations, paths } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const ALL = '/public/v2/workspaces/{workspaceId}/accounts';
const MAPPING = '/public/v2/custom-connections/{connectionId}/resources/{resourceId}/account-mapping';

export type Account = BodyOf<operations['getAccount']>;
export type AccountList = BodyOf<operations['listAccounts']>;
export type AccountSummary = BodyOf<operations['getAccountSummary']>;
export type AccountView = AccountSummary['views'][number]['category'];
export type AccountMapping = components['schemas']['Mapping'];
export type MappingState = BodyOf<operations['getAccountMapping']>;
export type MappingPreview = BodyOf<operations['previewAccountMapping']>;
export type AccountChange = components['schemas']['AccountChange'];
export type AccountOutcome = BodyOf<operations['performAccountsAction']>['data'][number];

type ListQuery = NonNullable<paths[typeof ALL]['get']['parameters']['query']>;

/** How the list of accounts is narrowed and ordered. */
export type AccountFilter = {
  [
    Name in
      | 'category'
      | 'connectionId'
      | 'resourceId'
      | 'status'
      | 'linked'
      | 'userId'
      | 'serviceAccount'
      | 'inScope'
      | 'mfa'
      | 'leaver'
      | 'q'
      | 'sort'
      | 'sortDir'
  ]?: ListQuery[Name] | undefined;
};

export function accountsQuery(workspaceId: number, page: PageOf, filter: AccountFilter) {
  return queryOptions({
    queryKey: ['accounts', { workspaceId }, page, filter],
    queryFn: ({ signal }) =>
      bodyOf<AccountList>(
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

/** How many accounts there are in each view, and what to look at first. */
export function accountSummaryQuery(workspaceId: number) {
  return queryOptions({
    queryKey: ['accounts', 'summary', { workspaceId }],
    queryFn: ({ signal }) =>
      bodyOf<AccountSummary>(api.GET(`${ALL}/summary`, { params: { path: { workspaceId } }, parseAs: 'text', signal })),
    placeholderData: keepPreviousData,
    ...live,
  });
}

export function accountQuery(at: { workspaceId: number; accountId: number }) {
  return queryOptions({
    queryKey: ['accounts', 'one', at],
    queryFn: ({ signal }) =>
      bodyOf<Account>(api.GET(`${ALL}/{accountId}`, { params: { path: at }, parseAs: 'text', signal })),
    ...live,
  });
}

export function changeAccount(workspaceId: number, accountId: number, body: AccountChange): Promise<Account> {
  return bodyOf<Account>(
    api.PUT(`${ALL}/{accountId}`, { params: { path: { workspaceId, accountId } }, body, parseAs: 'text' }),
  );
}

/** Changes several accounts, each by itself. */
export async function changeAccounts(
  workspaceId: number,
  accountIds: number[],
  change: AccountChange,
): Promise<AccountOutcome[]> {
  const { data } = await bodyOf<{ data: AccountOutcome[] }>(
    api.POST(`${ALL}/actions`, { params: { path: { workspaceId } }, body: { accountIds, change }, parseAs: 'text' }),
  );
  return data;
}

export function mappingQuery(at: ResourceAt) {
  return queryOptions({
    queryKey: ['accounts', 'mapping', at],
    queryFn: ({ signal }) => bodyOf<MappingState>(api.GET(MAPPING, { params: { path: at }, parseAs: 'text', signal })),
    ...live,
  });
}

export function putMapping(at: ResourceAt, body: AccountMapping): Promise<MappingState> {
  return bodyOf<MappingState>(api.PUT(MAPPING, { params: { path: at }, body, parseAs: 'text' }));
}

export async function deleteMapping(at: ResourceAt): Promise<void> {
  await bodyOf(api.DELETE(MAPPING, { params: { path: at }, parseAs: 'text' }));
}

/** What a mapping makes of some records; nothing is stored. */
export function mappingPreviewQuery(at: ResourceAt, mapping: AccountMapping) {
  return queryOptions({
    queryKey: ['records', 'accounts', at, mapping],
    queryFn: ({ signal }) =>
      bodyOf<MappingPreview>(
        api.POST(`${MAPPING}/preview`, { params: { path: at }, body: mapping, parseAs: 'text', signal }),
      ),
    placeholderData: keepPreviousData,
    retry: false,
  });
}
