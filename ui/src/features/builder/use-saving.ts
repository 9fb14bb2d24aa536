import { useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ApiError } from '@/shared/api/errors';
import { actOnDraft, createTest, newestVersion, readTest, type SavedTest, saveTest } from '@/shared/api/rules';
import type { Conflict } from '@/features/builder/conflict-dialog';
import type { Form } from '@/features/builder/history';
import { logicText } from '@/features/builder/kept';

/** Saves what is edited, and notices when somebody else saved the same test meanwhile. */
export function useSaving(workspaceId: number, opened: SavedTest | undefined, openedVersion: number | undefined) {
  const queries = useQueryClient();
  // The test as the server last said it, and its newest version then.
  const [test, setTest] = useState(opened);
  const [version, setVersion] = useState(openedVersion);
  const [conflict, setConflict] = useState<Conflict>();

  const take = async (saved: SavedTest): Promise<SavedTest> => {
    setTest(saved);
    setVersion(await newestVersion({ workspaceId, testId: saved.testId }).catch(() => undefined));
    for (const key of ['tests', 'test', 'all tests', 'findings', 'runs'])
      void queries.invalidateQueries({ queryKey: [key] });
    return saved;
  };

  /** Tells a conflict with somebody else from another refusal; the former is shown, the latter thrown. */
  const guarded = async (
    doing: (from: SavedTest) => Promise<SavedTest>,
    from: SavedTest,
  ): Promise<SavedTest | undefined> => {
    try {
      return await take(await doing(from));
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 409) throw error;
      const theirs = await readTest({ workspaceId, testId: from.testId });
      if (theirs.revision === from.revision) throw error;
      setConflict({ theirs, from: version, nameBefore: from.name, descriptionBefore: from.description });
      return undefined;
    }
  };

  const at = (from: SavedTest) => ({ workspaceId, testId: from.testId, revision: from.revision });
  const changesOf = (form: Form, before: Form) => {
    const logic = logicText(form);
    return {
      ...(form.name === before.name ? {} : { name: form.name }),
      ...(form.description === before.description ? {} : { description: form.description }),
      ...(logic === logicText(before) ? {} : { logic }),
    };
  };

  /** Saves a form as a draft; undefined when somebody else was there first. */
  const draft = async (form: Form, before: Form): Promise<SavedTest | undefined> => {
    if (test === undefined) {
      return take(await createTest(workspaceId, { ...form, logic: logicText(form) }));
    }
    return guarded((from) => saveTest(at(from), changesOf(form, before)), test);
  };

  const publish = async (form: Form, before: Form, note: string): Promise<SavedTest | undefined> => {
    if (test === undefined) {
      return take(await createTest(workspaceId, { ...form, logic: logicText(form), publish: true, note }));
    }
    return guarded(async (from) => {
      const changes = changesOf(form, before);
      const saved = Object.keys(changes).length === 0 ? from : await saveTest(at(from), changes);
      // A name needs no version; it is in force as soon as it is saved.
      return saved.hasDraft ? actOnDraft(at(saved), 'publish', note) : saved;
    }, test);
  };

  return {
    test,
    draft,
    publish,
    runDraft: test?.hasDraft === true ? () => guarded((from) => actOnDraft(at(from), 'runDraft'), test) : undefined,
    conflict,
    endConflict: () => {
      setConflict(undefined);
    },
    /** Saves a form over what somebody else saved. */
    overwrite: async (form: Form): Promise<SavedTest> => {
      if (conflict === undefined) throw new Error('there is no conflict to end');
      const saved = await take(await saveTest(at(conflict.theirs), { ...form, logic: logicText(form) }));
      setConflict(undefined);
      return saved;
    },
    /** Goes on from what somebody else saved. */
    yieldTo: async (theirs: SavedTest): Promise<void> => {
      await take(theirs);
      setConflict(undefined);
    },
  };
}
