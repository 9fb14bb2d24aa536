import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { type PageOf, pageQuery } from '@/shared/api/connections';
import { given } from '@/shared/api/given';
import { live } from '@/shared/api/live';
import type { operations } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const ALL = '/public/v2/workspaces/{workspaceId}/frameworks';
const ONE = `${ALL}/{frameworkId}` as const;
const REQUIREMENTS = `${ONE}/requirements` as const;

export type FrameworkList = BodyOf<operations['listFrameworks']>;
export type Framework = NonNullable<FrameworkList['data']>[number];
export type AvailableFramework = NonNullable<BodyOf<operations['listAvailableFrameworks']>['data']>[number];
export type Installed = BodyOf<operations['performFrameworksAction']>;
export type RequirementList = BodyOf<operations['listRequirements']>;
export type Requirement = NonNullable<RequirementList['data']>[number];
export type FrameworkImport = BodyOf<operations['importFramework']>;

const ALL_AT_ONCE = 200;

/** The frameworks of a workspace, oldest first; it has 200 at most. */
export function frameworksQuery(workspaceId: number) {
  return queryOptions({
    queryKey: ['frameworks', workspaceId],
    queryFn: ({ signal }) =>
      bodyOf<FrameworkList>(
        api.GET(ALL, {
          params: { path: { workspaceId }, query: { size: ALL_AT_ONCE, sortDir: 'ASC' } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

/** The frameworks that come with the program. */
export function availableFrameworksQuery(workspaceId: number) {
  return queryOptions({
    queryKey: ['frameworks', 'available', workspaceId],
    queryFn: ({ signal }) =>
      bodyOf<{ data: AvailableFramework[] }>(
        api.GET(`${ALL}/available`, { params: { path: { workspaceId } }, parseAs: 'text', signal }),
      ),
  });
}

export type FrameworkAt = { workspaceId: number; frameworkId: number };

export function frameworkQuery(at: FrameworkAt) {
  return queryOptions({
    queryKey: ['frameworks', 'one', at],
    queryFn: ({ signal }) => bodyOf<Framework>(api.GET(ONE, { params: { path: at }, parseAs: 'text', signal })),
    ...live,
  });
}

/** How the requirements of a framework are narrowed. */
export type RequirementFilter = {
  q?: string | undefined;
  isReady?: boolean | undefined;
  isInScope?: boolean | undefined;
};

export function requirementsQuery(at: FrameworkAt, page: PageOf, filter: RequirementFilter) {
  return queryOptions({
    queryKey: ['requirements', at, page, filter],
    queryFn: ({ signal }) =>
      bodyOf<RequirementList>(
        api.GET(REQUIREMENTS, {
          params: {
            path: at,
            query: { ...pageQuery(page), sortDir: 'ASC', 'expand[]': ['controls'], ...given(filter) },
          },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}

export type RequirementAt = FrameworkAt & { requirementId: number };

export function requirementQuery(at: RequirementAt) {
  return queryOptions({
    queryKey: ['requirements', 'one', at],
    queryFn: ({ signal }) =>
      bodyOf<Requirement>(
        api.GET(`${REQUIREMENTS}/{requirementId}`, {
          params: { path: at, query: { 'expand[]': ['controls'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

/** The controls that serve a requirement, with their tests. */
export function servingControlsQuery(at: RequirementAt) {
  return queryOptions({
    queryKey: ['controls', 'serving', at],
    queryFn: ({ signal }) =>
      bodyOf<BodyOf<operations['listRequirementControls']>>(
        api.GET(`${REQUIREMENTS}/{requirementId}/controls`, {
          params: { path: at, query: { size: ALL_AT_ONCE, sortDir: 'ASC', 'expand[]': ['tests'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

export function installFramework(workspaceId: number, slug: string): Promise<Installed> {
  return bodyOf<Installed>(
    api.POST(`${ALL}/actions`, {
      params: { path: { workspaceId } },
      body: { action: 'install', slug },
      parseAs: 'text',
    }),
  );
}

export type FrameworkText = { name: string; shortName: string; description: string };

export function createFramework(workspaceId: number, body: FrameworkText): Promise<Framework> {
  return bodyOf<Framework>(api.POST(ALL, { params: { path: { workspaceId } }, body, parseAs: 'text' }));
}

export function changeFramework(
  at: FrameworkAt,
  body: Partial<FrameworkText> & { isEnabled?: boolean },
): Promise<Framework> {
  return bodyOf<Framework>(api.PUT(ONE, { params: { path: at }, body, parseAs: 'text' }));
}

export async function deleteFramework(at: FrameworkAt): Promise<void> {
  await bodyOrNothing(api.DELETE(ONE, { params: { path: at }, parseAs: 'text' }));
}

export type RequirementText = {
  code: string;
  name: string;
  description: string | null;
  category: string | null;
  additionalInfo: string | null;
};

export function createRequirement(at: FrameworkAt, body: RequirementText): Promise<unknown> {
  return bodyOf(api.POST(REQUIREMENTS, { params: { path: at }, body: { data: [body] }, parseAs: 'text' }));
}

export function changeRequirement(
  at: RequirementAt,
  body: Partial<RequirementText> & { controlIds?: number[]; isInScope?: boolean; rationale?: string | null },
): Promise<Requirement> {
  return bodyOf<Requirement>(
    api.PUT(`${REQUIREMENTS}/{requirementId}`, { params: { path: at }, body, parseAs: 'text' }),
  );
}

export async function deleteRequirement(at: RequirementAt): Promise<void> {
  await bodyOrNothing(api.DELETE(`${REQUIREMENTS}/{requirementId}`, { params: { path: at }, parseAs: 'text' }));
}

/** A file to be imported, with what its framework is to be called. */
export type Upload = { format: 'csv' | 'oscal'; text: string; name: string; shortName: string };

/** Imports a framework, or with dryRun only tells what would come of it and what is wrong. */
export function importFramework(workspaceId: number, upload: Upload, dryRun: boolean): Promise<FrameworkImport> {
  const { format, text, name, shortName } = upload;
  return bodyOf<FrameworkImport>(
    api.POST(`${ALL}/import`, {
      params: {
        path: { workspaceId },
        query: {
          dryRun,
          format,
          ...given({ name: name === '' ? undefined : name, shortName: shortName === '' ? undefined : shortName }),
        },
      },
      // The file goes as it is: read and written again, it would lose its lines.
      body: {} as never,
      bodySerializer: () => text,
      headers: { 'Content-Type': format === 'csv' ? 'text/csv' : 'application/json' },
      parseAs: 'text',
    }),
  );
}

/** Where an example of a CSV file is. */
export function templateAddress(workspaceId: number): string {
  return `/public/v2/workspaces/${workspaceId}/frameworks/import-template`;
}

/** Where a framework is as a file. */
export function exportAddress({ workspaceId, frameworkId }: FrameworkAt, format: 'csv' | 'oscal'): string {
  return `/public/v2/workspaces/${workspaceId}/frameworks/${frameworkId}/export?format=${format}`;
}

/** Waits for a reply without a body. */
async function bodyOrNothing(call: Promise<{ response: Response; error?: unknown }>): Promise<void> {
  const { response, error } = await call;
  if (!response.ok) await bodyOf(Promise.resolve({ response, error }));
}
