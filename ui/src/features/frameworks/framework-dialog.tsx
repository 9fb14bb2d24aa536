import { Textarea, TextInput } from '@mantine/core';
import type { Framework, FrameworkText } from '@/shared/api/frameworks';
import { FormDialog } from '@/shared/ui/form-dialog';
import { useTexts } from '@/shared/ui/use-texts';

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
  const { input, doing, fields } = useTexts(
    {
      name: framework?.name ?? '',
      shortName: framework?.shortName ?? '',
      description: framework?.description ?? '',
    },
    save,
    close,
  );
  return (
    <FormDialog
      title={framework === undefined ? 'New framework' : `Edit ${framework.name}`}
      close={close}
      action={framework === undefined ? 'Create' : 'Save'}
      doing={doing}
      fields={fields}
    >
      <TextInput label="Name" required data-autofocus {...input('name')} />
      <TextInput
        label="Short name"
        description="Stands on badges: 16 characters at most."
        required
        {...input('shortName')}
      />
      <Textarea label="Description" autosize minRows={2} maxRows={10} {...input('description')} />
    </FormDialog>
  );
}
