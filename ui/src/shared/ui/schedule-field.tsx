import { Button, Group, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { exactTime } from '@/shared/format/time';
import { RelativeTime } from '@/shared/ui/relative-time';
import classes from '@/shared/ui/schedule-field.module.css';

const PAUSE = 300;

const PRESETS: readonly { label: string; schedule: string }[] = [
  { label: 'Every hour', schedule: '0 * * * *' },
  { label: 'Every day', schedule: '0 2 * * *' },
  { label: 'Every week', schedule: '0 2 * * 1' },
  { label: 'Every month', schedule: '0 2 1 * *' },
];

/** When a schedule is due, in the server's words. */
export type UsePlan = (schedule: string) => {
  data: { words: string; next: string[] } | undefined;
  error: Error | null;
};

/** A cron expression with what it means. */
export function ScheduleField({
  label,
  description,
  value,
  onChange,
  usePlan,
  error,
}: {
  label: string;
  description: string;
  value: string;
  /** Left out where one may not change it. */
  onChange: ((schedule: string) => void) | undefined;
  usePlan: UsePlan;
  /** What the server said of it. */
  error?: string | undefined;
}) {
  const [asked] = useDebouncedValue(value, PAUSE);
  const plan = usePlan(asked);
  const readOnly = onChange === undefined;
  return (
    <div>
      <TextInput
        label={label}
        description={description}
        value={value}
        readOnly={readOnly}
        spellCheck={false}
        error={error ?? (plan.error === null ? undefined : plan.error.message)}
        onChange={(event) => {
          onChange?.(event.currentTarget.value);
        }}
      />
      {!readOnly && (
        <Group gap={6} mt={6}>
          {PRESETS.map((preset) => (
            <Button
              key={preset.schedule}
              size="compact-xs"
              variant="default"
              onClick={() => {
                onChange(preset.schedule);
              }}
            >
              {preset.label}
            </Button>
          ))}
        </Group>
      )}
      {plan.data !== undefined && plan.error === null && (
        <p className={classes.plan} role="status">
          {plan.data.words.charAt(0).toUpperCase() + plan.data.words.slice(1)}.
          {plan.data.next[0] !== undefined && (
            <>
              {' '}
              Next: <RelativeTime at={plan.data.next[0]} /> ({exactTime(plan.data.next[0])})
            </>
          )}
        </p>
      )}
    </div>
  );
}
