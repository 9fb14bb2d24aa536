import { Select, Stack } from '@mantine/core';
import { FreshnessField } from '@/features/connections/freshness-field';
import type { Draft } from '@/features/connections/wizard/draft';

export type NameChoice = { name: string; example: string | undefined };

export function DetailsStep({
  draft,
  set,
  names,
  errors,
}: {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  /** The properties that can name a record, the likely ones first. */
  names: NameChoice[];
  errors: { displayNameKey?: string | undefined; freshnessHours?: string | undefined };
}) {
  return (
    <Stack gap={20}>
      <Select
        label="Display name"
        description="The property by which people recognise a record, in lists and in findings."
        withAsterisk
        searchable
        data={names.map(({ name, example }) => ({
          value: name,
          label: example === undefined ? name : `${name} – such as ${example}`,
        }))}
        value={draft.displayNameKey === '' ? null : draft.displayNameKey}
        error={errors.displayNameKey}
        onChange={(displayNameKey) => {
          set({ displayNameKey: displayNameKey ?? '' });
        }}
      />
      <FreshnessField
        value={draft.freshnessHours}
        error={errors.freshnessHours}
        onChange={(freshnessHours) => {
          set({ freshnessHours });
        }}
      />
    </Stack>
  );
}
