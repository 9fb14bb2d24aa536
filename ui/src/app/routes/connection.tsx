import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { NotFound } from '@/app/not-found';
import { ConnectionAccounts } from '@/app/routes/connection-accounts';
import { ConnectionCollection } from '@/app/routes/connection-collection';
import { ConnectionDevices } from '@/app/routes/connection-devices';
import { ConnectionDiagnosis } from '@/app/routes/connection-diagnosis';
import { ConnectionIdentities } from '@/app/routes/connection-identities';
import { ConnectionApi, ConnectionSchema, ConnectionSessions } from '@/app/routes/connection-parts';
import { ConnectionLastSync, ConnectionSyncRuns } from '@/app/routes/connection-sync';
import { ConnectionRecords } from '@/app/routes/connection-records';
import { InWorkspace } from '@/app/workspace';
import { ConnectionPage, NoResource } from '@/features/connections/connection-page';
import { IntakeMenu, IntakeNotice } from '@/features/connections/intake';
import { connectionName } from '@/features/connections/names';
import { OverviewTab } from '@/features/connections/overview-tab';
import { type Settings, SettingsTab } from '@/features/connections/settings-tab';
import { BUILT_IN_TABS, CONNECTION_TABS } from '@/features/connections/tabs';
import { NewTest, TestsOver } from '@/features/connections/tests-over';
import {
  changeConnection,
  changeResource,
  checkSchema,
  connectionQuery,
  deleteConnection,
  sessionsQuery,
  testsOverQuery,
} from '@/shared/api/connections';
import { eventsQuery } from '@/shared/api/events';
import { actOnConnection, type ConnectionAction } from '@/shared/api/sync-runs';
import { jsonText } from '@/shared/api/json';
import { workspacesQuery } from '@/shared/api/organisation';
import type { Connection, Resource } from '@/shared/api/types';
import { useMay } from '@/shared/auth/may';
import { notifyDone } from '@/shared/ui/notify';
import { Loaded } from '@/shared/ui/states';

const FROM = '/signed-in/connections/$connectionId';
const EVENTS = 8;

const DONE: Record<ConnectionAction, (name: string) => string> = {
  refresh: (name) => `The collection of ${name} has begun.`,
  disconnect: (name) => `${name} is disconnected.`,
  reconnect: (name) => `${name} takes data again.`,
};

export function ConnectionRoute() {
  const { connectionId } = useParams({ from: FROM });
  const { resource: shown } = useSearch({ from: FROM });
  const connection = useQuery(connectionQuery(connectionId));
  return (
    <InWorkspace>
      {(workspaceId) => (
        <Loaded query={connection} label="the connection" page="Connection">
          {(data) => {
            const resources = data.customResources ?? [];
            const resource = shown === undefined ? resources[0] : resources.find((each) => each.id === shown);
            if (shown !== undefined && resource === undefined) return <NotFound />;
            return <Detail workspaceId={workspaceId} connection={data} resource={resource} />;
          }}
        </Loaded>
      )}
    </InWorkspace>
  );
}

function Detail({
  workspaceId,
  connection,
  resource,
}: {
  workspaceId: number;
  connection: Connection;
  resource: Resource | undefined;
}) {
  const { tab: asked } = useSearch({ from: FROM });
  const may = useMay();
  const queries = useQueryClient();
  const act = async (action: ConnectionAction) => {
    const changed = await actOnConnection(connection.id, action);
    await Promise.all(
      ['connections', 'sessions', 'syncRuns'].map((each) => queries.invalidateQueries({ queryKey: [each] })),
    );
    notifyDone(DONE[action](connectionName(changed)));
  };
  const at = { connectionId: connection.id, resourceId: resource?.id ?? 0 };
  const ofPeople = connection.providerTypes.includes('HRIS') && may('user-identities-hris-get');
  const builtIn = connection.kind === 'BUILT_IN';
  const reportsDevices = connection.providerTypes.includes('MDM') && may('devices-get');
  const tabs = (builtIn ? BUILT_IN_TABS : CONNECTION_TABS).filter((each) => {
    if (each === 'people') return ofPeople;
    if (each === 'devices') return reportsDevices;
    if (resource === undefined) return each === 'settings' || (each === 'overview' && !ofPeople && !reportsDevices);
    return each !== 'monitoring' || may('monitors-get');
  });
  const tab = asked ?? tabs[0] ?? 'overview';
  const content = () => {
    if (builtIn && !tabs.includes(tab)) return <NotFound />;
    if (tab === 'settings')
      return <SettingsPart workspaceId={workspaceId} connection={connection} resource={resource} />;
    if (tab === 'people') return ofPeople ? <ConnectionIdentities connectionId={connection.id} /> : <NotFound />;
    if (tab === 'devices' && reportsDevices) return <ConnectionDevices connection={connection} />;
    if (resource === undefined) return tab === 'overview' ? <NoResource /> : <NotFound />;
    switch (tab) {
      case 'records':
        return <ConnectionRecords at={at} resource={resource} />;
      case 'sessions':
        return <ConnectionSessions at={at} />;
      case 'schema':
        return <ConnectionSchema at={at} resource={resource} />;
      case 'collection':
        return (
          <ConnectionCollection
            key={`${resource.id} ${resource.collected}`}
            at={at}
            resource={resource}
            slug={connection.catalogSlug}
          />
        );
      case 'api':
        return <ConnectionApi at={at} resource={resource} />;
      case 'accounts':
        return <ConnectionAccounts at={at} />;
      case 'monitoring':
        return <Tests workspaceId={workspaceId} resourceId={resource.id} />;
      default:
        return <Overview workspaceId={workspaceId} connection={connection} resource={resource} />;
    }
  };
  return (
    <ConnectionPage
      connection={connection}
      resource={resource}
      tab={tab}
      tabs={tabs}
      notice={<IntakeNotice connection={connection} act={may('custom-connections-put') ? act : undefined} />}
      actions={
        <>
          {resource !== undefined && may('monitors-post-monitor') && <NewTest resourceId={resource.id} />}
          {!builtIn && may('custom-connections-put') && <IntakeMenu connection={connection} act={act} />}
        </>
      }
    >
      {content()}
    </ConnectionPage>
  );
}

function Tests({ workspaceId, resourceId }: { workspaceId: number; resourceId: number }) {
  const may = useMay();
  const tests = useQuery(testsOverQuery(workspaceId, { resourceId }));
  return (
    <Loaded query={tests} label="tests">
      {({ data }) => <TestsOver tests={data} resourceId={resourceId} mayCreate={may('monitors-post-monitor')} />}
    </Loaded>
  );
}

function Overview({
  workspaceId,
  connection,
  resource,
}: {
  workspaceId: number;
  connection: Connection;
  resource: Resource;
}) {
  const may = useMay();
  const sees = may('event-tracking-get');
  const sessions = useQuery(sessionsQuery({ connectionId: connection.id, resourceId: resource.id }, { size: 1 }));
  const events = useInfiniteQuery({
    ...eventsQuery({ connectionId: String(connection.id) }, EVENTS),
    enabled: sees,
  });
  return (
    <OverviewTab
      connection={connection}
      resource={resource}
      sessions={connection.kind === 'BUILT_IN' ? undefined : (sessions.data?.pagination.totalCount ?? undefined)}
      events={
        sees
          ? { data: events.data?.pages[0]?.data ?? undefined, error: events.error, refetch: events.refetch }
          : undefined
      }
      sync={<ConnectionLastSync connection={connection} resourceId={resource.id} />}
      runs={<ConnectionSyncRuns connection={connection} />}
    >
      <ConnectionDiagnosis connectionId={connection.id} />
      {may('monitors-get') && <Tests workspaceId={workspaceId} resourceId={resource.id} />}
    </OverviewTab>
  );
}

function SettingsPart({
  workspaceId,
  connection,
  resource,
}: {
  workspaceId: number;
  connection: Connection;
  resource: Resource | undefined;
}) {
  const may = useMay();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const workspaces = useQuery(workspacesQuery());
  const tests = useQuery({
    ...testsOverQuery(workspaceId, { connectionId: connection.id }),
    enabled: may('monitors-get'),
  });
  const sessions = useQuery({
    ...sessionsQuery({ connectionId: connection.id, resourceId: resource?.id ?? 0 }, { size: 1 }),
    enabled: resource !== undefined,
  });
  const schema = jsonText(resource?.schema);
  const names = useQuery({
    queryKey: ['checked schema', schema],
    queryFn: ({ signal }) => checkSchema(schema, signal),
    enabled: resource !== undefined,
    staleTime: Infinity,
  });
  const put = async (settings: Settings) => {
    await changeConnection(connection.id, {
      clientAlias: settings.name,
      description: settings.description.trim() === '' ? null : settings.description,
    });
    if (resource === undefined) return;
    await changeResource(
      { connectionId: connection.id, resourceId: resource.id },
      {
        name: settings.resourceName,
        displayNameKey: settings.displayNameKey,
        freshnessHours: settings.freshnessHours,
      },
    );
  };
  const refresh = () => queries.invalidateQueries({ queryKey: ['connections'] });
  const save = useMutation({
    // What it was is noted before the page hears of the change.
    mutationFn: async (settings: Settings) => {
      const before: Settings = {
        name: connectionName(connection),
        description: connection.description ?? '',
        resourceName: resource?.name ?? '',
        displayNameKey: resource?.displayNameKey ?? '',
        freshnessHours: resource?.freshnessHours ?? null,
      };
      await put(settings);
      return before;
    },
    onSuccess: (before) => {
      notifyDone('The settings are saved.', () => put(before).then(refresh));
    },
    onSettled: refresh,
  });
  return (
    <SettingsTab
      key={JSON.stringify([connection.updatedAt, resource?.updatedAt])}
      connection={connection}
      resource={resource}
      names={names.data?.displayNameKeys ?? []}
      tests={tests.data?.data}
      sessions={sessions.data?.pagination.totalCount ?? undefined}
      workspaces={(workspaces.data?.data ?? [])
        .filter((workspace) => connection.workspaceIds.includes(workspace.id))
        .map((workspace) => workspace.name)}
      may={{ edit: may('custom-connections-put'), delete: may('custom-connections-delete') }}
      save={save.mutate}
      saving={save.isPending}
      error={save.error}
      remove={async () => {
        await deleteConnection(connection.id);
        await navigate({ to: '/connections', search: {} });
        queries.removeQueries({ queryKey: ['connections', connection.id] });
        await refresh();
        notifyDone(`${connectionName(connection)} is deleted.`);
      }}
    />
  );
}
