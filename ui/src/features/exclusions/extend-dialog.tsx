import { Text, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { each, unlessRefused } from '@/shared/api/each';
import { changeExclusion, type Exclusion } from '@/shared/api/exclusions';
import { settingsQuery } from '@/shared/api/settings';
import { counted } from '@/shared/format/number';
import { dateIn } from '@/features/exclusions/words';
import { FormDialog } from '@/shared/ui/form-dialog';

const USUAL_DAYS = 90;

/** Gives exclusions a later end. */
export function ExtendDialog({
  workspaceId,
  exclusions,
  close,
  done,
}: {
  workspaceId: number;
  exclusions: readonly Exclusion[];
  close: () => void;
  done: (before: readonly Exclusion[], until: string) => void;
}) {
  const settings = useQuery({ ...settingsQuery(), retry: false });
  const most = settings.data?.exclusionMaxDays;
  const [typed, setTyped] = useState<string>();
  const until = typed ?? dateIn(Math.min(USUAL_DAYS, most ?? USUAL_DAYS));
  const extend = useMutation({
    mutationFn: async () => {
      const outcome = await each(exclusions, ({ testId, id }) =>
        changeExclusion({ workspaceId, testId, exclusionId: id }, { expiresAt: until }),
      );
      if (outcome.done.length > 0) done(outcome.done, until);
      unlessRefused(outcome, ({ targetName }) => targetName);
    },
    onSuccess: close,
  });
  return (
    <FormDialog title="Extend" close={close} action="Extend" doing={extend}>
      <Text size="sm">
        {exclusions.length === 1
          ? `The exclusion of ${exclusions[0]?.targetName ?? ''} holds until the day that you choose.`
          : `${counted(exclusions.length, 'exclusion')} hold until the day that you choose.`}
      </Text>
      <TextInput
        type="date"
        label="Until"
        required
        data-autofocus
        min={dateIn(1)}
        {...(most === undefined ? {} : { max: dateIn(most) })}
        value={until}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}
