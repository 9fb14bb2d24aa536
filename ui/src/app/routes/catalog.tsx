import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { InWorkspace } from '@/app/workspace';
import { CatalogPage } from '@/features/catalog/catalog-page';
import { EntryDrawer } from '@/features/catalog/entry-drawer';
import { UseDialog } from '@/features/catalog/use-dialog';
import { catalogCategoriesQuery, catalogEntryQuery, catalogQuery, connectEntry } from '@/shared/api/catalog';
import { connectionsQuery } from '@/shared/api/connections';
import { workspacesQuery } from '@/shared/api/organisation';
import { useMay } from '@/shared/auth/may';
import { notifyDone } from '@/shared/ui/notify';

export function CatalogRoute() {
  return <InWorkspace>{(workspaceId) => <Catalog workspaceId={workspaceId} />}</InWorkspace>;
}

function Catalog({ workspaceId }: { workspaceId: number }) {
  const { q, category, kind, entry, connect } = useSearch({ from: '/signed-in/connections/available' });
  const navigate = useNavigate({ from: '/connections/available' });
  const queries = useQueryClient();
  const list = useQuery(catalogQuery({ q, category, kind }));
  const categories = useQuery(catalogCategoriesQuery());
  const connections = useQuery(connectionsQuery({ size: 1 }));
  const workspaces = useQuery(workspacesQuery());
  const opened = useQuery({ ...catalogEntryQuery(entry ?? ''), enabled: entry !== undefined });
  const may = useMay();
  const mayCreate = may('custom-connections-post');
  const show = (change: { entry?: string | undefined; connect?: 'yes' | undefined }) =>
    void navigate({ search: (before) => ({ ...before, ...change }), resetScroll: false });
  return (
    <>
      <CatalogPage
        list={list}
        categories={categories.data?.data ?? []}
        filter={{ q, category, kind }}
        newcomer={connections.data?.data.length === 0}
        mayCreate={mayCreate}
      />
      <EntryDrawer
        opened={entry === undefined || connect === 'yes' ? undefined : opened}
        close={() => {
          show({ entry: undefined, connect: undefined });
        }}
        {...(mayCreate && may('monitors-post-monitor')
          ? {
              connect: () => {
                show({ connect: 'yes' });
              },
            }
          : {})}
      />
      {connect === 'yes' && opened.data !== undefined && (
        <UseDialog
          key={opened.data.slug}
          entry={opened.data}
          workspaceId={workspaceId}
          workspaces={workspaces.data?.data ?? []}
          make={(body) => connectEntry(opened.data.slug, body)}
          used={(made) => {
            void queries.invalidateQueries({ queryKey: ['connections'] });
            void queries.invalidateQueries({ queryKey: ['tests'] });
            const lacking = made.unmappedControls.map(({ code }) => code);
            notifyDone(
              lacking.length === 0
                ? `${made.clientAlias ?? opened.data.name} is there, with its tests.`
                : `${made.clientAlias ?? opened.data.name} is there, with its tests. These controls are not in the workspace, and you may not add them: ${lacking.join(', ')}.`,
            );
            void navigate({
              to: '/connections/$connectionId',
              params: { connectionId: made.id },
              search: opened.data.recipe === null ? {} : { tab: 'collection' },
            });
          }}
          close={() => {
            show({ connect: undefined });
          }}
        />
      )}
    </>
  );
}
