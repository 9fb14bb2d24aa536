import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { type PageOf, pageQuery } from '@/shared/api/connections';
import { given } from '@/shared/api/given';
import { live } from '@/shared/api/live';
import type { components, operations, paths } from '@/shared/api/schema';
import type { BodyOf, Connection, ConnectionList } from '@/shared/api/types';

const ALL = '/public/v2/personnel';
const ONE = `${ALL}/{personnelId}` as const;
const SYNCS = '/public/v2/identity-syncs';
const IDENTITIES = '/public/v2/custom-connections/{connectionId}/hris-user-identities';

export type Person = BodyOf<operations['getPersonnel']>;
export type PersonList = BodyOf<operations['listPersonnel']>;
export type PeopleSummary = BodyOf<operations['getPersonnelSummary']>;
export type EmploymentStatus = Person['employmentStatus'];
export type PersonChange = components['schemas']['PersonChange'];
export type PersonDevice = BodyOf<operations['listPersonnelDevices']>['data'][number];
export type IdentitySync = BodyOf<operations['getIdentitySync']>;
export type Identity = BodyOf<operations['getHrisUserIdentity']>;

type ListQuery = NonNullable<paths[typeof ALL]['get']['parameters']['query']>;

/** How the list of people is narrowed and ordered. */
export type PersonFilter = {
  [
    Name in
      'q' | 'employmentStatus[]' | 'complianceStatus[]' | 'groupIds[]' | 'byHand' | 'hasDevice' | 'sort' | 'sortDir'
  ]?: ListQuery[Name] | undefined;
};

/** The people of the organisation, for useKeysetRows. */
export function peopleRows(filter: PersonFilter) {
  return {
    queryKey: ['personnel', 'rows', filter],
    read: (page: PageOf, signal: AbortSignal) =>
      bodyOf<PersonList>(
        api.GET(ALL, {
          params: { query: { ...pageQuery(page), ...given(filter), 'expand[]': ['complianceChecks', 'user'] } },
          parseAs: 'text',
          signal,
        }),
      ),
  };
}

export function peopleSummaryQuery() {
  return queryOptions({
    queryKey: ['personnel', 'summary'],
    queryFn: ({ signal }) => bodyOf<PeopleSummary>(api.GET(`${ALL}/summary`, { parseAs: 'text', signal })),
    placeholderData: keepPreviousData,
    ...live,
  });
}

const at = (personnelId: number) => ({ path: { personnelId } });

export function personQuery(personnelId: number) {
  return queryOptions({
    queryKey: ['personnel', 'one', personnelId],
    queryFn: ({ signal }) =>
      bodyOf<Person>(
        api.GET(ONE, {
          params: {
            ...at(personnelId),
            query: {
              'expand[]': [
                'complianceChecks',
                'customFields',
                'groups',
                'identity',
                'reasonProvider',
                'user',
                'workspaces',
              ],
            },
          },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

const DEVICES = 100;

/** The devices of a person; one has a handful. */
export function personDevicesQuery(personnelId: number) {
  return queryOptions({
    queryKey: ['personnel', 'devices', personnelId],
    queryFn: ({ signal }) =>
      bodyOf<BodyOf<operations['listPersonnelDevices']>>(
        api.GET(`${ONE}/devices`, {
          params: {
            path: { personnelId },
            query: { size: DEVICES, 'expand[]': ['complianceChecks'] },
          },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

export function changePerson(personnelId: number, body: PersonChange): Promise<Person> {
  return bodyOf<Person>(api.PUT(ONE, { params: at(personnelId), body, parseAs: 'text' }));
}

/** Gives people back to the identity sync. */
export async function resetPeople(personnelIds: number[]): Promise<void> {
  await bodyOf(api.POST(`${ALL}/actions`, { body: { action: 'reset-sync', personnelIds }, parseAs: 'text' }));
}

const LOOK_AGAIN = 1_000;

/** Identity syncs, newest first. One that runs is looked at every second: of what changes nothing no event tells. */
export function syncsQuery(page: PageOf) {
  return queryOptions({
    queryKey: ['personnel', 'syncs', page],
    queryFn: ({ signal }) =>
      bodyOf<BodyOf<operations['listIdentitySyncs']>>(
        api.GET(SYNCS, {
          params: { query: { ...pageQuery(page), 'expand[]': ['startedBy'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    refetchInterval: (query) =>
      query.state.error === null && query.state.data?.data.some(({ status }) => status === 'RUNNING') === true
        ? LOOK_AGAIN
        : live.refetchInterval(query),
  });
}

export function startSync(): Promise<IdentitySync> {
  return bodyOf<IdentitySync>(api.POST(SYNCS, { parseAs: 'text' }));
}

export function cancelSync(syncId: number): Promise<IdentitySync> {
  return bodyOf<IdentitySync>(
    api.POST(`${SYNCS}/{syncId}/actions`, {
      params: { path: { syncId } },
      body: { action: 'cancel' },
      parseAs: 'text',
    }),
  );
}

/** The people that an HRIS connection tells of. */
export function identitiesQuery(connectionId: number, page: PageOf) {
  return queryOptions({
    queryKey: ['personnel', 'identities', { connectionId }, page],
    queryFn: ({ signal }) =>
      bodyOf<BodyOf<operations['listHrisUserIdentities']>>(
        api.GET(IDENTITIES, {
          params: { path: { connectionId }, query: pageQuery(page) },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}

/** Makes a connection that people come through; it keeps no records. */
export function createHrisConnection(body: { name: string; description: string | null }): Promise<Connection> {
  return bodyOf<Connection>(
    api.POST('/public/v2/custom-connections', { body: { ...body, providerTypes: ['HRIS'] } as never, parseAs: 'text' }),
  );
}

const MANY = 200;

/** The connections that people come through. */
export function hrisConnectionsQuery() {
  return queryOptions({
    queryKey: ['connections', 'hris'],
    queryFn: ({ signal }) =>
      bodyOf<ConnectionList>(
        api.GET('/public/v2/connections', {
          params: { query: { size: MANY, 'providerTypes[]': ['HRIS'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}
