import { Button, Group, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useState } from 'react';
import type { Connection, Resource, Test } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { errorAt, Notice } from '@/shared/ui/form-errors';
import { FreshnessField } from '@/features/connections/freshness-field';
import { connectionName } from '@/features/connections/names';
import classes from '@/features/connections/connection.module.css';

export type Settings = {
  name: string;
  description: string;
  resourceName: string;
  displayNameKey: string;
  freshnessHours: number | null;
};

const FIELDS = ['clientAlias', 'description', 'name', 'displayNameKey', 'freshnessHours'] as const;

export function SettingsTab({
  connection,
  resource,
  names,
  tests,
  sessions,
  workspaces,
  may,
  save,
  saving,
  error,
  remove,
}: {
  connection: Connection;
  resource: Resource | undefined;
  /** The properties that can name a record. */
  names: string[];
  /** The tests over the connection, which lose their data when it is deleted. */
  tests: Test[] | undefined;
  sessions: number | undefined;
  workspaces: string[];
  may: { edit: boolean; delete: boolean };
  save: (settings: Settings) => void;
  saving: boolean;
  error: Error | null;
  remove: () => Promise<unknown>;
}) {
  const stored: Settings = {
    name: connectionName(connection),
    description: connection.description ?? '',
    resourceName: resource?.name ?? '',
    displayNameKey: resource?.displayNameKey ?? '',
    freshnessHours: resource?.freshnessHours ?? null,
  };
  const [edited, setEdited] = useState<Partial<Settings>>({});
  const [removing, setRemoving] = useState(false);
  const now = { ...stored, ...edited };
  const changed = JSON.stringify(now) !== JSON.stringify(stored);
  const told = (field: (typeof FIELDS)[number]) => errorAt(error, FIELDS, field);
  const set = (change: Partial<Settings>) => {
    setEdited({ ...edited, ...change });
  };
  return (
    <Stack gap={28} className={classes.form ?? ''}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          save(now);
        }}
      >
        <Stack gap={16}>
          <Notice error={error} fields={FIELDS} />
          <TextInput
            label="Name"
            maxLength={191}
            disabled={!may.edit}
            value={now.name}
            error={told('clientAlias')}
            onChange={(event) => {
              set({ name: event.currentTarget.value });
            }}
          />
          <Textarea
            label="Description"
            autosize
            minRows={2}
            disabled={!may.edit}
            value={now.description}
            error={told('description')}
            onChange={(event) => {
              set({ description: event.currentTarget.value });
            }}
          />
          <Text size="sm" c="dimmed">
            Category: {connection.providerTypes.join(', ')}. Workspaces: {workspaces.join(', ') || 'none'}. Both are
            chosen when a connection is made.
          </Text>
          {resource !== undefined && (
            <>
              <TextInput
                label="Name of the resource"
                description="Tests and rules name the data by it."
                maxLength={191}
                disabled={!may.edit}
                value={now.resourceName}
                error={told('name')}
                onChange={(event) => {
                  set({ resourceName: event.currentTarget.value });
                }}
              />
              <Select
                label="Display name"
                description="The property by which people recognise a record."
                searchable
                allowDeselect={false}
                disabled={!may.edit}
                data={[...new Set([now.displayNameKey, ...names])]}
                value={now.displayNameKey}
                error={told('displayNameKey')}
                onChange={(displayNameKey) => {
                  if (displayNameKey !== null) set({ displayNameKey });
                }}
              />
              <FreshnessField
                value={now.freshnessHours}
                error={told('freshnessHours')}
                onChange={(freshnessHours) => {
                  set({ freshnessHours });
                }}
              />
            </>
          )}
          {may.edit && (
            <Group>
              <Button type="submit" loading={saving} disabled={!changed}>
                Save
              </Button>
              {changed && (
                <Button
                  variant="default"
                  onClick={() => {
                    setEdited({});
                  }}
                >
                  Discard
                </Button>
              )}
            </Group>
          )}
        </Stack>
      </form>
      {may.delete && (
        <section className={classes.danger}>
          <Title order={2} size="h5">
            Delete the connection
          </Title>
          <Text size="sm" my={8}>
            Its records, sessions and schema go for good. Tests over it stay, without data.
          </Text>
          <Button
            color="red"
            onClick={() => {
              setRemoving(true);
            }}
          >
            Delete the connection
          </Button>
        </section>
      )}
      <Confirm
        opened={removing}
        close={() => {
          setRemoving(false);
        }}
        title={`Delete ${stored.name}?`}
        action="Delete the connection"
        act={remove}
      >
        <Text size="sm">This cannot be undone. What will vanish:</Text>
        <ul>
          {resource !== undefined && <li>{counted(resource.recordCount, 'record')} with their history</li>}
          {sessions !== undefined && <li>{counted(sessions, 'session')}</li>}
          {tests !== undefined && (
            <li>
              {tests.length === 0 ? 'the data of no test' : `the data of ${counted(tests.length, 'test')}:`}
              <ul>
                {tests.slice(0, 10).map((test) => (
                  <li key={test.testId}>{test.name}</li>
                ))}
              </ul>
            </li>
          )}
        </ul>
      </Confirm>
    </Stack>
  );
}
