import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { InWorkspace } from '@/app/workspace';
import { ControlDialog } from '@/features/controls/control-dialog';
import { ControlsPage, type ControlsState } from '@/features/controls/controls-page';
import { type Control, type ControlFilter, controlsQuery, createControl, scopeControl } from '@/shared/api/controls';
import { each, unlessRefused } from '@/shared/api/each';
import { frameworksQuery } from '@/shared/api/frameworks';
import { meQuery } from '@/shared/auth/may';
import { counted } from '@/shared/format/number';
import { ExportMenu } from '@/shared/ui/export-menu';
import { notifyDone } from '@/shared/ui/notify';
import { ScopeDialog } from '@/shared/ui/scope-dialog';

const SIZE = 50;

const FILTERS: Record<ControlsState, ControlFilter> = {
  lacking: { isReady: false, isArchived: false },
  ready: { isReady: true, isArchived: false },
  untested: { hasTest: false, isArchived: false },
  out: { isArchived: true },
  all: {},
};

export function ControlsRoute() {
  return <InWorkspace>{(workspaceId) => <Controls workspaceId={workspaceId} />}</InWorkspace>;
}

function Controls({ workspaceId }: { workspaceId: number }) {
  const search = useSearch({ from: '/signed-in/controls' });
  const navigate = useNavigate({ from: '/controls' });
  const queries = useQueryClient();
  const [creating, setCreating] = useState(false);
  const [scoped, setScoped] = useState<{ controls: Control[]; into: 'in' | 'out' }>();
  const filter: ControlFilter = {
    q: search.q,
    frameworkId: search.framework,
    'ownerIds[]': search.owner === 'mine' ? ['me'] : undefined,
    sort: search.sort ?? 'code',
    sortDir: search.sortDir ?? 'ASC',
    ...(search.state === undefined ? { isArchived: false } : FILTERS[search.state]),
  };
  const list = useQuery(controlsQuery(workspaceId, { cursor: search.cursor, size: SIZE }, filter));
  const frameworks = useQuery(frameworksQuery(workspaceId));
  const me = useQuery(meQuery());
  const at = ({ id }: Control) => ({ workspaceId, controlId: id });
  return (
    <>
      <ControlsPage
        search={search}
        list={list}
        frameworks={frameworks.data?.data ?? []}
        size={SIZE}
        tools={<ExportMenu path={`/public/v2/workspaces/${workspaceId}/controls`} query={filter} name="controls" />}
        isPerson={me.data?.kind === 'user'}
        create={() => {
          setCreating(true);
        }}
        scope={(controls, into) => {
          setScoped({ controls, into });
        }}
      />
      {creating && (
        <ControlDialog
          close={() => {
            setCreating(false);
          }}
          save={async (text) => {
            const made = await createControl(workspaceId, text);
            void queries.invalidateQueries();
            await navigate({ to: '/controls/$controlId', params: { controlId: made.id }, search: {} });
          }}
        />
      )}
      {scoped !== undefined && (
        <ScopeDialog
          into={scoped.into}
          title={`Mark ${counted(scoped.controls.length, 'control')} ${scoped.into === 'out' ? 'out of scope' : 'in scope'}`}
          effect={
            scoped.into === 'out'
              ? 'A control out of scope counts for no requirement. Requirements that no other control serves are not ready then.'
              : 'A control in scope counts for its requirements again.'
          }
          close={() => {
            setScoped(undefined);
          }}
          act={async (rationale) => {
            const { controls, into } = scoped;
            const outcome = await each(controls, (one) => scopeControl(at(one), into === 'in', rationale));
            void queries.invalidateQueries();
            if (outcome.done.length > 0) {
              notifyDone(
                `${counted(outcome.done.length, 'control')} marked ${into === 'out' ? 'out of scope' : 'in scope'}.`,
                async () => {
                  await each(outcome.done, (one) => scopeControl(at(one), into === 'out', one.rationale ?? ''));
                  await queries.invalidateQueries();
                },
              );
            }
            unlessRefused(outcome, ({ code }) => code);
          }}
        />
      )}
    </>
  );
}
