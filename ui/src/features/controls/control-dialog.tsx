import { Group, Textarea, TextInput } from '@mantine/core';
import type { Control, ControlText } from '@/shared/api/controls';
import { FormDialog } from '@/shared/ui/form-dialog';
import { useTexts } from '@/shared/ui/use-texts';

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
  const { input, doing, fields } = useTexts(
    {
      code: control?.code ?? '',
      name: control?.name ?? '',
      description: control?.description ?? '',
      question: control?.question ?? '',
      activity: control?.activity ?? '',
    },
    (texts) => save({ ...texts, question: texts.question || null, activity: texts.activity || null }),
    close,
  );
  return (
    <FormDialog
      title={control === undefined ? 'New control' : `Edit ${control.code}`}
      size="lg"
      close={close}
      action={control === undefined ? 'Create' : 'Save'}
      doing={doing}
      fields={fields}
    >
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
    </FormDialog>
  );
}
