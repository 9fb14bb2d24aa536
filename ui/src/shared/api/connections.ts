import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { given } from '@/shared/api/given';
import { jsonText } from '@/shared/api/json';
import { live } from '@/shared/api/live';
import type { paths } from '@/shared/api/schema';
import type {
  CheckedSchema,
  Connection,
  ConnectionList,
  EvidenceRecord,
  Inference,
  RecordList,
  RecordVerdicts,
  RecordVersion,
  Resource,
  SchemaDetail,
  SchemaOutcome,
  Session,
  SessionList,
  TestList,
} from '@/shared/api/types';

const CONNECTIONS = '/public/v2/custom-connections';
const CONNECTION = `${CONNECTIONS}/{connectionId}` as const;
const RESOURCE = `${CONNECTION}/resources/{resourceId}` as const;
const RECORD = `${RESOURCE}/records/{recordId}` as const;

// A deletion that was done has no body.
async function done(call: Promise<{ response: Response; error?: unknown }>): Promise<void> {
  const { response, error } = await call;
  if (!response.ok) await bodyOf(Promise.resolve({ response, error }));
}

/** Where a page of a keyset list begins; without a cursor, at its head. */
export type PageOf = { cursor?: string | undefined; size: number };

/** The query parameters of a page. The total is only told on the first one. */
export function pageQuery({ cursor, size }: PageOf): { size: number; cursor?: string; includeTotalCount?: boolean } {
  return cursor === undefined ? { size, includeTotalCount: true } : { size, cursor };
}

export type DataStatus = Resource['dataStatus'];
type HubQuery = NonNullable<paths['/public/v2/connections']['get']['parameters']['query']>;
export type ProviderType = NonNullable<HubQuery['providerTypes[]']>[number];

export type ConnectionFilter = {
  q?: string | undefined;
  providerType?: ProviderType | undefined;
  health?: NonNullable<Connection['health']> | undefined;
  state?: Connection['state'] | undefined;
};

export type ListOrder = { sort: 'createdAt' | 'updatedAt'; sortDir: 'ASC' | 'DESC' };

export function connectionsQuery(page: PageOf) {
  return queryOptions({
    queryKey: ['connections', 'list', page],
    queryFn: ({ signal }) =>
      bodyOf<ConnectionList>(
        api.GET(CONNECTIONS, {
          params: {
            query: {
              ...pageQuery(page),
              'expand[]': ['customResources', 'createdByUser'],
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

/** A filter of connections as the server names it. */
export function connectionFilter({ providerType, ...filter }: ConnectionFilter) {
  return { ...given(filter), ...(providerType === undefined ? {} : { 'providerTypes[]': [providerType] }) };
}

/** The connections of a workspace, for useKeysetRows. */
export function connectionRows(workspaceId: number, filter: ConnectionFilter, order: ListOrder) {
  return {
    queryKey: ['connections', 'rows', workspaceId, filter, order],
    read: (page: PageOf, signal: AbortSignal) =>
      bodyOf<ConnectionList>(
        api.GET('/public/v2/connections', {
          params: {
            query: {
              ...pageQuery(page),
              ...connectionFilter(filter),
              ...order,
              workspaceId,
              'expand[]': ['customResources', 'createdByUser'],
            },
          },
          parseAs: 'text',
          signal,
        }),
      ),
  };
}

/** The connections that take devices, the newest 100. */
export function deviceConnectionsQuery() {
  return queryOptions({
    queryKey: ['connections', 'devices'],
    queryFn: ({ signal }) =>
      bodyOf<ConnectionList>(
        api.GET(CONNECTIONS, { params: { query: { providerType: 'MDM', size: 100 } }, parseAs: 'text', signal }),
      ),
  });
}

export function connectionQuery(connectionId: number) {
  return queryOptions({
    queryKey: ['connections', connectionId],
    queryFn: ({ signal }) =>
      bodyOf<Connection>(
        api.GET(CONNECTION, {
          params: { path: { connectionId }, query: { 'expand[]': ['customResources', 'createdByUser'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

export type NewConnection = {
  name: string;
  description: string | null;
  workspaceIds: number[];
  /** The JSON text of the schema. */
  schema: string;
  displayNameKey: string;
  freshnessHours: number | null;
};

/** Makes a connection with its resource. */
export async function createConnection({ schema, ...rest }: NewConnection): Promise<Connection> {
  const body = JSON.stringify({ ...rest, providerTypes: ['CUSTOM'] });
  return bodyOf<Connection>(
    api.POST(CONNECTIONS, {
      body: {} as never,
      // The text of the schema goes as it is, with the digits of its numbers.
      bodySerializer: () => `${body.slice(0, -1)},"schema":${schema}}`,
      parseAs: 'text',
    }),
  );
}

export async function changeConnection(
  connectionId: number,
  change: { clientAlias?: string; description?: string | null },
): Promise<Connection> {
  return bodyOf<Connection>(api.PUT(CONNECTION, { params: { path: { connectionId } }, body: change, parseAs: 'text' }));
}

export async function deleteConnection(connectionId: number): Promise<void> {
  await done(api.DELETE(CONNECTION, { params: { path: { connectionId } }, parseAs: 'text' }));
}

/** A resource as the paths of the API name it. */
export type ResourceAt = { connectionId: number; resourceId: number };

export async function changeResource(
  at: ResourceAt,
  change: { name?: string; description?: string | null; displayNameKey?: string; freshnessHours?: number | null },
): Promise<Resource> {
  return bodyOf<Resource>(api.PUT(RESOURCE, { params: { path: at }, body: change, parseAs: 'text' }));
}

/** What samples tell about a schema: one JSON object, several, or one a line. */
export async function inferSchema(samples: string, signal?: AbortSignal): Promise<Inference> {
  return bodyOf<Inference>(
    api.POST('/public/v2/schemas/infer', {
      body: {} as never,
      bodySerializer: () => samples,
      headers: { 'Content-Type': 'application/x-ndjson' },
      parseAs: 'text',
      ...given({ signal }),
    }),
  );
}

export async function checkSchema(schema: string, signal?: AbortSignal): Promise<CheckedSchema> {
  return bodyOf<CheckedSchema>(
    api.POST('/public/v2/schemas/check', {
      body: {} as never,
      bodySerializer: () => `{"schema":${schema}}`,
      parseAs: 'text',
      ...given({ signal }),
    }),
  );
}

export function schemaQuery(at: ResourceAt) {
  return queryOptions({
    queryKey: ['resources', at, 'schema'],
    queryFn: ({ signal }) =>
      bodyOf<SchemaDetail>(api.GET(`${RESOURCE}/schema`, { params: { path: at }, parseAs: 'text', signal })),
  });
}

/** Puts a schema into force, or with `dryRun` only checks the stored records and the tests against it. */
export async function putSchema(
  at: ResourceAt,
  schema: string,
  how: { dryRun?: boolean; requireValid?: boolean },
): Promise<SchemaOutcome> {
  return bodyOf<SchemaOutcome>(
    api.PUT(`${RESOURCE}/schema`, {
      params: { path: at },
      body: {} as never,
      bodySerializer: () => `{"schema":${schema},${JSON.stringify(how).slice(1)}`,
      parseAs: 'text',
    }),
  );
}

export type RecordOrder = ListOrder;

export type RecordFilter = {
  q?: string | undefined;
  /** Values of top-level properties. */
  where?: Record<string, string> | undefined;
};

/** The records of a resource, for useKeysetRows. */
export function recordRows(at: ResourceAt, order: RecordOrder, filter: RecordFilter = {}) {
  return {
    queryKey: ['records', at, order, filter],
    read: (page: PageOf, signal: AbortSignal) =>
      bodyOf<RecordList>(
        api.GET(`${RESOURCE}/records`, {
          params: { path: at, query: { ...pageQuery(page), ...order, ...given(filter) } },
          parseAs: 'text',
          signal,
        }),
      ),
  };
}

export async function readRecord(at: ResourceAt, recordId: string, signal?: AbortSignal): Promise<EvidenceRecord> {
  return bodyOf<EvidenceRecord>(
    api.GET(RECORD, { params: { path: { ...at, recordId } }, parseAs: 'text', ...given({ signal }) }),
  );
}

export function recordQuery(at: ResourceAt, recordId: string) {
  return queryOptions({
    queryKey: ['records', at, 'one', recordId],
    queryFn: ({ signal }) => readRecord(at, recordId, signal),
    ...live,
  });
}

const HISTORY = 100;

/** What a record was before, newest first; at most a hundred versions. */
export function recordVersionsQuery(at: ResourceAt, recordId: string) {
  return queryOptions({
    queryKey: ['records', at, 'versions', recordId],
    queryFn: ({ signal }) =>
      bodyOf<{ data: RecordVersion[]; pagination: { cursor: string | null } }>(
        api.GET(`${RECORD}/versions`, {
          params: { path: { ...at, recordId }, query: { size: HISTORY } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

export function recordVerdictsQuery(at: ResourceAt, recordId: string) {
  return queryOptions({
    queryKey: ['findings', at, 'of record', recordId],
    queryFn: ({ signal }) =>
      bodyOf<RecordVerdicts>(
        api.GET(`${RECORD}/verdicts`, {
          params: { path: { ...at, recordId }, query: { size: HISTORY } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

/** Stores a record whole, under the id that it has; its text goes as it is. */
export async function writeRecord(at: ResourceAt, record: string): Promise<unknown> {
  return bodyOf(
    api.POST(`${RESOURCE}/records`, {
      params: { path: at },
      body: {} as never,
      bodySerializer: () => `{"data":${record}}`,
      parseAs: 'text',
    }),
  );
}

/** Writes a record back as it was. */
export function restoreRecord(at: ResourceAt, attributes: unknown): Promise<unknown> {
  return writeRecord(at, jsonText(attributes));
}

export async function deleteRecord(at: ResourceAt, recordId: string): Promise<void> {
  await done(api.DELETE(RECORD, { params: { path: { ...at, recordId } }, parseAs: 'text' }));
}

export type SessionStatus = Session['status'];

export function sessionsQuery(at: ResourceAt, page: PageOf, status?: SessionStatus) {
  return queryOptions({
    queryKey: ['sessions', at, page, status],
    queryFn: ({ signal }) =>
      bodyOf<SessionList>(
        api.GET(`${RESOURCE}/sessions`, {
          params: { path: at, query: { ...pageQuery(page), ...given({ status }) } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}

export type SessionCounts = { created?: number; updated?: number; unchanged?: number; deleted?: number };

/** Ends a session; with `dryRun` it only counts what would change. */
export async function endSession(
  at: ResourceAt,
  sessionId: string,
  action: 'complete' | 'cancel',
  dryRun = false,
): Promise<SessionCounts> {
  return bodyOf<SessionCounts>(
    api.POST(`${RESOURCE}/sessions/{sessionId}/actions`, {
      params: { path: { ...at, sessionId } },
      body: dryRun ? { action, dryRun } : { action },
      parseAs: 'text',
    }),
  );
}

/** The tests over a resource or a connection, those that fail first; at most five hundred. */
export function testsOverQuery(workspaceId: number, over: { resourceId: number } | { connectionId: number }) {
  return queryOptions({
    queryKey: ['tests', workspaceId, 'over', over],
    queryFn: ({ signal }) =>
      bodyOf<TestList>(
        api.GET('/public/v2/workspaces/{workspaceId}/monitoring-tests', {
          params: { path: { workspaceId }, query: { size: 500, sort: 'result', sortDir: 'DESC', ...over } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}
