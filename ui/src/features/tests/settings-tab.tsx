import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { fieldOf } from '@/shared/api/field-of';
import type { TestChange } from '@/shared/api/tests';
import type { TestDetail } from '@/shared/api/types';
import { notifyDone } from '@/shared/ui/notify';
import { Panel } from '@/shared/ui/page';
import { ScheduleField, type UsePlan } from '@/shared/ui/schedule-field';
import { Failure } from '@/shared/ui/states';
import classes from '@/features/tests/settings-tab.module.css';

const FIELDS = ['name', 'description', 'schedule'] as const;
/** Name, description, and when the verdicts are verified over all records. */
export function SettingsTab({
  test,
  usePlan,
  save,
  children,
}: {
  test: TestDetail;
  /** When a schedule is due, in the server's words. */
  usePlan: UsePlan;
  /** Left out where one may not change it. */
  save: ((change: TestChange, revision: number) => Promise<unknown>) | undefined;
  children: ReactNode;
}) {
  const [name, setName] = useState(test.name);
  const [description, setDescription] = useState(test.description);
  const [schedule, setSchedule] = useState(test.schedule);
  const [revision, setRevision] = useState(test.revision);
  const saving = useMutation({
    mutationFn: async () => {
      if (save === undefined) return;
      await save(
        {
          ...(name === test.name ? {} : { name }),
          ...(description === test.description ? {} : { description }),
          ...(schedule === test.schedule ? {} : { schedule: schedule.trim() === '' ? null : schedule }),
        },
        revision,
      );
    },
    onSuccess: () => {
      setRevision(revision + 1);
      notifyDone('Saved.');
    },
  });
  const field = fieldOf(saving.error, FIELDS);
  const errorOf = (of: (typeof FIELDS)[number]) => (field === of ? saving.error?.message : undefined);
  const changed = name !== test.name || description !== test.description || schedule !== test.schedule;
  const readOnly = save === undefined;
  return (
    <>
      <Panel title="Name and schedule">
        <form
          className={classes.form}
          onSubmit={(event) => {
            event.preventDefault();
            saving.mutate();
          }}
        >
          <Stack gap={14}>
            <TextInput
              label="Name"
              required
              maxLength={191}
              value={name}
              readOnly={readOnly}
              error={errorOf('name')}
              onChange={(event) => {
                setName(event.currentTarget.value);
              }}
            />
            <Textarea
              label="Description"
              description="What is demanded and why, for those who have to mend it."
              autosize
              minRows={3}
              maxRows={14}
              maxLength={30_000}
              value={description}
              readOnly={readOnly}
              error={errorOf('description')}
              onChange={(event) => {
                setDescription(event.currentTarget.value);
              }}
            />
            <ScheduleField
              label="Full pass"
              description="Verdicts follow every push at once. A full pass verifies all of them: a cron expression of five fields in UTC."
              value={schedule}
              onChange={readOnly ? undefined : setSchedule}
              usePlan={usePlan}
              error={errorOf('schedule')}
            />
            {saving.error !== null && field === undefined && <Failure error={saving.error} />}
            {!readOnly && (
              <Group gap={8}>
                <Button type="submit" size="xs" disabled={!changed} loading={saving.isPending}>
                  Save
                </Button>
                {changed && (
                  <Button
                    size="xs"
                    variant="default"
                    onClick={() => {
                      setName(test.name);
                      setDescription(test.description);
                      setSchedule(test.schedule);
                      setRevision(test.revision);
                      saving.reset();
                    }}
                  >
                    Discard changes
                  </Button>
                )}
              </Group>
            )}
          </Stack>
        </form>
      </Panel>
      {children}
    </>
  );
}
