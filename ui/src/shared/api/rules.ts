import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { lintText, type RuleLanguage } from '@/shared/api/editing';
import type { paths } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const TESTS = '/public/v2/workspaces/{workspaceId}/monitoring-tests';
const MINUTE = 60_000;

type Get<Path extends keyof paths> = paths[Path] extends { get: infer Operation } ? BodyOf<Operation> : never;
type Post<Path extends keyof paths> = paths[Path] extends { post: infer Operation } ? BodyOf<Operation> : never;

export type Language = RuleLanguage;
export type Operator = Language['operators'][number];
export type Assertion = Language['assertions'][number];
export type Preview = Post<`${typeof TESTS}/preview`>;
export type Example = Preview['examples'][number];
export type Difference = NonNullable<Preview['difference']>;
export type PreviewJob = Get<`${typeof TESTS}/preview/{jobId}`>;
export type Attempts = Post<`${typeof TESTS}/try`>;
export type NamedCondition = Get<'/public/v2/workspaces/{workspaceId}/conditions'>['data'][number];

/** The named conditions of a workspace. */
export function conditionsQuery(workspaceId: number) {
  return queryOptions({
    queryKey: ['conditions', workspaceId],
    queryFn: ({ signal }) =>
      bodyOf<{ data: NamedCondition[] }>(
        api.GET('/public/v2/workspaces/{workspaceId}/conditions', {
          params: { path: { workspaceId } },
          parseAs: 'text',
          signal,
        }),
      ),
    staleTime: MINUTE,
  });
}

// Logic goes to the server as the text that it is: JSON.stringify would change its numbers.
function sent(text: string): { body: never; bodySerializer: () => string; headers: Record<string, string> } {
  return { body: {} as never, bodySerializer: () => text, headers: { 'Content-Type': 'application/json' } };
}

const member = (name: string, text: string | undefined): string[] =>
  text === undefined ? [] : [`${JSON.stringify(name)}:${text}`];
const objectOf = (...members: string[][]): string => `{${members.flat().join(',')}}`;

/** Logic to be previewed, as JSON text. */
export type Trial = { workspaceId: number; logic: string; asOf?: string | undefined; against?: string | undefined };

export function previewQuery({ workspaceId, logic, asOf, against }: Trial) {
  return queryOptions({
    queryKey: ['preview', workspaceId, logic, asOf, against],
    queryFn: ({ signal }) =>
      bodyOf<Preview>(
        api.POST(`${TESTS}/preview`, {
          params: { path: { workspaceId } },
          ...sent(
            objectOf(
              member('logic', logic),
              member('asOf', asOf === undefined ? undefined : JSON.stringify(asOf)),
              member('against', against),
            ),
          ),
          parseAs: 'text',
          signal,
        }),
      ),
    // What was counted a moment ago stays until the new counts come.
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: MINUTE,
  });
}

/** What is wrong with the text of some logic, at its place, and what it says in words. */
export function lintQuery(workspaceId: number, text: string) {
  return queryOptions({
    queryKey: ['preview', 'lint', 'logic', workspaceId, text],
    queryFn: ({ signal }) => lintText({ workspaceId, text, what: 'logic' }, signal),
    placeholderData: keepPreviousData,
    staleTime: MINUTE,
    gcTime: MINUTE,
  });
}

const ASK_AGAIN = 700;

/** The full count that goes on after a sample. */
export function previewJobQuery(at: { workspaceId: number; jobId: string }) {
  return queryOptions({
    queryKey: ['preview', 'job', at],
    queryFn: ({ signal }) =>
      bodyOf<PreviewJob>(api.GET(`${TESTS}/preview/{jobId}`, { params: { path: at }, parseAs: 'text', signal })),
    refetchInterval: (query) =>
      query.state.error === null && !['done', 'failed'].includes(query.state.data?.state ?? '') ? ASK_AGAIN : false,
    gcTime: MINUTE,
  });
}

/** Ends a count that nobody waits for any more. */
export async function cancelPreviewJob(at: { workspaceId: number; jobId: string }): Promise<void> {
  await api.DELETE(`${TESTS}/preview/{jobId}`, { params: { path: at }, parseAs: 'text' });
}

/** What one group of some logic says of records that are stored nowhere. */
export function attemptQuery({
  workspaceId,
  logic,
  group,
  records,
}: {
  workspaceId: number;
  logic: string;
  group: number;
  /** The records as JSON text. */
  records: string[];
}) {
  return queryOptions({
    queryKey: ['preview', 'try', workspaceId, logic, group, records],
    queryFn: ({ signal }) =>
      bodyOf<Attempts>(
        api.POST(`${TESTS}/try`, {
          params: { path: { workspaceId } },
          ...sent(
            objectOf(
              member('logic', logic),
              member('group', String(group)),
              member('records', `[${records.join(',')}]`),
            ),
          ),
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    staleTime: 10_000,
    gcTime: MINUTE,
  });
}

type TestChange = { name?: string; description?: string; logic?: string; publish?: boolean; note?: string };

const changeText = ({ name, description, logic, publish, note }: TestChange): string =>
  objectOf(
    member('name', name === undefined ? undefined : JSON.stringify(name)),
    member('description', description === undefined ? undefined : JSON.stringify(description)),
    member('logic', logic),
    member('publish', publish === undefined ? undefined : String(publish)),
    member('note', note === undefined || note === '' ? undefined : JSON.stringify(note)),
  );

export type SavedTest = Get<`${typeof TESTS}/{testId}`>;

/** Creates a test, as a draft or published. */
export function createTest(workspaceId: number, change: TestChange): Promise<SavedTest> {
  return bodyOf<SavedTest>(
    api.POST(TESTS, { params: { path: { workspaceId } }, ...sent(changeText(change)), parseAs: 'text' }),
  );
}

/** A test with its revision, so that nobody overwrites what another saved meanwhile. */
export type Revision = { workspaceId: number; testId: number; revision: number };

/** A test with its logic as it is at this moment. */
export function readTest(at: { workspaceId: number; testId: number }, signal?: AbortSignal): Promise<SavedTest> {
  return bodyOf<SavedTest>(
    api.GET(`${TESTS}/{testId}`, {
      params: { path: at, query: { 'expand[]': ['logic'] } },
      parseAs: 'text',
      ...(signal === undefined ? {} : { signal }),
    }),
  );
}

/** A test to be edited, with its newest version; read once, because the editor goes on from there. */
export function editedTestQuery(at: { workspaceId: number; testId: number }) {
  return queryOptions({
    queryKey: ['tests', 'edited', at],
    queryFn: async ({ signal }) => {
      const version = await newestVersion(at);
      return { test: await readTest(at, signal), version };
    },
    staleTime: 0,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
}

/** Saves a test; its logic becomes the draft. */
export function saveTest({ workspaceId, testId, revision }: Revision, change: TestChange): Promise<SavedTest> {
  const request = sent(changeText(change));
  return bodyOf<SavedTest>(
    api.PUT(`${TESTS}/{testId}`, {
      params: { path: { workspaceId, testId } },
      ...request,
      headers: { ...request.headers, 'If-Match': `"${revision}"` },
      parseAs: 'text',
    }),
  );
}

/** Publishes, discards or runs the draft of a test. */
export function actOnDraft(
  { workspaceId, testId, revision }: Revision,
  action: 'publish' | 'runDraft' | 'discardDraft',
  note = '',
): Promise<SavedTest> {
  return bodyOf<SavedTest>(
    api.POST(`${TESTS}/{testId}/actions`, {
      params: { path: { workspaceId, testId } },
      headers: { 'If-Match': `"${revision}"` },
      body: { action, ...(note === '' ? {} : { note }) },
      parseAs: 'text',
    }),
  );
}

export type VersionDifference = Extract<Get<`${typeof TESTS}/{testId}/versions/{range}`>, { changes: unknown }>;

/** The newest version of a test. */
export async function newestVersion(at: { workspaceId: number; testId: number }): Promise<number | undefined> {
  const page = await bodyOf<{ data: { version: number }[] }>(
    api.GET(`${TESTS}/{testId}/versions`, {
      params: { path: at, query: { size: 1, sort: 'createdAt', sortDir: 'DESC' } },
      parseAs: 'text',
    }),
  );
  return page.data[0]?.version;
}

/** What differs between two versions of a test. */
export function compareVersions(at: { workspaceId: number; testId: number }, from: number, to: number) {
  return bodyOf<VersionDifference>(
    api.GET(`${TESTS}/{testId}/versions/{range}`, {
      params: { path: { ...at, range: `${from}...${to}` } },
      parseAs: 'text',
    }),
  );
}

/** A resource that a test can be written over. */
export type ResourceChoice = {
  id: number;
  name: string;
  connectionId: number;
  connection: string;
  /** The kinds of provider, as the API spells them. */
  categories: string[];
  records: number;
  displayNameKey: string;
};

const ALL_AT_ONCE = 200;
const MOST_PAGES = 10;

/** The resources of all connections in reach. */
export function resourceChoicesQuery() {
  return queryOptions({
    queryKey: ['connections', 'choices'],
    queryFn: async ({ signal }) => {
      const all: ResourceChoice[] = [];
      let cursor: string | undefined;
      for (let page = 0; page < MOST_PAGES; page += 1) {
        const list: Get<'/public/v2/custom-connections'> = await bodyOf(
          api.GET('/public/v2/custom-connections', {
            params: {
              query: {
                size: ALL_AT_ONCE,
                'expand[]': ['customResources'],
                ...(cursor === undefined ? {} : { cursor }),
              },
            },
            parseAs: 'text',
            signal,
          }),
        );
        for (const connection of list.data) {
          for (const resource of connection.customResources ?? []) {
            all.push({
              id: resource.id,
              name: resource.name,
              connectionId: connection.id,
              connection: connection.clientAlias ?? resource.name,
              categories: connection.providerTypes,
              records: resource.recordCount,
              displayNameKey: resource.displayNameKey,
            });
          }
        }
        cursor = list.pagination.cursor ?? undefined;
        if (cursor === undefined) break;
      }
      return all;
    },
    staleTime: 10_000,
  });
}
