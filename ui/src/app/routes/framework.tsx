import { Text } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { InWorkspace } from '@/app/workspace';
import { FrameworkDialog } from '@/features/frameworks/framework-dialog';
import { FrameworkPage, type RequirementState } from '@/features/frameworks/framework-page';
import { RequirementDialog } from '@/features/frameworks/requirement-dialog';
import { RequirementDrawer } from '@/features/frameworks/requirement-drawer';
import { controlChoicesQuery } from '@/shared/api/controls';
import {
  changeFramework,
  changeRequirement,
  createRequirement,
  deleteFramework,
  deleteRequirement,
  type Framework as FrameworkType,
  frameworkQuery,
  type Requirement,
  requirementQuery,
  requirementsQuery,
  type RequirementFilter,
  servingControlsQuery,
} from '@/shared/api/frameworks';
import { counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';
import { ScopeDialog } from '@/shared/ui/scope-dialog';
import { SearchSelect } from '@/shared/ui/search-select';
import { Loaded } from '@/shared/ui/states';

const FROM = '/signed-in/frameworks/$frameworkId';
const SIZE = 200;

const FILTERS: Record<RequirementState, RequirementFilter> = {
  lacking: { isReady: false, isInScope: true },
  ready: { isReady: true, isInScope: true },
  out: { isInScope: false },
};

export function FrameworkRoute() {
  return <InWorkspace>{(workspaceId) => <Framework workspaceId={workspaceId} />}</InWorkspace>;
}

function Framework({ workspaceId }: { workspaceId: number }) {
  const { frameworkId } = useParams({ from: FROM });
  const framework = useQuery(frameworkQuery({ workspaceId, frameworkId }));
  return (
    <Loaded query={framework} label="the framework" page="Framework">
      {(data) => <Whole key={data.id} workspaceId={workspaceId} framework={data} />}
    </Loaded>
  );
}

type Dialog =
  | { kind: 'edit' | 'add' | 'remove' }
  | { kind: 'requirement' | 'drop'; requirement: Requirement }
  | { kind: 'scope'; requirement: Requirement; into: 'in' | 'out' };

function Whole({ workspaceId, framework }: { workspaceId: number; framework: FrameworkType }) {
  const search = useSearch({ from: FROM });
  const navigate = useNavigate({ from: '/frameworks/$frameworkId' });
  const queries = useQueryClient();
  const [dialog, setDialog] = useState<Dialog>();
  const at = { workspaceId, frameworkId: framework.id };
  const list = useQuery(
    requirementsQuery(
      at,
      { cursor: search.cursor, size: SIZE },
      { q: search.q, ...(search.state === undefined ? {} : FILTERS[search.state]) },
    ),
  );
  const one = { ...at, requirementId: search.requirement ?? 0 };
  const enabled = search.requirement !== undefined;
  const opened = useQuery({ ...requirementQuery(one), enabled });
  const serving = useQuery({ ...servingControlsQuery(one), enabled });
  const refresh = () => queries.invalidateQueries();
  const close = () => {
    setDialog(undefined);
  };
  const closeDrawer = () =>
    void navigate({
      search: (before) => ({ ...before, requirement: undefined }),
      state: true,
      resetScroll: false,
    });
  const controlIds = (serving.data?.data ?? []).map(({ id }) => id);
  const map = async (ids: number[], said: string) => {
    const before = controlIds;
    try {
      await changeRequirement(one, { controlIds: ids });
    } catch (error) {
      notifyFailed(error);
      return;
    }
    void refresh();
    notifyDone(said, async () => {
      await changeRequirement(one, { controlIds: before });
      await refresh();
    });
  };
  const named = ({ id }: Requirement) => ({ ...at, requirementId: id });
  return (
    <>
      <FrameworkPage
        at={at}
        framework={framework}
        search={search}
        list={list}
        size={SIZE}
        edit={() => {
          setDialog({ kind: 'edit' });
        }}
        add={() => {
          setDialog({ kind: 'add' });
        }}
        toggle={() => {
          const isEnabled = !framework.isEnabled;
          changeFramework(at, { isEnabled }).then(
            () => {
              void refresh();
              notifyDone(`${framework.name} is ${isEnabled ? 'enabled' : 'disabled'}.`, async () => {
                await changeFramework(at, { isEnabled: !isEnabled });
                await refresh();
              });
            },
            (error: unknown) => {
              notifyFailed(error);
            },
          );
        }}
        remove={() => {
          setDialog({ kind: 'remove' });
        }}
      />
      <RequirementDrawer
        framework={framework}
        opened={enabled ? opened : undefined}
        controls={serving}
        close={closeDrawer}
        edit={(requirement) => {
          setDialog({ kind: 'requirement', requirement });
        }}
        scope={(requirement, into) => {
          setDialog({ kind: 'scope', requirement, into });
        }}
        remove={(requirement) => {
          setDialog({ kind: 'drop', requirement });
        }}
        picker={
          <ControlPicker
            workspaceId={workspaceId}
            taken={controlIds}
            add={(id, code) => void map([...controlIds, id], `${code} serves the requirement now.`)}
          />
        }
        unmap={(control) =>
          void map(
            controlIds.filter((id) => id !== control.id),
            `${control.code} does not serve the requirement any more.`,
          )
        }
      />
      {dialog?.kind === 'edit' && (
        <FrameworkDialog
          framework={framework}
          close={close}
          save={async (text) => {
            await changeFramework(at, text);
            await refresh();
          }}
        />
      )}
      {dialog?.kind === 'add' && (
        <RequirementDialog
          close={close}
          save={async (text) => {
            await createRequirement(at, text);
            await refresh();
          }}
        />
      )}
      {dialog?.kind === 'requirement' && (
        <RequirementDialog
          requirement={dialog.requirement}
          close={close}
          save={async (text) => {
            await changeRequirement(named(dialog.requirement), text);
            await refresh();
          }}
        />
      )}
      {dialog?.kind === 'scope' && (
        <ScopeDialog
          into={dialog.into}
          title={`Mark ${dialog.requirement.code} ${dialog.into === 'out' ? 'out of scope' : 'in scope'}`}
          effect={
            dialog.into === 'out'
              ? 'It does not apply to the organisation, and counts for nothing in this framework.'
              : 'It applies to the organisation, and counts for this framework again.'
          }
          close={close}
          act={async (rationale) => {
            const { requirement: was, into } = dialog;
            await changeRequirement(named(was), {
              isInScope: into === 'in',
              ...(into === 'out' ? { rationale } : {}),
            });
            void refresh();
            notifyDone(`${was.code} is ${into === 'out' ? 'out of scope' : 'in scope'}.`, async () => {
              await changeRequirement(named(was), { isInScope: was.isInScope, rationale: was.rationale });
              await refresh();
            });
          }}
        />
      )}
      <Confirm
        opened={dialog?.kind === 'drop'}
        close={close}
        title={`Delete ${dialog?.kind === 'drop' ? dialog.requirement.code : 'the requirement'}`}
        action="Delete 1 requirement"
        act={async () => {
          if (dialog?.kind !== 'drop') return;
          await deleteRequirement(named(dialog.requirement));
          closeDrawer();
          await refresh();
        }}
      >
        <Text size="sm">
          The requirement goes, and its mapping to{' '}
          {counted(dialog?.kind === 'drop' ? (dialog.requirement.controlCount ?? 0) : 0, 'control')}. The controls stay.
        </Text>
      </Confirm>
      <Confirm
        opened={dialog?.kind === 'remove'}
        close={close}
        title={`Delete ${framework.name}`}
        action="Delete the framework"
        act={async () => {
          await deleteFramework(at);
          await navigate({ to: '/frameworks', search: {} });
          await refresh();
        }}
      >
        <Text size="sm">
          {counted(framework.numInScopeRequirements + framework.numOutOfScopeRequirements, 'requirement')} of it vanish,
          with their scope, their rationale and their mapping to controls.{' '}
          {counted(framework.numInScopeControls, 'control')} that serve it stay.
        </Text>
        {framework.isShipped && (
          <Text size="sm" mt={8}>
            You can install it again, but what you wrote is lost.
          </Text>
        )}
      </Confirm>
    </>
  );
}

function ControlPicker({
  workspaceId,
  taken,
  add,
}: {
  workspaceId: number;
  taken: readonly number[];
  add: (id: number, code: string) => void;
}) {
  const [search, setSearch] = useState('');
  const { data } = useQuery(controlChoicesQuery(workspaceId, search));
  const free = (data?.data ?? []).filter(({ id }) => !taken.includes(id));
  return (
    <SearchSelect
      size="xs"
      label="Map a control"
      hideLabel
      placeholder="Map a control: search by code or name"
      options={free.map(({ id, code, name }) => ({ value: String(id), label: `${code} ${name}` }))}
      chosen={undefined}
      onSearch={setSearch}
      onChange={(value) => {
        const chosen = free.find(({ id }) => String(id) === value);
        if (chosen !== undefined) add(chosen.id, chosen.code);
      }}
    />
  );
}
