import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import type { Company, Settings, Workspace } from '@/shared/api/types';

export type { Settings };

export function settingsQuery() {
  return queryOptions({
    queryKey: ['settings'],
    queryFn: ({ signal }) => bodyOf<Settings>(api.GET('/public/v2/settings', { parseAs: 'text', signal })),
    staleTime: 60_000,
  });
}

export type SettingsChange = {
  disabledFeatures?: 'CUSTOM_CONNECTIONS_AND_TESTS'[];
  termsVersion?: string | null;
  termsText?: string | null;
  exclusionExpiryRequired?: boolean;
  exclusionMaxDays?: number;
  exclusionWarningDays?: number;
};

export function updateSettings(body: SettingsChange): Promise<Settings> {
  return bodyOf(api.PUT('/public/v2/settings', { body, parseAs: 'text' }));
}

export function acceptTerms(): Promise<Settings> {
  return bodyOf(api.POST('/public/v2/settings/actions', { body: { action: 'acceptTerms' }, parseAs: 'text' }));
}

export type CompanyChange = { name: string; domain: string; legalName: string | null; description: string | null };

export function updateCompany(body: CompanyChange): Promise<Company> {
  return bodyOf(api.PUT('/public/v2/company', { body, parseAs: 'text' }));
}

export type WorkspaceForm = { name: string; description: string | null; url: string | null };

export function createWorkspace(body: WorkspaceForm): Promise<Workspace> {
  return bodyOf(api.POST('/public/v2/workspaces', { body, parseAs: 'text' }));
}

export function updateWorkspace(workspaceId: number, body: WorkspaceForm): Promise<Workspace> {
  return bodyOf(
    api.PUT('/public/v2/workspaces/{workspaceId}', { params: { path: { workspaceId } }, body, parseAs: 'text' }),
  );
}
