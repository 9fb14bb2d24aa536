import { Chip, Group, NumberInput, Stack, Text } from '@mantine/core';

const PRESETS = [
  { hours: null, word: 'No limit' },
  { hours: 24, word: '1 day' },
  { hours: 36, word: '36 hours' },
  { hours: 168, word: '1 week' },
  { hours: 720, word: '30 days' },
] as const;

/** After how many hours data is stale; null is never. */
export function FreshnessField({
  value,
  onChange,
  error,
}: {
  value: number | null;
  onChange: (hours: number | null) => void;
  error?: string | undefined;
}) {
  return (
    <Stack gap={8}>
      <NumberInput
        label="Freshness limit in hours"
        description="Data older than this is stale, and tests over it do not count as passed. Empty: no limit."
        min={1}
        allowDecimal={false}
        w={260}
        value={value ?? ''}
        error={error}
        onChange={(hours) => {
          onChange(typeof hours === 'number' && hours >= 1 ? hours : null);
        }}
      />
      <Group gap={6} role="group" aria-label="Usual limits">
        {PRESETS.map(({ hours, word }) => (
          <Chip
            key={word}
            size="xs"
            checked={value === hours}
            onChange={() => {
              onChange(hours);
            }}
          >
            {word}
          </Chip>
        ))}
      </Group>
      {value !== null && value >= 48 && (
        <Text size="xs" c="dimmed">
          {value} hours are {Math.round((value / 24) * 10) / 10} days.
        </Text>
      )}
    </Stack>
  );
}
