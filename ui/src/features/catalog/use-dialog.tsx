import { MultiSelect, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { CatalogDetail, UsedEntry } from '@/shared/api/catalog';
import type { Workspace } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { FormDialog } from '@/shared/ui/form-dialog';
import { errorAt } from '@/shared/ui/form-errors';

const FIELDS = ['name', 'workspaceIds'] as const;

/** Makes a connection of an entry of the catalogue. */
export function UseDialog({
  entry,
  workspaceId,
  workspaces,
  make,
  used,
  close,
}: {
  entry: CatalogDetail;
  workspaceId: number;
  workspaces: readonly Workspace[];
  make: (body: { name: string; workspaceIds: number[] }) => Promise<UsedEntry>;
  used: (made: UsedEntry) => void;
  close: () => void;
}) {
  const [name, setName] = useState(entry.name);
  const [chosen, setChosen] = useState([workspaceId]);
  const doing = useMutation({ mutationFn: () => make({ name: name.trim(), workspaceIds: chosen }), onSuccess: used });
  return (
    <FormDialog
      title={`Use ${entry.name}`}
      action="Make the connection"
      doing={doing}
      fields={FIELDS}
      close={close}
      disabled={name.trim() === '' || chosen.length === 0}
    >
      <TextInput
        label="Name"
        description="As your colleagues call this system. Its tests get the name, too."
        required
        data-autofocus
        maxLength={100}
        value={name}
        error={errorAt(doing.error, FIELDS, 'name')}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      {workspaces.length > 1 && (
        <MultiSelect
          label="Workspaces"
          description="Each of them gets the tests."
          required
          data={workspaces.map(({ id, name: word }) => ({ value: String(id), label: word }))}
          value={chosen.map(String)}
          error={errorAt(doing.error, FIELDS, 'workspaceIds')}
          onChange={(ids) => {
            setChosen(ids.map(Number));
          }}
        />
      )}
      <Text size="sm" c="dimmed">
        This makes the connection with {counted(entry.tests.length, 'published test')}, mapped to the controls that they
        serve. Nothing is collected before you have given what it needs.
      </Text>
    </FormDialog>
  );
}
