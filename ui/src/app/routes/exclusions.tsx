import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { InWorkspace } from '@/app/workspace';
import { CreateDialog } from '@/features/exclusions/create-dialog';
import { EditDialog } from '@/features/exclusions/edit-dialog';
import { ExclusionDrawer } from '@/features/exclusions/exclusion-drawer';
import { ExclusionsPage } from '@/features/exclusions/exclusions-page';
import { ExtendDialog } from '@/features/exclusions/extend-dialog';
import { RemoveDialog } from '@/features/exclusions/remove-dialog';
import { namedExclusion } from '@/features/exclusions/words';
import { each } from '@/shared/api/each';
import {
  changeExclusion,
  deleteExclusion,
  type Exclusion,
  exclusionAuditQuery,
  exclusionQuery,
  exclusionsQuery,
  restoreExclusion,
} from '@/shared/api/exclusions';
import { counted } from '@/shared/format/number';
import { ExportMenu } from '@/shared/ui/export-menu';
import { notifyDone } from '@/shared/ui/notify';

const SIZE = 50;

type Act =
  | { kind: 'create' }
  | { kind: 'edit'; exclusion: Exclusion }
  | { kind: 'extend' | 'remove'; exclusions: readonly Exclusion[] };

export function ExclusionsRoute() {
  return <InWorkspace>{(workspaceId) => <Exclusions workspaceId={workspaceId} />}</InWorkspace>;
}

function Exclusions({ workspaceId }: { workspaceId: number }) {
  const search = useSearch({ from: '/signed-in/exclusions' });
  const navigate = useNavigate({ from: '/exclusions' });
  const queries = useQueryClient();
  const [act, setAct] = useState<Act>();
  const page = { cursor: search.cursor, size: SIZE };
  const { problem, test: testId, q, category, kind, state, sort, sortDir } = search;
  const filter = { q, testId, category, kind, state, sort, sortDir };
  const list = useQuery({
    ...exclusionsQuery(workspaceId, page, filter),
    enabled: problem === undefined,
  });
  const audit = useQuery({
    ...exclusionAuditQuery(workspaceId, page, problem),
    enabled: problem !== undefined,
  });
  const counts = useQuery(exclusionAuditQuery(workspaceId, { cursor: undefined, size: 1 }, undefined));
  const named = namedExclusion(search.exclusion);
  const opened = useQuery({
    ...exclusionQuery({ workspaceId, testId: named?.testId ?? 0, exclusionId: named?.exclusionId ?? 0 }),
    enabled: named !== undefined,
  });
  const refresh = () => queries.invalidateQueries();
  const closeDrawer = () => void navigate({ search: (before) => ({ ...before, exclusion: undefined }), state: true });
  const closeAct = () => {
    setAct(undefined);
  };
  const at = ({ testId: of, id }: Exclusion) => ({ workspaceId, testId: of, exclusionId: id });
  const asBefore = (was: Exclusion) =>
    changeExclusion(at(was), {
      reason: was.reason,
      category: was.category,
      approver: was.approver ?? null,
      ticketUrl: was.ticketUrl ?? null,
      expiresAt: was.expiresAt ?? null,
      ...(was.selector === undefined ? { expireOnFix: was.expireOnFix } : { selector: was.selector }),
    });
  return (
    <>
      <ExclusionsPage
        workspaceId={workspaceId}
        search={search}
        list={problem === undefined ? list : audit}
        counts={counts.data?.counts}
        size={SIZE}
        tools={
          problem === undefined && (
            <ExportMenu path={`/public/v2/workspaces/${workspaceId}/exclusions`} query={filter} name="exclusions" />
          )
        }
        create={() => {
          setAct({ kind: 'create' });
        }}
        extend={(exclusions) => {
          setAct({ kind: 'extend', exclusions });
        }}
        remove={(exclusions) => {
          setAct({ kind: 'remove', exclusions });
        }}
      />
      <ExclusionDrawer
        workspaceId={workspaceId}
        opened={named === undefined ? undefined : opened}
        close={closeDrawer}
        edit={(exclusion) => {
          setAct({ kind: 'edit', exclusion });
        }}
        extend={(exclusion) => {
          setAct({ kind: 'extend', exclusions: [exclusion] });
        }}
        remove={(exclusion) => {
          setAct({ kind: 'remove', exclusions: [exclusion] });
        }}
      />
      {act?.kind === 'create' && (
        <CreateDialog
          workspaceId={workspaceId}
          testId={search.test}
          close={closeAct}
          done={(made) => {
            void refresh();
            notifyDone(
              made.length === 1
                ? `Excluded: ${made[0]?.targetName ?? ''}`
                : `${counted(made.length, 'record')} excluded`,
              async () => {
                await each(made, (one) => deleteExclusion(at(one)));
                await refresh();
              },
            );
          }}
        />
      )}
      {act?.kind === 'edit' && (
        <EditDialog
          workspaceId={workspaceId}
          exclusion={act.exclusion}
          close={closeAct}
          done={(before) => {
            void refresh();
            notifyDone('The exclusion is changed.', async () => {
              await asBefore(before);
              await refresh();
            });
          }}
        />
      )}
      {act?.kind === 'extend' && (
        <ExtendDialog
          workspaceId={workspaceId}
          exclusions={act.exclusions}
          close={closeAct}
          done={(before, until) => {
            void refresh();
            notifyDone(`${counted(before.length, 'exclusion')} extended until ${until}.`, async () => {
              await each(before, (was) => changeExclusion(at(was), { expiresAt: was.expiresAt ?? null }));
              await refresh();
            });
          }}
        />
      )}
      {act?.kind === 'remove' && (
        <RemoveDialog
          workspaceId={workspaceId}
          exclusions={act.exclusions}
          close={closeAct}
          done={(removed) => {
            closeDrawer();
            void refresh();
            notifyDone(`${counted(removed.length, 'exclusion')} deleted.`, async () => {
              await each(removed, (was) => restoreExclusion(workspaceId, was));
              await refresh();
            });
          }}
        />
      )}
    </>
  );
}
