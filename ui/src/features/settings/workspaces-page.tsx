import { Button } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useState } from 'react';
import { orNull, TextForm } from '@/features/settings/form';
import { SettingsFrame } from '@/features/settings/frame';
import type { WorkspaceForm } from '@/shared/api/settings';
import type { Workspace, WorkspaceList } from '@/shared/api/types';
import { Dialog } from '@/shared/ui/dialog';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Loaded } from '@/shared/ui/states';
import { type Column, Rows } from '@/shared/ui/table';

const FIELDS = [
  { name: 'name', label: 'Name', required: true },
  { name: 'description', label: 'Description', long: true },
  { name: 'url', label: 'Address', description: 'A page about it, such as https://wiki.example.com/shop.' },
];

/** The workspaces within reach. */
export function WorkspacesPage({
  may,
  list,
  save,
}: {
  may: (scope: string) => boolean;
  list: { data: WorkspaceList | undefined; error: Error | null; refetch: () => unknown };
  /** Changes the workspace, or creates one when none is named. */
  save: (workspace: Workspace | null, form: WorkspaceForm) => Promise<unknown>;
}) {
  const [open, setOpen] = useState<{ workspace: Workspace | null } | null>(null);
  const close = () => {
    setOpen(null);
  };
  const columns: Column<Workspace>[] = [
    { id: 'name', header: 'Workspace', cell: ({ name, primary }) => `${name}${primary ? ' (primary)' : ''}` },
    { id: 'text', header: 'Description', cell: ({ description }) => description ?? '' },
    { id: 'since', header: 'Created', cell: ({ createdAt }) => <RelativeTime at={createdAt} />, wideOnly: true },
  ];
  if (may('workspaces-put')) {
    columns.push({
      id: 'act',
      header: 'Action',
      end: true,
      cell: (workspace) => (
        <Button
          size="compact-xs"
          variant="default"
          aria-label={`Edit ${workspace.name}`}
          onClick={() => {
            setOpen({ workspace });
          }}
        >
          Edit
        </Button>
      ),
    });
  }
  const add = may('workspaces-post') && (
    <Button
      size="xs"
      leftSection={<IconPlus size={14} aria-hidden />}
      onClick={() => {
        setOpen({ workspace: null });
      }}
    >
      Create a workspace
    </Button>
  );
  return (
    <SettingsFrame title="Workspaces" may={may} actions={add}>
      <Loaded query={list} label="workspaces">
        {({ data }) => (
          <Panel title="Workspaces" aside="Each has its own connections, tests, controls and frameworks.">
            <Rows label="Workspaces" columns={columns} rows={data} rowKey={({ id }) => id} />
          </Panel>
        )}
      </Loaded>
      {open !== null && (
        <Dialog close={close} title={open.workspace === null ? 'Create a workspace' : `Edit ${open.workspace.name}`}>
          <TextForm
            fields={FIELDS}
            values={{
              name: open.workspace?.name ?? '',
              description: open.workspace?.description ?? '',
              url: open.workspace?.url ?? '',
            }}
            action={open.workspace === null ? 'Create' : 'Save'}
            submit={async (typed) => {
              await save(open.workspace, {
                name: typed.name ?? '',
                description: orNull(typed.description),
                url: orNull(typed.url),
              });
              close();
            }}
          />
        </Dialog>
      )}
    </SettingsFrame>
  );
}
