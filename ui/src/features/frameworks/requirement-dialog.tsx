import { Textarea, TextInput } from '@mantine/core';
import type { Requirement, RequirementText } from '@/shared/api/frameworks';
import { FormDialog } from '@/shared/ui/form-dialog';
import { useTexts } from '@/shared/ui/use-texts';

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
  const { input, doing, fields } = useTexts(
    {
      code: requirement?.code ?? '',
      name: requirement?.name ?? '',
      description: requirement?.description ?? '',
      category: requirement?.category ?? '',
      additionalInfo: requirement?.additionalInfo ?? '',
    },
    (texts) =>
      save({
        ...texts,
        description: texts.description || null,
        category: texts.category || null,
        additionalInfo: texts.additionalInfo || null,
      }),
    close,
  );
  return (
    <FormDialog
      title={requirement === undefined ? 'New requirement' : `Edit ${requirement.code}`}
      size="lg"
      close={close}
      action={requirement === undefined ? 'Add' : 'Save'}
      doing={doing}
      fields={fields}
    >
      <TextInput label="Code" required data-autofocus {...input('code')} />
      <TextInput label="Name" required {...input('name')} />
      <TextInput label="Group" description="Requirements of one group stand together." {...input('category')} />
      <Textarea label="Description" autosize minRows={3} maxRows={12} {...input('description')} />
      <Textarea label="More" autosize maxRows={8} {...input('additionalInfo')} />
    </FormDialog>
  );
}
