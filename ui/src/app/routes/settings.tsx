import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { AIProviderPage } from '@/features/settings/ai-provider-page';
import { CustomFieldsPage } from '@/features/settings/custom-fields-page';
import { KeysPage } from '@/features/settings/keys-page';
import { OrganisationPage } from '@/features/settings/organisation-page';
import { PeoplePage } from '@/features/settings/people-page';
import { PoliciesPage } from '@/features/settings/policies-page';
import { WorkspacesPage } from '@/features/settings/workspaces-page';
import { aiProviderQuery, tryAIProvider, updateAIProvider } from '@/shared/api/ai-provider';
import { authQuery } from '@/shared/api/auth';
import { deviceConnectionsQuery } from '@/shared/api/connections';
import { changeCustomField, createCustomField, customFieldsQuery, deleteCustomField } from '@/shared/api/custom-fields';
import { groupsQuery, setScope } from '@/shared/api/groups';
import { createKey, keysQuery, revokeKey } from '@/shared/api/keys';
import { companyQuery, scopedWorkspacesQuery, workspacesQuery } from '@/shared/api/organisation';
import {
  acceptTerms,
  createWorkspace,
  settingsQuery,
  updateCompany,
  updateSettings,
  updateWorkspace,
} from '@/shared/api/settings';
import { actOnUser, deleteUser, inviteUser, rolesQuery, updateGrants, usersQuery } from '@/shared/api/users';
import { meQuery, useMay } from '@/shared/auth/may';
import { notifyDone } from '@/shared/ui/notify';

const SIZE = 50;

export function OrganisationRoute() {
  const company = useQuery(companyQuery());
  const queries = useQueryClient();
  const may = useMay();
  return (
    <OrganisationPage
      may={may}
      company={company}
      save={async (change) => {
        queries.setQueryData(companyQuery().queryKey, await updateCompany(change));
        notifyDone('The organisation is saved.');
      }}
    />
  );
}

export function WorkspacesRoute() {
  const list = useQuery(scopedWorkspacesQuery());
  const queries = useQueryClient();
  const may = useMay();
  const groups = useQuery({ ...groupsQuery(), enabled: may('personnel-get') });
  return (
    <WorkspacesPage
      may={may}
      list={list}
      groups={groups.data?.data}
      saveScope={async ({ id, name }, groupIds) => {
        await setScope(id, groupIds);
        await Promise.all(['workspaces', 'personnel'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
        notifyDone(`The people in scope of ${name} are saved.`);
      }}
      save={async (workspace, form) => {
        await (workspace === null ? createWorkspace(form) : updateWorkspace(workspace.id, form));
        await queries.invalidateQueries({ queryKey: ['workspaces'] });
        notifyDone(
          workspace === null ? `The workspace ${form.name} is created.` : `The workspace ${form.name} is saved.`,
        );
      }}
    />
  );
}

export function CustomFieldsRoute() {
  const assets = useQuery(customFieldsQuery('ASSET'));
  const people = useQuery(customFieldsQuery('PERSONNEL'));
  const queries = useQueryClient();
  const may = useMay();
  const refresh = () =>
    Promise.all(['settings', 'assets', 'personnel'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  return (
    <CustomFieldsPage
      may={may}
      lists={{ ASSET: assets, PERSONNEL: people }}
      save={async (field, kind, change) => {
        const { name } = await (field === null ? createCustomField(kind, change) : changeCustomField(field.id, change));
        await refresh();
        notifyDone(field === null ? `The field ${name} is defined.` : `The field ${name} is saved.`);
      }}
      remove={async (field) => {
        await deleteCustomField(field.id);
        await refresh();
        notifyDone(`The field ${field.name} is deleted.`);
      }}
    />
  );
}

export function PeopleRoute() {
  const search = useSearch({ from: '/signed-in/settings/people' });
  const filter = { q: search.q, role: search.role, standing: search.standing, cursor: search.cursor };
  const navigate = useNavigate({ from: '/settings/people' });
  const may = useMay();
  const { data: me } = useQuery(meQuery());
  const { data: roles } = useQuery(rolesQuery());
  const { data: workspaces } = useQuery(workspacesQuery());
  const list = useQuery(
    usersQuery({ q: filter.q, role: filter.role, state: filter.standing, cursor: filter.cursor, size: SIZE }),
  );
  const queries = useQueryClient();
  const again = () => queries.invalidateQueries({ queryKey: ['users'] });
  const [leaving, setLeaving] = useState<number>();
  const mayRevoke = may('api-keys-get') && may('api-keys-delete');
  const keys = useQuery({
    ...keysQuery({ size: 5, userId: leaving, usable: true }),
    enabled: mayRevoke && leaving !== undefined,
  });
  return (
    <PeoplePage
      keys={mayRevoke ? keys : undefined}
      leaving={(user) => {
        setLeaving(user?.id);
      }}
      may={may}
      self={me?.user?.id}
      list={list}
      roles={roles?.data ?? []}
      workspaces={workspaces?.data ?? []}
      search={filter}
      size={SIZE}
      narrow={(next) => void navigate({ search: { ...next, cursor: undefined }, replace: true })}
      origin={window.location.origin}
      invite={async (email, grants) => {
        const made = await inviteUser({ email, grants });
        await again();
        return made;
      }}
      regrant={async (user, grants) => {
        await updateGrants(user.id, grants);
        await again();
        notifyDone(`The roles of ${user.displayName} are saved.`);
      }}
      act={async (user, action, revokeKeys) => {
        const done = await actOnUser(user.id, action, revokeKeys);
        await Promise.all([again(), queries.invalidateQueries({ queryKey: ['keys'] })]);
        return done;
      }}
      remove={async (user, revokeKeys) => {
        await deleteUser(user.id, revokeKeys);
        await Promise.all([again(), queries.invalidateQueries({ queryKey: ['keys'] })]);
        notifyDone(`The account of ${user.displayName} is deleted.`);
      }}
    />
  );
}

export function KeysRoute() {
  const { cursor } = useSearch({ from: '/signed-in/settings/keys' });
  const may = useMay();
  const { data: me } = useQuery(meQuery());
  const { data: roles } = useQuery(rolesQuery());
  const list = useQuery(keysQuery({ cursor, size: SIZE }));
  const { data: connections } = useQuery({ ...deviceConnectionsQuery(), enabled: may('api-keys-post') });
  const queries = useQueryClient();
  const again = () => queries.invalidateQueries({ queryKey: ['keys'] });
  return (
    <KeysPage
      may={may}
      list={list}
      // The administrator's role has every scope, in words.
      scopes={roles?.data.find(({ role }) => role === 'ADMIN')?.scopes ?? []}
      mine={me?.scopes ?? []}
      connections={(connections?.data ?? []).map(({ id, clientAlias }) => ({
        id,
        name: clientAlias ?? `Connection ${id}`,
      }))}
      cursor={cursor}
      size={SIZE}
      create={async (key) => {
        const made = await createKey(key);
        await again();
        return made;
      }}
      revoke={async (key) => {
        await revokeKey(key.id);
        await again();
        notifyDone(`The key ${key.name} is revoked.`);
      }}
    />
  );
}

export function PoliciesRoute() {
  const settings = useQuery(settingsQuery());
  const { data: auth } = useQuery(authQuery());
  const queries = useQueryClient();
  const may = useMay();
  return (
    <PoliciesPage
      may={may}
      settings={settings}
      auth={auth}
      save={async (change) => {
        queries.setQueryData(settingsQuery().queryKey, await updateSettings(change));
        notifyDone('The policies are saved.');
      }}
      accept={async () => {
        queries.setQueryData(settingsQuery().queryKey, await acceptTerms());
      }}
    />
  );
}

export function AIProviderRoute() {
  const provider = useQuery(aiProviderQuery());
  const queries = useQueryClient();
  const may = useMay();
  return (
    <AIProviderPage
      may={may}
      provider={provider}
      save={async (change) => {
        const saved = await updateAIProvider(change);
        queries.setQueryData(aiProviderQuery().queryKey, saved);
        notifyDone('The AI provider is saved.');
        return saved;
      }}
      attempt={tryAIProvider}
    />
  );
}
