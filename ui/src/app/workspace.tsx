import { NativeSelect } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { workspacesQuery } from '@/shared/api/organisation';
import type { Workspace } from '@/shared/api/types';
import { Page } from '@/shared/ui/page';
import { Empty, Loaded } from '@/shared/ui/states';

function chosen(workspaces: Workspace[], id: number | undefined): Workspace | undefined {
  return id === undefined
    ? (workspaces.find((workspace) => workspace.primary) ?? workspaces[0])
    : workspaces.find((workspace) => workspace.id === id);
}

/** Draws a page for the workspace that the address names, else for the primary one. */
export function InWorkspace({ children }: { children: (workspaceId: number) => ReactNode }) {
  const { workspace: id } = useSearch({ from: '__root__' });
  const workspaces = useQuery(workspacesQuery());
  return (
    <Loaded query={workspaces} label="workspaces" page="Plumbline">
      {({ data }) => {
        const workspace = chosen(data, id);
        return workspace === undefined ? (
          <Page title="No such workspace">
            <Empty title="Choose another workspace">No workspace of that number is within your reach.</Empty>
          </Page>
        ) : (
          children(workspace.id)
        );
      }}
    </Loaded>
  );
}

/** Lets people who reach several workspaces go from one to the other. */
export function WorkspacePicker() {
  const { workspace: id } = useSearch({ from: '__root__' });
  const { data } = useQuery(workspacesQuery());
  const navigate = useNavigate();
  if (data === undefined || data.data.length < 2) return null;
  return (
    <NativeSelect
      size="xs"
      aria-label="Workspace"
      value={String(chosen(data.data, id)?.id ?? '')}
      data={data.data.map((workspace) => ({ value: String(workspace.id), label: workspace.name }))}
      onChange={(event) => void navigate({ to: '/tests', search: { workspace: Number(event.currentTarget.value) } })}
    />
  );
}
