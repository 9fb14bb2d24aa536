import { NativeSelect, SegmentedControl, TagsInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { failingChoicesQuery, testChoicesQuery } from '@/shared/api/choices';
import { each, unlessRefused } from '@/shared/api/each';
import { Told } from '@/shared/api/errors';
import { createExclusion, type Exclusion, type NewExclusion, selectorPreviewQuery } from '@/shared/api/exclusions';
import { settingsQuery } from '@/shared/api/settings';
import { counted } from '@/shared/format/number';
import { EXCLUSION_FIELDS, ExclusionFields, type ExclusionWords } from '@/features/exclusions/exclusion-fields';
import { type Draft, NEW_DRAFT } from '@/features/exclusions/selector';
import { Reach, SelectorForm } from '@/features/exclusions/selector-form';
import { dateIn } from '@/features/exclusions/words';
import { FormDialog } from '@/shared/ui/form-dialog';
import { SearchSelect } from '@/shared/ui/search-select';

const USUAL_DAYS = 90;

/** Excludes records from a test: some by name, or all that a condition matches. */
export function CreateDialog({
  workspaceId,
  testId: first,
  close,
  done,
}: {
  workspaceId: number;
  /** The test to begin with. */
  testId: number | undefined;
  close: () => void;
  done: (made: Exclusion[]) => void;
}) {
  const [testId, setTestId] = useState(first);
  const [search, setSearch] = useState('');
  const [resourceId, setResourceId] = useState<number>();
  const [kind, setKind] = useState<'RECORD' | 'SELECTOR'>('RECORD');
  const [records, setRecords] = useState<string[]>([]);
  const [recordSearch, setRecordSearch] = useState('');
  const [draft, setDraft] = useState<Draft>(NEW_DRAFT);
  const [words, setWords] = useState<ExclusionWords>();
  const settings = useQuery({ ...settingsQuery(), retry: false });
  const tests = useQuery(testChoicesQuery(workspaceId, search));
  const chosenTest = useQuery({ ...testChoicesQuery(workspaceId, String(testId)), enabled: testId !== undefined });
  const test = [...(tests.data?.data ?? []), ...(chosenTest.data?.data ?? [])].find((one) => one.testId === testId);
  const resources = test?.resources ?? [];
  const resource = resources.find(({ id }) => id === resourceId) ?? resources[0];
  const at = { workspaceId, testId: testId ?? 0 };
  const failing = useQuery({ ...failingChoicesQuery(at, recordSearch), enabled: testId !== undefined });
  const { selector } = draft;
  const preview = useQuery({
    ...selectorPreviewQuery(at, resource?.id ?? 0, selector ?? {}),
    enabled: kind === 'SELECTOR' && testId !== undefined && resource !== undefined && selector !== undefined,
  });
  const policy =
    settings.data === undefined
      ? undefined
      : { expiryRequired: settings.data.exclusionExpiryRequired, maxDays: settings.data.exclusionMaxDays };
  const said: ExclusionWords = words ?? {
    reason: '',
    category: 'ACCEPTED_RISK',
    approver: '',
    ticketUrl: '',
    expiresAt: dateIn(Math.min(USUAL_DAYS, policy?.maxDays ?? USUAL_DAYS)),
    expireOnFix: false,
  };
  const create = useMutation({
    mutationFn: async () => {
      if (resource === undefined) throw new Told('Choose a test first.');
      const rest = {
        resourceId: resource.id,
        reason: said.reason,
        category: said.category,
        ...(said.approver === '' ? {} : { approver: said.approver }),
        ...(said.ticketUrl === '' ? {} : { ticketUrl: said.ticketUrl }),
        ...(said.expiresAt === '' ? {} : { expiresAt: said.expiresAt }),
      };
      if (kind === 'SELECTOR') return [await createExclusion(at, { ...rest, selector: selector ?? {} })];
      const made: Exclusion[] = [];
      const bodies = records.map((targetId): NewExclusion & { targetId: string } => ({
        ...rest,
        targetId,
        expireOnFix: said.expireOnFix,
      }));
      const only = bodies[0];
      // A refusal of the only one stands beside the field that it is about.
      if (bodies.length === 1 && only !== undefined) return [await createExclusion(at, only)];
      const outcome = await each(bodies, async (body) => {
        made.push(await createExclusion(at, body));
      });
      if (made.length > 0 && outcome.refused.length > 0) done(made);
      unlessRefused(outcome, ({ targetId }) => targetId);
      return made;
    },
    onSuccess: (made) => {
      done(made);
      close();
    },
  });
  const names = new Map(
    (failing.data?.data ?? []).flatMap(({ recordId, resourceName }) => (recordId ? [[recordId, resourceName]] : [])),
  );
  const ready = kind === 'RECORD' ? records.length > 0 : selector !== undefined;
  return (
    <FormDialog
      title="New exclusion"
      size="lg"
      close={close}
      action={kind === 'RECORD' && records.length > 1 ? `Exclude ${counted(records.length, 'record')}` : 'Exclude'}
      doing={create}
      fields={EXCLUSION_FIELDS}
      disabled={test === undefined || !ready}
    >
      <SearchSelect
        label="Test"
        placeholder="Which test is not to count them?"
        options={(tests.data?.data ?? []).map((one) => ({ value: String(one.testId), label: one.name }))}
        chosen={test === undefined ? undefined : { value: String(test.testId), label: test.name }}
        onSearch={setSearch}
        onChange={(value) => {
          setTestId(value === undefined ? undefined : Number(value));
          setRecords([]);
          setDraft(NEW_DRAFT);
        }}
      />
      {resources.length > 1 && (
        <NativeSelect
          label="Resource"
          data={resources.map(({ id, name }) => ({ value: String(id), label: name }))}
          value={String(resource?.id)}
          onChange={(event) => {
            setResourceId(Number(event.currentTarget.value));
          }}
        />
      )}
      {test !== undefined && resource !== undefined && (
        <>
          <SegmentedControl
            aria-label="What is excluded"
            value={kind}
            data={[
              { value: 'RECORD', label: 'Some records' },
              { value: 'SELECTOR', label: 'All that match a condition' },
            ]}
            onChange={(value) => {
              setKind(value);
            }}
          />
          {kind === 'RECORD' ? (
            <TagsInput
              label="Records"
              description="The failing ones are proposed; the id of any other record does, too."
              placeholder={records.length === 0 ? 'Name or id' : ''}
              data={[...names.keys()]}
              renderOption={({ option }) => <>{names.get(option.value) ?? option.value}</>}
              filter={({ options }) => options}
              value={records}
              onChange={setRecords}
              onSearchChange={setRecordSearch}
            />
          ) : (
            <>
              <SelectorForm
                at={{ connectionId: resource.connectionId, resourceId: resource.id }}
                draft={draft}
                onChange={setDraft}
              />
              <Reach preview={preview} ready={selector !== undefined} />
            </>
          )}
          <ExclusionFields
            words={said}
            onChange={setWords}
            error={create.error}
            policy={policy}
            ofRecord={kind === 'RECORD'}
          />
        </>
      )}
    </FormDialog>
  );
}
