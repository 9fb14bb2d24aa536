import { Button, MultiSelect, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { orNull, TextForm } from '@/features/settings/form';
import { SettingsFrame } from '@/features/settings/frame';
import { type Group, scopeCountsQuery, scopeQuery } from '@/shared/api/groups';
import type { WorkspaceForm } from '@/shared/api/settings';
import type { Workspace, WorkspaceList } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { Dialog } from '@/shared/ui/dialog';
import { FormDialog } from '@/shared/ui/form-dialog';
import { errorAt } from '@/shared/ui/form-errors';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { RowActions, RowButton } from '@/shared/ui/row-actions';
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
  groups,
  save,
  saveScope,
}: {
  may: (scope: string) => boolean;
  list: { data: WorkspaceList | undefined; error: Error | null; refetch: () => unknown };
  /** Changes the workspace, or creates one when none is named. */
  save: (workspace: Workspace | null, form: WorkspaceForm) => Promise<unknown>;
  /** The groups of people that a scope may have; left out where one may not see them. */
  groups: readonly Group[] | undefined;
  saveScope: (workspace: Workspace, groupIds: number[]) => Promise<unknown>;
}) {
  const [open, setOpen] = useState<{ workspace: Workspace | null } | null>(null);
  const [scoping, setScoping] = useState<Workspace>();
  const close = () => {
    setOpen(null);
  };
  const columns: Column<Workspace>[] = [
    {
      id: 'name',
      header: 'Workspace',
      cell: ({ name, primary }) => (primary && name !== 'Primary' ? `${name} (primary)` : name),
    },
    { id: 'text', header: 'Description', cell: ({ description }) => description ?? '' },
    {
      id: 'scope',
      header: 'People in scope',
      cell: ({ scopedPersonnelCount: scoped }) =>
        scoped === null || scoped === undefined ? 'Everybody' : counted(scoped, 'person', 'people'),
    },
    { id: 'since', header: 'Created', cell: ({ createdAt }) => <RelativeTime at={createdAt} />, wideOnly: true },
  ];
  const mayScope = groups !== undefined && may('workspace-personnel-scope-update');
  if (may('workspaces-put') || mayScope) {
    columns.push({
      id: 'act',
      header: 'Action',
      end: true,
      cell: (workspace) => (
        <RowActions>
          {mayScope && (
            <RowButton
              label={`Choose the people in scope of ${workspace.name}`}
              act={() => {
                setScoping(workspace);
              }}
            >
              People
            </RowButton>
          )}
          {may('workspaces-put') && (
            <RowButton
              label={`Edit ${workspace.name}`}
              act={() => {
                setOpen({ workspace });
              }}
            >
              Edit
            </RowButton>
          )}
        </RowActions>
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
      {scoping !== undefined && groups !== undefined && (
        <Scope
          workspace={scoping}
          groups={groups}
          save={(ids) => saveScope(scoping, ids)}
          close={() => {
            setScoping(undefined);
          }}
        />
      )}
    </SettingsFrame>
  );
}

type ScopeProps = {
  workspace: Workspace;
  groups: readonly Group[];
  save: (groupIds: number[]) => Promise<unknown>;
  close: () => void;
};

function Scope(props: ScopeProps) {
  const scope = useQuery(scopeQuery(props.workspace.id));
  if (scope.data === undefined) return null;
  return <ScopeDialog {...props} now={scope.data.data.map(({ id }) => id)} />;
}

/** Chooses whom a workspace is about, and says in numbers what that changes. */
function ScopeDialog({ workspace, groups, now, save, close }: ScopeProps & { now: readonly number[] }) {
  const [chosen, setChosen] = useState(() => now.map(String));
  const ids = chosen.map(Number);
  const same = ids.length === now.length && ids.every((id) => now.includes(id));
  const doing = useMutation({ mutationFn: () => save(ids), onSuccess: close });
  const before = useQuery(scopeCountsQuery(workspace.id, now));
  const after = useQuery(scopeCountsQuery(workspace.id, ids));
  const everybody = after.data?.totalPersonnelCount ?? 0;
  const scoped = chosen.length === 0 ? everybody : (after.data?.scopedPersonnelCount ?? 0);
  const was = now.length === 0 ? everybody : (before.data?.scopedPersonnelCount ?? 0);
  return (
    <FormDialog
      title={`People in scope of ${workspace.name}`}
      close={close}
      action="Save"
      doing={doing}
      fields={['groupIds']}
      disabled={groups.length === 0}
    >
      {groups.length === 0 ? (
        <Text size="sm">
          Everybody is in scope. To limit the workspace to some people,{' '}
          <Link to="/personnel/groups">create a group</Link> of them first.
        </Text>
      ) : (
        <>
          <MultiSelect
            label="Groups"
            description="Without a group everybody is in scope."
            searchable
            clearable
            clearButtonProps={{ 'aria-label': 'Take out all groups' }}
            data={groups.map(({ id, name }) => ({ value: String(id), label: name }))}
            value={chosen}
            error={errorAt(doing.error, ['groupIds'], 'groupIds') ?? null}
            onChange={setChosen}
          />
          <Text size="sm" role="status">
            {after.data === undefined || after.isPlaceholderData || before.data === undefined
              ? 'Counting …'
              : `${scoped.toLocaleString('en')} of ${counted(everybody, 'person', 'people')} who work here ${scoped === 1 ? 'is' : 'are'} in scope${same ? '.' : ` then; now ${was.toLocaleString('en')}.`}`}
          </Text>
        </>
      )}
    </FormDialog>
  );
}
