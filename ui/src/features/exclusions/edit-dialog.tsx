import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { changeExclusion, type Exclusion, type Selector, selectorPreviewQuery } from '@/shared/api/exclusions';
import { settingsQuery } from '@/shared/api/settings';
import { EXCLUSION_FIELDS, ExclusionFields, type ExclusionWords } from '@/features/exclusions/exclusion-fields';
import { Reach, SelectorForm, selectorOf } from '@/features/exclusions/selector-form';
import { FormDialog } from '@/shared/ui/form-dialog';

/** Changes what an exclusion says. */
export function EditDialog({
  workspaceId,
  exclusion,
  close,
  done,
}: {
  workspaceId: number;
  exclusion: Exclusion;
  close: () => void;
  done: (before: Exclusion) => void;
}) {
  const given = exclusion.selector as Selector | undefined;
  const [words, setWords] = useState<ExclusionWords>({
    reason: exclusion.reason,
    category: exclusion.category,
    approver: exclusion.approver ?? '',
    ticketUrl: exclusion.ticketUrl ?? '',
    expiresAt: exclusion.expiresAt?.slice(0, 10) ?? '',
    expireOnFix: exclusion.expireOnFix,
  });
  const [draft, setDraft] = useState(() => (given === undefined ? undefined : selectorOf(given)));
  const selector = draft?.selector;
  const at = { workspaceId, testId: exclusion.testId };
  const settings = useQuery({ ...settingsQuery(), retry: false });
  const preview = useQuery({
    ...selectorPreviewQuery(at, exclusion.resourceId, selector ?? {}),
    enabled: selector !== undefined,
  });
  const save = useMutation({
    mutationFn: () =>
      changeExclusion(
        { ...at, exclusionId: exclusion.id },
        {
          reason: words.reason,
          category: words.category,
          approver: words.approver === '' ? null : words.approver,
          ticketUrl: words.ticketUrl === '' ? null : words.ticketUrl,
          // A day that nobody changed keeps its hour.
          ...(words.expiresAt === (exclusion.expiresAt?.slice(0, 10) ?? '')
            ? {}
            : { expiresAt: words.expiresAt === '' ? null : words.expiresAt }),
          ...(given === undefined ? { expireOnFix: words.expireOnFix } : {}),
          ...(selector !== undefined && JSON.stringify(selector) !== JSON.stringify(given) ? { selector } : {}),
        },
      ),
    onSuccess: () => {
      done(exclusion);
      close();
    },
  });
  return (
    <FormDialog
      title={`Edit the exclusion of ${exclusion.targetName}`}
      size="lg"
      close={close}
      action="Save"
      doing={save}
      fields={EXCLUSION_FIELDS}
      disabled={draft !== undefined && selector === undefined}
    >
      {draft !== undefined && (
        <>
          <SelectorForm
            at={{ connectionId: exclusion.connectionId, resourceId: exclusion.resourceId }}
            draft={draft}
            onChange={setDraft}
          />
          <Reach preview={preview} ready={selector !== undefined} />
        </>
      )}
      <ExclusionFields
        words={words}
        onChange={setWords}
        error={save.error}
        ofRecord={given === undefined}
        policy={
          settings.data === undefined
            ? undefined
            : { expiryRequired: settings.data.exclusionExpiryRequired, maxDays: settings.data.exclusionMaxDays }
        }
      />
    </FormDialog>
  );
}
