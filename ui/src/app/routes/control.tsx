import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { InWorkspace } from '@/app/workspace';
import { ControlDialog } from '@/features/controls/control-dialog';
import { ControlPage } from '@/features/controls/control-page';
import { ControlHistory, ControlNotes, ControlRequirements, ControlTests } from '@/features/controls/control-parts';
import { OwnersPanel } from '@/features/controls/owners-panel';
import { personName } from '@/features/controls/person';
import { requirementChoicesQuery, testChoicesQuery } from '@/shared/api/choices';
import {
  changeControl,
  changeNote,
  changeOwners,
  type Control as ControlType,
  type ControlNote,
  controlQuery,
  controlRequirementsQuery,
  createNote,
  deleteNote,
  notesQuery,
  peopleQuery,
  scopeControl,
} from '@/shared/api/controls';
import { eventsQuery } from '@/shared/api/events';
import { useMay } from '@/shared/auth/may';
import { Confirm } from '@/shared/ui/confirm';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';
import { ScopeDialog } from '@/shared/ui/scope-dialog';
import { SearchSelect } from '@/shared/ui/search-select';
import { Loaded } from '@/shared/ui/states';

const FROM = '/signed-in/controls/$controlId';
const NOTES = 50;

export function ControlRoute() {
  return <InWorkspace>{(workspaceId) => <Control workspaceId={workspaceId} />}</InWorkspace>;
}

function Control({ workspaceId }: { workspaceId: number }) {
  const { controlId } = useParams({ from: FROM });
  const control = useQuery(controlQuery({ workspaceId, controlId }));
  return (
    <Loaded query={control} label="the control" page="Control">
      {(data) => <Whole key={data.id} workspaceId={workspaceId} control={data} />}
    </Loaded>
  );
}

function Whole({ workspaceId, control }: { workspaceId: number; control: ControlType }) {
  const { show = 'tests', cursor } = useSearch({ from: FROM });
  const may = useMay();
  const queries = useQueryClient();
  const [dialog, setDialog] = useState<'edit' | 'in' | 'out'>();
  const [dropped, setDropped] = useState<ControlNote>();
  const at = { workspaceId, controlId: control.id };
  const notes = useQuery({ ...notesQuery(at, { cursor, size: NOTES }), enabled: show === 'notes' });
  const requirements = useQuery({ ...controlRequirementsQuery(at), enabled: show === 'requirements' });
  const history = useInfiniteQuery({
    ...eventsQuery({ controlId: control.id, category: 'CONTROL', workspaceId }),
    enabled: show === 'history',
  });
  const refresh = () => queries.invalidateQueries();
  const testIds = (control.tests ?? []).map(({ testId }) => testId);
  const requirementIds = (control.requirements ?? []).map(({ id }) => id);
  const map = async (change: { testIds?: number[]; requirementIds?: number[] }, said: string) => {
    const before = change.testIds === undefined ? { requirementIds: [...requirementIds] } : { testIds: [...testIds] };
    try {
      await changeControl(at, change);
    } catch (error) {
      notifyFailed(error);
      return;
    }
    void refresh();
    notifyDone(said, async () => {
      await changeControl(at, before);
      await refresh();
    });
  };
  const maps = may('controls-put');
  const owners = control.owners?.data ?? [];
  const own = async (ids: number[], said: string) => {
    try {
      await changeOwners(at, ids);
    } catch (error) {
      notifyFailed(error);
      return;
    }
    void refresh();
    const before = owners.map(({ id }) => id);
    notifyDone(said, async () => {
      await changeOwners(at, before);
      await refresh();
    });
  };
  const events = history.data?.pages.flatMap((page) => page.data) ?? [];
  return (
    <>
      <ControlPage
        control={control}
        shown={show}
        edit={() => {
          setDialog('edit');
        }}
        scope={setDialog}
        owners={
          <OwnersPanel
            owners={owners}
            picker={
              may('controls-put-owners') && may('users-get') ? (
                <PersonPicker
                  taken={owners.map(({ id }) => id)}
                  add={(id, name) =>
                    void own([...owners.map((owner) => owner.id), id], `${name} owns the control now.`)
                  }
                />
              ) : undefined
            }
            remove={
              may('controls-put-owners')
                ? (gone) =>
                    void own(
                      owners.filter(({ id }) => id !== gone.id).map(({ id }) => id),
                      `${personName(gone)} does not own the control any more.`,
                    )
                : undefined
            }
          />
        }
        tests={
          <ControlTests
            control={control}
            picker={
              maps ? (
                <TestPicker
                  workspaceId={workspaceId}
                  taken={testIds}
                  add={(testId, name) =>
                    void map({ testIds: [...testIds, testId] }, `“${name}” proves the control now.`)
                  }
                />
              ) : undefined
            }
            unmap={
              maps
                ? (test) =>
                    void map(
                      { testIds: testIds.filter((each) => each !== test.testId) },
                      `“${test.name}” does not prove the control any more.`,
                    )
                : undefined
            }
          />
        }
        requirements={
          <Loaded query={requirements} label="requirements">
            {({ data }) => (
              <ControlRequirements
                requirements={data}
                picker={
                  maps ? (
                    <RequirementPicker
                      workspaceId={workspaceId}
                      taken={requirementIds}
                      add={(id, name) =>
                        void map({ requirementIds: [...requirementIds, id] }, `The control serves ${name} now.`)
                      }
                    />
                  ) : undefined
                }
                unmap={
                  maps
                    ? (requirement) =>
                        void map(
                          { requirementIds: requirementIds.filter((each) => each !== requirement.id) },
                          `The control does not serve ${requirement.code} any more.`,
                        )
                    : undefined
                }
              />
            )}
          </Loaded>
        }
        notes={
          <Loaded query={notes} label="notes">
            {(list) => (
              <ControlNotes
                list={list}
                cursor={cursor}
                size={NOTES}
                add={
                  may('controls-post-notes')
                    ? async (comment) => {
                        await createNote(at, comment);
                        await refresh();
                      }
                    : undefined
                }
                change={
                  may('controls-put-notes')
                    ? async (note, comment) => {
                        await changeNote(at, note.id, comment);
                        await refresh();
                      }
                    : undefined
                }
                remove={may('controls-delete-notes') ? setDropped : undefined}
              />
            )}
          </Loaded>
        }
        history={
          <Loaded query={history} label="history">
            {() => (
              <ControlHistory
                controlId={control.id}
                events={events}
                more={
                  history.hasNextPage && (
                    <Button
                      m={10}
                      size="compact-xs"
                      variant="default"
                      loading={history.isFetchingNextPage}
                      onClick={() => void history.fetchNextPage()}
                    >
                      Look further back
                    </Button>
                  )
                }
              />
            )}
          </Loaded>
        }
      />
      {dialog === 'edit' && (
        <ControlDialog
          control={control}
          close={() => {
            setDialog(undefined);
          }}
          save={async (text) => {
            const was = control;
            await changeControl(at, text);
            void refresh();
            notifyDone('The control is changed.', async () => {
              await changeControl(at, {
                code: was.code,
                name: was.name,
                description: was.description ?? '',
                question: was.question,
                activity: was.activity,
              });
              await refresh();
            });
          }}
        />
      )}
      {(dialog === 'in' || dialog === 'out') && (
        <ScopeDialog
          into={dialog}
          title={`Mark ${control.code} ${dialog === 'out' ? 'out of scope' : 'in scope'}`}
          effect={
            dialog === 'out'
              ? 'It counts for no requirement then. Requirements that no other control serves are not ready.'
              : 'It counts for its requirements again.'
          }
          close={() => {
            setDialog(undefined);
          }}
          act={async (rationale) => {
            const was = control;
            await scopeControl(at, dialog === 'in', rationale);
            void refresh();
            notifyDone(`${control.code} is ${dialog === 'out' ? 'out of scope' : 'in scope'}.`, async () => {
              await scopeControl(at, was.isInScope, was.rationale ?? '');
              await refresh();
            });
          }}
        />
      )}
      <Confirm
        opened={dropped !== undefined}
        close={() => {
          setDropped(undefined);
        }}
        title="Delete the note"
        action="Delete 1 note"
        act={async () => {
          if (dropped === undefined) return;
          await deleteNote(at, dropped.id);
          void refresh();
          notifyDone('The note is deleted.', async () => {
            await createNote(at, dropped.comment);
            await refresh();
          });
        }}
      >
        The note of {dropped?.author.name} goes. The event that it was deleted stays.
      </Confirm>
    </>
  );
}

function TestPicker({
  workspaceId,
  taken,
  add,
}: {
  workspaceId: number;
  taken: readonly number[];
  add: (testId: number, name: string) => void;
}) {
  const [search, setSearch] = useState('');
  const { data } = useQuery(testChoicesQuery(workspaceId, search));
  const free = (data?.data ?? []).filter(({ testId }) => !taken.includes(testId));
  return (
    <SearchSelect
      size="xs"
      label="Map a test"
      hideLabel
      placeholder="Map a test: search by name"
      options={free.map(({ testId, name }) => ({ value: String(testId), label: name }))}
      chosen={undefined}
      onSearch={setSearch}
      onChange={(value) => {
        const chosen = free.find(({ testId }) => String(testId) === value);
        if (chosen !== undefined) add(chosen.testId, chosen.name);
      }}
    />
  );
}

function RequirementPicker({
  workspaceId,
  taken,
  add,
}: {
  workspaceId: number;
  taken: readonly number[];
  add: (id: number, name: string) => void;
}) {
  const [search, setSearch] = useState('');
  const { data } = useQuery(requirementChoicesQuery(workspaceId, search));
  const free = (data?.data ?? []).filter(({ id }) => !taken.includes(id));
  return (
    <SearchSelect
      size="xs"
      label="Map a requirement"
      hideLabel
      placeholder="Map a requirement: search by code or name"
      options={free.map(({ id, code, name, framework }) => ({
        value: String(id),
        label: `${framework?.pill ?? ''} ${code} ${name}`.trim(),
      }))}
      chosen={undefined}
      onSearch={setSearch}
      onChange={(value) => {
        const chosen = free.find(({ id }) => String(id) === value);
        if (chosen !== undefined) add(chosen.id, chosen.code);
      }}
    />
  );
}

function PersonPicker({ taken, add }: { taken: readonly number[]; add: (id: number, name: string) => void }) {
  const [search, setSearch] = useState('');
  const { data } = useQuery(peopleQuery(search));
  const free = (data?.data ?? []).filter(({ id }) => !taken.includes(id));
  return (
    <SearchSelect
      size="xs"
      label="Add an owner"
      hideLabel
      placeholder="Add an owner: search by name"
      options={free.map((person) => ({ value: String(person.id), label: personName(person) }))}
      chosen={undefined}
      onSearch={setSearch}
      onChange={(value) => {
        const chosen = free.find(({ id }) => String(id) === value);
        if (chosen !== undefined) add(chosen.id, personName(chosen));
      }}
    />
  );
}
