import { MultiSelect, Stack, Textarea, TextInput } from '@mantine/core';
import type { Workspace } from '@/shared/api/types';
import type { Draft } from '@/features/connections/wizard/draft';

export function AboutStep({
  draft,
  set,
  workspaces,
  errors,
}: {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  workspaces: Workspace[];
  errors: { name?: string | undefined; description?: string | undefined; workspaceIds?: string | undefined };
}) {
  return (
    <Stack gap={16}>
      <TextInput
        label="Name"
        description="What the data is, as your colleagues call it."
        placeholder="Identity provider"
        withAsterisk
        autoFocus
        maxLength={191}
        value={draft.name}
        error={errors.name}
        onChange={(event) => {
          set({ name: event.currentTarget.value });
        }}
      />
      <Textarea
        label="Description"
        description="Where it comes from and who sends it."
        autosize
        minRows={2}
        maxRows={8}
        value={draft.description}
        error={errors.description}
        onChange={(event) => {
          set({ description: event.currentTarget.value });
        }}
      />
      {workspaces.length > 1 && (
        <MultiSelect
          label="Workspaces"
          description="Tests of these workspaces can look at the data."
          withAsterisk
          data={workspaces.map((workspace) => ({ value: String(workspace.id), label: workspace.name }))}
          value={draft.workspaceIds.map(String)}
          error={errors.workspaceIds}
          onChange={(ids) => {
            set({ workspaceIds: ids.map(Number) });
          }}
        />
      )}
    </Stack>
  );
}
