import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { type PageOf, pageQuery } from '@/shared/api/connections';
import { given } from '@/shared/api/given';
import { live } from '@/shared/api/live';
import type { operations } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const ALL = '/public/v2/workspaces/{workspaceId}/controls';
const ONE = `${ALL}/{controlId}` as const;

export type ControlList = BodyOf<operations['listControls']>;
export type Control = NonNullable<ControlList['data']>[number];
export type ControlTest = NonNullable<Control['tests']>[number];
export type ControlNoteList = BodyOf<operations['listControlNotes']>;
export type ControlNote = NonNullable<ControlNoteList['data']>[number];

/** How the list of controls is narrowed and ordered. */
export type ControlFilter = {
  q?: string | undefined;
  isReady?: boolean | undefined;
  isArchived?: boolean | undefined;
  hasTest?: boolean | undefined;
  frameworkId?: number | undefined;
  'ownerIds[]'?: string[] | undefined;
  sort?: 'createdAt' | 'updatedAt' | 'code' | 'name' | undefined;
  sortDir?: 'ASC' | 'DESC' | undefined;
};

export function controlsQuery(workspaceId: number, page: PageOf, filter: ControlFilter) {
  return queryOptions({
    queryKey: ['controls', workspaceId, page, filter],
    queryFn: ({ signal }) =>
      bodyOf<ControlList>(
        api.GET(ALL, {
          params: {
            path: { workspaceId },
            query: { ...pageQuery(page), 'expand[]': ['requirements', 'owners'], ...given(filter) },
          },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}

const FOUND = 20;
const MOST = 500;

/** The first controls with a text, for a picker. */
export function controlChoicesQuery(workspaceId: number, search: string) {
  return queryOptions({
    queryKey: ['controls', 'choices', workspaceId, search],
    queryFn: ({ signal }) =>
      bodyOf<ControlList>(
        api.GET(ALL, {
          params: {
            path: { workspaceId },
            query: { size: FOUND, sort: 'code', sortDir: 'ASC', ...(search === '' ? {} : { q: search }) },
          },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

export type ControlAt = { workspaceId: number; controlId: number };

const path = ({ workspaceId, controlId }: ControlAt) => ({ workspaceId, controlId: String(controlId) });

export function controlQuery(at: ControlAt) {
  return queryOptions({
    queryKey: ['controls', 'one', at],
    queryFn: ({ signal }) =>
      bodyOf<Control>(
        api.GET(ONE, {
          params: { path: path(at), query: { 'expand[]': ['tests', 'requirements', 'owners'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

/** The requirements that a control serves, with their readiness. */
export function controlRequirementsQuery(at: ControlAt) {
  return queryOptions({
    queryKey: ['requirements', 'of control', at],
    queryFn: ({ signal }) =>
      bodyOf<BodyOf<operations['listControlRequirements']>>(
        api.GET(`${ONE}/requirements`, {
          params: { path: path(at), query: { size: MOST, sortDir: 'ASC', 'expand[]': ['framework'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

export type Owner = NonNullable<Control['owners']>['data'][number];

/** People who can own a control, for a picker. */
export function peopleQuery(q: string) {
  return queryOptions({
    queryKey: ['users', 'choices', q],
    queryFn: ({ signal }) =>
      bodyOf<BodyOf<operations['listUsers']>>(
        api.GET('/public/v2/users', {
          params: { query: { size: FOUND, ...(q === '' ? {} : { q }) } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** Replaces the owners of a control. */
export function changeOwners(at: ControlAt, ownerUserIds: number[]): Promise<unknown> {
  return bodyOf(api.PUT(`${ONE}/owners`, { params: { path: path(at) }, body: { ownerUserIds }, parseAs: 'text' }));
}

export type ControlText = {
  code: string;
  name: string;
  description: string;
  question: string | null;
  activity: string | null;
};

export function createControl(workspaceId: number, body: ControlText): Promise<Control> {
  return bodyOf<Control>(api.POST(ALL, { params: { path: { workspaceId } }, body, parseAs: 'text' }));
}

export function changeControl(
  at: ControlAt,
  body: Partial<ControlText> & { testIds?: number[]; requirementIds?: number[] },
): Promise<Control> {
  return bodyOf<Control>(api.PUT(ONE, { params: { path: path(at) }, body, parseAs: 'text' }));
}

/** Marks a control in or out of scope. */
export function scopeControl(at: ControlAt, inScope: boolean, rationale: string): Promise<Control> {
  return bodyOf<Control>(
    api.POST(`${ONE}/actions`, {
      params: { path: path(at) },
      body: { action: inScope ? 'markInScope' : 'markOutOfScope', ...(rationale === '' ? {} : { rationale }) },
      parseAs: 'text',
    }),
  );
}

export function notesQuery(at: ControlAt, page: PageOf) {
  return queryOptions({
    queryKey: ['controls', 'notes', at, page],
    queryFn: ({ signal }) =>
      bodyOf<ControlNoteList>(
        api.GET(`${ONE}/notes`, { params: { path: path(at), query: pageQuery(page) }, parseAs: 'text', signal }),
      ),
    placeholderData: keepPreviousData,
  });
}

export function createNote(at: ControlAt, comment: string): Promise<ControlNote> {
  return bodyOf<ControlNote>(
    api.POST(`${ONE}/notes`, { params: { path: path(at) }, body: { comment }, parseAs: 'text' }),
  );
}

export function changeNote(at: ControlAt, noteId: number, comment: string): Promise<ControlNote> {
  return bodyOf<ControlNote>(
    api.PUT(`${ONE}/notes/{noteId}`, { params: { path: { ...path(at), noteId } }, body: { comment }, parseAs: 'text' }),
  );
}

export async function deleteNote(at: ControlAt, noteId: number): Promise<void> {
  const { response, error } = await api.DELETE(`${ONE}/notes/{noteId}`, {
    params: { path: { ...path(at), noteId } },
    parseAs: 'text',
  });
  if (!response.ok) await bodyOf(Promise.resolve({ response, error }));
}
