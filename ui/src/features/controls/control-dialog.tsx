import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { Control, ControlText } from '@/shared/api/controls';
import { fieldOf } from '@/shared/api/field-of';
import { Failure } from '@/shared/ui/states';

const FIELDS = ['code', 'name', 'description', 'question', 'activity'] as const;

/** Makes a control, or changes what one says. */
export function ControlDialog({
  control,
  save,
  close,
}: {
  /** The control that is changed, none for a new one. */
  control?: Control;
  save: (text: ControlText) => Promise<unknown>;
  close: () => void;
}) {
  const [text, setText] = useState({
    code: control?.code ?? '',
    name: control?.name ?? '',
    description: control?.description ?? '',
    question: control?.question ?? '',
    activity: control?.activity ?? '',
  });
  const saving = useMutation({
    mutationFn: () => save({ ...text, question: text.question || null, activity: text.activity || null }),
    onSuccess: close,
  });
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
      title={control === undefined ? 'New control' : `Edit ${control.code}`}
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
          <Group gap={12} grow preventGrowOverflow={false} wrap="wrap" align="flex-start">
            <TextInput
              label="Code"
              description="Short, such as AC-01"
              required
              data-autofocus
              maw={180}
              {...input('code')}
            />
            <TextInput label="Name" description="What the organisation does" required miw={240} {...input('name')} />
          </Group>
          <Textarea label="Description" required autosize minRows={3} maxRows={12} {...input('description')} />
          <Textarea
            label="Question"
            description="What somebody should ask to find out whether it is done."
            autosize
            maxRows={6}
            {...input('question')}
          />
          <Textarea
            label="Activity"
            description="What is done, by whom, how often."
            autosize
            maxRows={6}
            {...input('activity')}
          />
          {saving.error !== null && <Failure error={saving.error} />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit" loading={saving.isPending}>
              {control === undefined ? 'Create' : 'Save'}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
