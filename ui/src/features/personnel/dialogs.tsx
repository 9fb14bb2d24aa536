import { Select, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { EmploymentStatus, Person, PersonChange } from '@/shared/api/personnel';
import { FormDialog } from '@/shared/ui/form-dialog';
import { errorAt } from '@/shared/ui/form-errors';
import { useTexts } from '@/shared/ui/use-texts';
import { STATUSES } from '@/features/personnel/words';

/** Takes people out of scope, with the reason that an auditor reads. */
export function OutOfScopeDialog({
  whom,
  act,
  close,
}: {
  whom: string;
  act: (reason: string) => Promise<unknown>;
  close: () => void;
}) {
  const { input, doing, fields } = useTexts({ notHumanReason: '' }, (texts) => act(texts.notHumanReason), close);
  return (
    <FormDialog
      title={`Take ${whom} out of scope`}
      close={close}
      action="Take out of scope"
      doing={doing}
      fields={fields}
    >
      <Text size="sm">
        No compliance check applies then, and the identity sync leaves it so until it is given back.
      </Text>
      <Textarea
        label="Reason"
        description="An auditor reads this sentence."
        required
        autosize
        minRows={2}
        data-autofocus
        {...input('notHumanReason')}
      />
    </FormDialog>
  );
}

const FIELDS = ['employmentStatus', 'notHumanReason', 'startedAt', 'separatedAt'] as const;
const day = (at: string | null) => at?.slice(0, 10) ?? '';

/** Decides by hand what the identity sync says else. */
export function DecideDialog({
  person,
  save,
  close,
}: {
  person: Person;
  save: (change: PersonChange) => Promise<unknown>;
  close: () => void;
}) {
  const [form, setForm] = useState({
    employmentStatus: person.employmentStatus,
    notHumanReason: person.notHumanReason ?? '',
    startedAt: day(person.startedAt),
    separatedAt: day(person.separatedAt),
  });
  const out = form.employmentStatus === 'OUT_OF_SCOPE';
  const doing = useMutation({
    mutationFn: () => {
      const change: PersonChange = {};
      if (form.employmentStatus !== person.employmentStatus) change.employmentStatus = form.employmentStatus;
      if (out && form.notHumanReason !== (person.notHumanReason ?? '')) change.notHumanReason = form.notHumanReason;
      for (const name of ['startedAt', 'separatedAt'] as const)
        if (form[name] !== day(person[name])) change[name] = form[name] === '' ? null : form[name];
      return save(change);
    },
    onSuccess: close,
  });
  const text = (name: (typeof FIELDS)[number]) => ({
    value: form[name],
    error: errorAt(doing.error, FIELDS, name),
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => {
      setForm((before) => ({ ...before, [name]: value }));
    },
  });
  return (
    <FormDialog
      title={`Change ${person.displayName} by hand`}
      close={close}
      action="Save"
      doing={doing}
      fields={FIELDS}
    >
      <Stack gap={12}>
        <Text size="sm">
          The identity sync leaves alone what you change here, until you give the person back to it.
        </Text>
        <Select
          label="Employment status"
          data={STATUSES}
          allowDeselect={false}
          value={form.employmentStatus}
          error={errorAt(doing.error, FIELDS, 'employmentStatus') ?? null}
          onChange={(value) => {
            const chosen = STATUSES.find((each) => each.value === value)?.value;
            if (chosen !== undefined)
              setForm((before) => ({ ...before, employmentStatus: chosen satisfies EmploymentStatus }));
          }}
        />
        {out && (
          <Textarea
            label="Why out of scope"
            description="An auditor reads this sentence."
            required
            autosize
            minRows={2}
            {...text('notHumanReason')}
          />
        )}
        <TextInput type="date" label="First day" {...text('startedAt')} />
        <TextInput type="date" label="Last day" {...text('separatedAt')} />
      </Stack>
    </FormDialog>
  );
}
