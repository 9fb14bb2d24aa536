import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { fieldOf } from '@/shared/api/field-of';
import type { Requirement, RequirementText } from '@/shared/api/frameworks';
import { Failure } from '@/shared/ui/states';

const FIELDS = ['code', 'name', 'description', 'category', 'additionalInfo'] as const;

/** Adds a requirement to a framework, or changes what one says. */
export function RequirementDialog({
  requirement,
  save,
  close,
}: {
  requirement?: Requirement;
  save: (text: RequirementText) => Promise<unknown>;
  close: () => void;
}) {
  const [text, setText] = useState({
    code: requirement?.code ?? '',
    name: requirement?.name ?? '',
    description: requirement?.description ?? '',
    category: requirement?.category ?? '',
    additionalInfo: requirement?.additionalInfo ?? '',
  });
  const saving = useMutation({
    mutationFn: () =>
      save({
        ...text,
        description: text.description || null,
        category: text.category || null,
        additionalInfo: text.additionalInfo || null,
      }),
    onSuccess: close,
  });
  // The place of a new one is that in a list of one.
  const about = fieldOf(saving.error, FIELDS) ?? FIELDS.find((field) => saving.error?.message.includes(`/${field})`));
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
      title={requirement === undefined ? 'New requirement' : `Edit ${requirement.code}`}
      size="lg"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <form
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate();
        }}
      >
        <Stack gap={12}>
          <TextInput label="Code" required data-autofocus {...input('code')} />
          <TextInput label="Name" required {...input('name')} />
          <TextInput label="Group" description="Requirements of one group stand together." {...input('category')} />
          <Textarea label="Description" autosize minRows={3} maxRows={12} {...input('description')} />
          <Textarea label="More" autosize maxRows={8} {...input('additionalInfo')} />
          {saving.error !== null && <Failure error={saving.error} />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={saving.isPending}>
              {requirement === undefined ? 'Add' : 'Save'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
