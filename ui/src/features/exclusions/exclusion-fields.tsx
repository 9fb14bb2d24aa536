import { Checkbox, Radio, Stack, Textarea, TextInput } from '@mantine/core';
import type { ExclusionCategory } from '@/shared/api/exclusions';
import { fieldOf } from '@/shared/api/field-of';
import { CATEGORIES, dateIn } from '@/features/exclusions/words';

/** What people say of an exclusion, beside what it is about. */
export type ExclusionWords = {
  reason: string;
  category: ExclusionCategory;
  approver: string;
  ticketUrl: string;
  /** A date, or empty for no end. */
  expiresAt: string;
  expireOnFix: boolean;
};

/** The fields that show a refusal themselves. */
export const EXCLUSION_FIELDS = ['reason', 'category', 'approver', 'ticketUrl', 'expiresAt', 'expireOnFix'] as const;

export type ExclusionPolicy = { expiryRequired: boolean; maxDays: number };

/** The fields of an exclusion's words; a refusal stands beside the field that it is about. */
export function ExclusionFields({
  words,
  onChange,
  error,
  policy,
  ofRecord,
}: {
  words: ExclusionWords;
  onChange: (words: ExclusionWords) => void;
  error: Error | null;
  policy: ExclusionPolicy | undefined;
  /** It is about single records, which can be mended. */
  ofRecord: boolean;
}) {
  const about = fieldOf(error, EXCLUSION_FIELDS);
  const refusal = (field: (typeof EXCLUSION_FIELDS)[number]) => (about === field ? (error?.message ?? null) : null);
  const set = (change: Partial<ExclusionWords>) => {
    onChange({ ...words, ...change });
  };
  return (
    <Stack gap={12}>
      <Textarea
        label="Reason"
        description="An auditor reads this sentence. Say why the failure is acceptable."
        required
        autosize
        minRows={2}
        maxRows={8}
        value={words.reason}
        error={refusal('reason')}
        onChange={(event) => {
          set({ reason: event.currentTarget.value });
        }}
      />
      <Radio.Group
        label="Kind of reason"
        value={words.category}
        error={refusal('category')}
        onChange={(category) => {
          set({ category: category });
        }}
      >
        <Stack gap={6} mt={6}>
          {CATEGORIES.map(({ value, label, help }) => (
            <Radio key={value} size="xs" value={value} label={label} description={help} />
          ))}
        </Stack>
      </Radio.Group>
      <TextInput
        type="date"
        label="Until"
        description={
          policy === undefined
            ? 'What is excluded counts again from the beginning of this day (UTC).'
            : `What is excluded counts again from the beginning of this day (UTC). At most ${policy.maxDays} days from now.`
        }
        required={policy?.expiryRequired === true}
        min={dateIn(1)}
        {...(policy === undefined ? {} : { max: dateIn(policy.maxDays) })}
        value={words.expiresAt}
        error={refusal('expiresAt')}
        onChange={(event) => {
          set({ expiresAt: event.currentTarget.value });
        }}
      />
      {ofRecord && (
        <Checkbox
          size="xs"
          label="End it as soon as the record does not fail any more"
          checked={words.expireOnFix}
          error={refusal('expireOnFix')}
          onChange={(event) => {
            set({ expireOnFix: event.currentTarget.checked });
          }}
        />
      )}
      <TextInput
        label="Approved by"
        value={words.approver}
        error={refusal('approver')}
        onChange={(event) => {
          set({ approver: event.currentTarget.value });
        }}
      />
      <TextInput
        label="Ticket"
        placeholder="https://"
        inputMode="url"
        value={words.ticketUrl}
        error={refusal('ticketUrl')}
        onChange={(event) => {
          set({ ticketUrl: event.currentTarget.value });
        }}
      />
    </Stack>
  );
}
