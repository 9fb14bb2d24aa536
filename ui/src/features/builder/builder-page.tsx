import { ActionIcon, Button, NativeSelect, Textarea, TextInput, VisuallyHidden } from '@mantine/core';
import { DragDropProvider, DragOverlay, PointerSensor } from '@dnd-kit/react';
import { IconArrowBackUp, IconArrowForwardUp, IconPlus } from '@tabler/icons-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { Example, Language, NamedCondition, ResourceChoice, SavedTest } from '@/shared/api/rules';
import { fieldOf } from '@/shared/api/field-of';
import { Page } from '@/shared/ui/page';
import { count } from '@/shared/format/number';
import { RelativeTime } from '@/shared/ui/relative-time';
import { ResultChip } from '@/shared/ui/result-chip';
import { Failure } from '@/shared/ui/states';
import { BuilderContext, type Builder, focusedPart, focusOn, useBuilder } from '@/features/builder/context';
import type { Dragged, Gap } from '@/features/builder/conditions';
import { findingsOf } from '@/features/builder/findings-of';
import { GroupPanel, type Mode } from '@/features/builder/group-panel';
import type { Form } from '@/features/builder/history';
import type { EditorMemory } from '@/features/builder/json-editor-panel';
import { JsonMode, type Typed } from '@/features/builder/json-mode';
import { logicText } from '@/features/builder/kept';
import { useUndoKeys } from '@/features/builder/keys';
import { InWords } from '@/features/builder/in-words';
import { LeaveDialog } from '@/features/builder/leave-dialog';
import {
  at,
  groupsOf,
  idOf,
  isItem,
  move,
  newGroup,
  placeOf,
  pointerOf,
  put,
  setMember,
  unfinished,
} from '@/features/builder/logic';
import { PreviewPanel, type Side } from '@/features/builder/preview-panel';
import { ConflictDialog } from '@/features/builder/conflict-dialog';
import { PublishDialog } from '@/features/builder/publish-dialog';
import { RecordDrawer } from '@/features/builder/record-drawer';
import { TryPanel } from '@/features/builder/try-panel';
import { useEditor } from '@/features/builder/use-editor';
import { useSaving } from '@/features/builder/use-saving';
import { useLint } from '@/features/builder/use-lint';
import { usePreview } from '@/features/builder/use-preview';
import classes from '@/features/builder/builder-page.module.css';

/** What the address says of the page. */
export type BuilderState = {
  group?: number | undefined;
  mode?: 'json' | undefined;
  side?: Exclude<Side, 'failing'> | undefined;
  asOf?: string | undefined;
  /** The record that is open, and the resource that it is of. */
  record?: string | undefined;
  of?: number | undefined;
};

const sensors = [PointerSensor];
// The first of them tells screen readers of keys that are other ones here.
const withoutInstructions = <Plugin,>([, ...others]: Plugin[]): Plugin[] => others;

/** Writes a test: its conditions on the left, what they say of the records on the right. */
export function BuilderPage({
  workspaceId,
  opened,
  version,
  start,
  inForce,
  language,
  resources,
  conditions,
  state,
  setState,
  today,
  formOf,
  editing,
  published,
}: {
  workspaceId: number;
  /** The test as it was opened; undefined for a new one. */
  opened: SavedTest | undefined;
  /** Its newest version. */
  version: number | undefined;
  start: Form;
  /** The published logic as text. */
  inForce: string | undefined;
  language: Language;
  resources: readonly ResourceChoice[];
  conditions: readonly NamedCondition[];
  state: BuilderState;
  setState: (change: BuilderState) => void;
  today: string;
  /** The form of what the server has. */
  formOf: (test: SavedTest) => Form;
  /** Goes to the page on which a new test that has been saved is edited. */
  editing: (testId: number) => void;
  /** Leaves the builder for the test that has been published. */
  published: (testId: number) => void;
}) {
  const saving = useSaving(workspaceId, opened, version);
  const { test } = saving;
  const editor = useEditor(workspaceId, opened?.testId, start);
  const [landed, setLanded] = useState<{ testId: number; published: boolean }>();
  const { form, edit } = editor;
  const tree = form.logic;
  const operators = useMemo(() => new Map(language.operators.map((each) => [each.name, each])), [language]);
  const knows = useMemo(() => (name: string) => operators.has(name), [operators]);
  const [said, setSaid] = useState('');
  const [dragged, setDragged] = useState<Dragged>();
  // By the identity of the group, so that it may move.
  const [typed, setTyped] = useState<Record<string, Typed | undefined>>({});
  const [memories] = useState(() => new Map<string, EditorMemory>());
  const [publishing, setPublishing] = useState(false);
  const [failure, setFailure] = useState<Error | null>(null);
  const [busy, setBusy] = useState<'draft' | 'run'>();
  const focus = useRef<{ pointer: string; part: string | undefined }>(undefined);

  const text = useMemo(() => logicText(form), [form]);
  const missing = useMemo(() => unfinished(tree), [tree]);
  const groups = groupsOf(tree);
  const keyOf = (place: number): string => {
    const group = groups[place];
    return isItem(group) ? idOf(group) : String(place);
  };
  const brokenAt = (place: number): boolean => typed[keyOf(place)]?.fault !== undefined;
  const isBroken = groups.some((_, place) => brokenAt(place));
  const complete = missing.length === 0 && !isBroken;
  const linted = useLint(workspaceId, text);
  const previewed = usePreview(workspaceId, complete ? text : undefined, linted.evaluable, state.asOf);
  const refusal = complete && !previewed.loading ? previewed.error : null;
  const findings = useMemo(
    () => findingsOf({ tree, text, diagnostics: linted.diagnostics, refusal, missing, knows }),
    [tree, text, linted.diagnostics, refusal, missing, knows],
  );

  const setTree = (logic: unknown, of?: string) => {
    edit({ ...form, logic }, of);
  };
  const builder: Builder = {
    workspaceId,
    tree,
    language,
    operators,
    knows,
    resources,
    conditions,
    findings,
    change: setTree,
    apply: (edited, words) => {
      focus.current = { pointer: pointerOf(edited.focus), part: focusedPart() };
      setTree(edited.tree);
      setSaid(words);
    },
    dragging: dragged !== undefined,
  };
  useEffect(() => {
    if (focus.current === undefined) return;
    const { pointer, part } = focus.current;
    focus.current = undefined;
    focusOn(pointer, part);
  }, [tree]);
  useUndoKeys(editor.undo, editor.redo);

  const open = Math.min(Math.max(state.group ?? 0, 0), Math.max(groups.length - 1, 0));
  const resourceOf = (place: number): ResourceChoice | undefined => {
    const group = groups[place];
    return resources.find(({ id }) => isItem(group) && group.resourceId === id);
  };
  const nameField = fieldOf(failure, ['name', 'description']);

  const act = async (what: 'draft' | 'run', doing: () => Promise<unknown>) => {
    setBusy(what);
    setFailure(null);
    try {
      await doing();
      return true;
    } catch (error) {
      setFailure(error instanceof Error ? error : new Error(String(error)));
      return false;
    } finally {
      setBusy(undefined);
    }
  };
  const saveDraft = () =>
    act('draft', async () => {
      const saved = await saving.draft(form, editor.saved);
      if (saved === undefined) return;
      editor.settle(form);
      if (opened === undefined) setLanded({ testId: saved.testId, published: false });
    });
  // Leaving is free only once the page knows that nothing is unsaved.
  useEffect(() => {
    if (landed === undefined || editor.dirty) return;
    if (landed.published) published(landed.testId);
    else editing(landed.testId);
  }, [landed, editor.dirty, published, editing]);

  const askToPublish = () => {
    const [first] = missing;
    const nameless = form.name.trim() === '';
    setFailure(nameless ? new Error(NAME_MISSING) : null);
    if (nameless) document.querySelector<HTMLElement>('[data-test-name]')?.focus();
    else if (first !== undefined) goTo(first);
    else setPublishing(true);
  };

  return (
    <BuilderContext.Provider value={builder}>
      <Page
        title={test === undefined ? 'New test' : `Edit: ${test.name}`}
        below={
          <span role="status">
            {editor.dirty ? 'Unsaved changes' : test === undefined ? 'Not saved yet' : 'All changes are saved'}
          </span>
        }
        actions={
          <>
            <ActionIcon
              variant="default"
              size={30}
              aria-label="Undo"
              title="Undo (Ctrl Z)"
              disabled={editor.undo === undefined}
              onClick={editor.undo}
            >
              <IconArrowBackUp size={16} />
            </ActionIcon>
            <ActionIcon
              variant="default"
              size={30}
              aria-label="Redo"
              title="Redo (Ctrl Shift Z)"
              disabled={editor.redo === undefined}
              onClick={editor.redo}
            >
              <IconArrowForwardUp size={16} />
            </ActionIcon>
            {saving.runDraft !== undefined && !editor.dirty && (
              <Button
                size="xs"
                variant="default"
                loading={busy === 'run'}
                onClick={() => void act('run', async () => saving.runDraft?.())}
              >
                Run draft
              </Button>
            )}
            <Button
              size="xs"
              variant="default"
              loading={busy === 'draft'}
              disabled={isBroken || (test !== undefined && !editor.dirty)}
              onClick={() => void saveDraft()}
            >
              Save draft
            </Button>
            <Button
              size="xs"
              disabled={isBroken || (test !== undefined && !editor.dirty && !test.hasDraft)}
              onClick={askToPublish}
            >
              Publish
            </Button>
          </>
        }
      >
        {failure !== null && nameField === undefined && failure.message !== NAME_MISSING && <Failure error={failure} />}
        {editor.offered !== undefined && (
          <div className={classes.offer}>
            <span>
              You have unsaved changes from <RelativeTime at={editor.offered.at} />.
            </span>
            <span className={classes.buttons}>
              <Button size="compact-sm" onClick={editor.restore}>
                Restore them
              </Button>
              <Button size="compact-sm" variant="default" onClick={editor.leaveOffered}>
                Discard
              </Button>
            </span>
          </div>
        )}
        {test?.draftRun !== undefined && !editor.dirty && test.hasDraft && <DraftRun run={test.draftRun} />}
        <div className={classes.columns}>
          <div>
            <div className={classes.about}>
              <TextInput
                label="Name"
                placeholder="Everybody has a second factor"
                data-test-name
                maxLength={191}
                value={form.name}
                error={
                  failure?.message === NAME_MISSING ? NAME_MISSING : nameField === 'name' ? failure?.message : undefined
                }
                onChange={(event) => {
                  setFailure(null);
                  edit({ ...form, name: event.currentTarget.value }, 'name');
                }}
              />
              <Textarea
                label="Description"
                autosize
                minRows={1}
                maxRows={6}
                maxLength={30000}
                value={form.description}
                error={nameField === 'description' ? failure?.message : undefined}
                onChange={(event) => {
                  edit({ ...form, description: event.currentTarget.value }, 'description');
                }}
              />
            </div>
            {groups.length > 1 && <LogicChoice />}
            <DragDropProvider
              sensors={sensors}
              plugins={withoutInstructions}
              onDragStart={(event) => {
                setDragged(event.operation.source?.data as Dragged | undefined);
              }}
              onDragEnd={(event) => {
                setDragged(undefined);
                const source = event.operation.source?.data as Dragged | undefined;
                const target = event.operation.target?.data as Gap | undefined;
                if (event.canceled || source === undefined || target === undefined) return;
                const edited = move(tree, source.path, target.list, target.place);
                const now = placeOf(edited.tree, edited.focus);
                builder.apply(edited, `Moved. Now ${(now?.place ?? 0) + 1} of ${now?.count ?? 1}.`);
              }}
            >
              {groups.map((_, place) => (
                <GroupPanel
                  key={place}
                  place={place}
                  open={place === open}
                  mode={state.mode === 'json' || brokenAt(place) ? 'json' : 'builder'}
                  counted={
                    previewed.preview?.groups.length === groups.length ? previewed.preview.groups[place] : undefined
                  }
                  stale={previewed.stale}
                  show={() => {
                    setState({ group: place === 0 ? undefined : place });
                  }}
                  setMode={(mode: Mode) => {
                    if (mode === 'builder' && brokenAt(place)) {
                      setSaid('The JSON is broken: mend it first.');
                      return;
                    }
                    setState({ mode: mode === 'json' ? 'json' : undefined });
                  }}
                  json={
                    <JsonMode
                      place={place}
                      typed={typed[keyOf(place)]}
                      setTyped={(next) => {
                        const key = keyOf(place);
                        setTyped((all) => ({ ...all, [key]: next }));
                      }}
                      memories={memories}
                    />
                  }
                />
              ))}
              <DragOverlay>
                {dragged !== undefined && <span className={classes.ghost}>{dragged.words}</span>}
              </DragOverlay>
            </DragDropProvider>
            <Button
              size="xs"
              variant="default"
              leftSection={<IconPlus size={14} />}
              onClick={() => {
                const group = at(tree, ['groups', open]);
                const resource = isItem(group) && typeof group.resourceId === 'number' ? group.resourceId : undefined;
                setTree(put(tree, ['groups'], [...groups, newGroup(resource)]));
                setState({ group: groups.length, mode: undefined });
              }}
            >
              Add a group
            </Button>
          </div>
          <div className={classes.side}>
            <PreviewPanel
              previewed={previewed}
              unfinished={missing.length}
              showUnfinished={() => {
                const first = missing[0];
                if (first !== undefined) goTo(first);
              }}
              side={state.side ?? 'failing'}
              setSide={(side) => {
                setState({ side: side === 'failing' ? undefined : side });
              }}
              asOf={state.asOf}
              setAsOf={(asOf) => {
                setState({ asOf });
              }}
              today={today}
              openRecord={({ recordId, resourceId }: Example) => {
                setState({ record: recordId, of: resourceId });
              }}
              attempts={
                <TryPanel
                  key={open}
                  workspaceId={workspaceId}
                  logic={complete && linted.evaluable === text ? text : undefined}
                  group={open}
                  resource={resourceOf(open)}
                  examples={previewed.preview?.examples ?? []}
                  sketches={editor.sketches}
                  setSketches={editor.setSketches}
                />
              }
              words={<InWords words={linted.words} stale={linted.stale} />}
            />
          </div>
        </div>
        <VisuallyHidden role="status" aria-live="polite">
          {said}
        </VisuallyHidden>
      </Page>
      <RecordDrawer
        resource={resources.find(({ id }) => id === state.of)}
        recordId={state.record}
        example={previewed.preview?.examples.find(
          (each) => each.recordId === state.record && each.resourceId === state.of,
        )}
        close={() => {
          setState({ record: undefined, of: undefined });
        }}
        attempt={(record) => {
          const id = Math.max(0, ...editor.sketches.map((each) => each.id)) + 1;
          editor.setSketches([...editor.sketches, { id, text: record, expects: 'fail' }]);
          setState({ record: undefined, of: undefined, side: 'try' });
        }}
      />
      <PublishDialog
        opened={publishing}
        close={() => {
          setPublishing(false);
        }}
        workspaceId={workspaceId}
        logic={text}
        inForce={inForce}
        publish={async (note) => {
          const saved = await saving.publish(form, editor.saved, note);
          setPublishing(false);
          if (saved === undefined) return;
          editor.settle(form);
          setLanded({ testId: saved.testId, published: true });
        }}
      />
      <ConflictDialog
        workspaceId={workspaceId}
        conflict={saving.conflict}
        close={saving.endConflict}
        keepMine={async () => {
          await saving.overwrite(form);
          editor.settle(form);
        }}
        takeTheirs={() => {
          if (saving.conflict === undefined) return;
          const { theirs } = saving.conflict;
          const theirForm = formOf(theirs);
          edit(theirForm);
          editor.settle(theirForm);
          setTyped({});
          void saving.yieldTo(theirs);
        }}
      />
      <LeaveDialog
        dirty={editor.dirty}
        discard={() => {
          editor.settle(form);
        }}
      />
    </BuilderContext.Provider>
  );

  /** Shows a place that is not filled in and brings the focus there. */
  function goTo(path: readonly (string | number)[]) {
    const group = Number(path[1]);
    setState({ group: group === 0 ? undefined : group, mode: undefined });
    requestAnimationFrame(() => {
      if (path[2] === 'resourceId') {
        document.querySelector<HTMLElement>(`[data-group="${group}"] [data-part="resource"]`)?.focus();
      } else focusOn(pointerOf(path), undefined);
    });
  }
}

const NAME_MISSING = 'A test needs a name before it is published.';

/** What the last run of the draft found. It counts for nothing. */
function DraftRun({ run }: { run: NonNullable<SavedTest['draftRun']> }) {
  return (
    <div className={classes.offer} role="status">
      <span className={classes.buttons}>
        <strong>Draft run</strong>
        <ResultChip result={run.result} reason={run.reason} />
        <span>
          {count(run.counts.failing)} failing, {count(run.counts.passing)} passing
          {run.counts.excluded > 0 && `, ${count(run.counts.excluded)} excluded`}
        </span>
      </span>
      <RelativeTime at={run.runAt} />
    </div>
  );
}

/** How the groups of a test combine. */
function LogicChoice() {
  const { tree, language, change } = useBuilder();
  const logic = at(tree, ['logic']);
  const value = typeof logic === 'string' ? logic : (language.logics.find((each) => each.default)?.name ?? '');
  return (
    <div className={classes.logicLine}>
      <NativeSelect
        size="xs"
        aria-label="How the groups combine"
        className={classes.logic ?? ''}
        data={language.logics.map(({ name, words }) => ({ value: name, label: words }))}
        value={value}
        onChange={(event) => {
          change(setMember(tree, [], 'logic', event.currentTarget.value));
        }}
      />
      <span className={classes.help}>{language.logics.find(({ name }) => name === value)?.help}</span>
    </div>
  );
}
