import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldOf } from '@/shared/api/field-of';
import type { Framework, FrameworkText } from '@/shared/api/frameworks';
import { Failure } from '@/shared/ui/states';

const FIELDS = ['name', 'shortName', 'description'] as const;

/** Makes a framework of one's own, or changes what one says. */
export function FrameworkDialog({
  framework,
  save,
  close,
}: {
  framework?: Framework;
  save: (text: FrameworkText) => Promise<unknown>;
  close: () => void;
}) {
  const [text, setText] = useState<FrameworkText>({
    name: framework?.name ?? '',
    shortName: framework?.shortName ?? '',
    description: framework?.description ?? '',
  });
  const saving = useMutation({ mutationFn: () => save(text), onSuccess: close });
  const about = fieldOf(saving.error, FIELDS);
  const input = (field: (typeof FIELDS)[number]) => ({
    value: text[field],
    error: about === field ? (saving.error?.message ?? null) : null,
    onChange: (event: { currentTarget: { value: string } }) => {
      setText({ ...text, [field]: event.currentTarget.value });
    },
  });
  return (
    <Modal
      opened
      onClose={close}
      title={framework === undefined ? 'New framework' : `Edit ${framework.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <Stack gap={12}>
          <TextInput label="Name" required data-autofocus {...input('name')} />
          <TextInput
            label="Short name"
            description="Stands on badges: 16 characters at most."
            required
            {...input('shortName')}
          />
          <Textarea label="Description" autosize minRows={2} maxRows={10} {...input('description')} />
          {saving.error !== null && <Failure error={saving.error} />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={saving.isPending}>
              {framework === undefined ? 'Create' : 'Save'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
