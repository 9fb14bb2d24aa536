import { Stack, Textarea, TextInput } from '@mantine/core';
import { FormDialog } from '@/shared/ui/form-dialog';
import { useTexts } from '@/shared/ui/use-texts';

/** Makes a connection that devices come through. */
export function ConnectDialog({
  save,
  close,
}: {
  save: (texts: { name: string; description: string }) => Promise<unknown>;
  close: () => void;
}) {
  const { input, doing, fields } = useTexts({ name: '', description: '' }, save);
  return (
    <FormDialog title="Connect an MDM" close={close} action="Create" doing={doing} fields={fields}>
      <Stack gap={12}>
        <TextInput
          label="Name"
          description="What people call your device management, such as “Laptops of the office”."
          required
          data-autofocus
          {...input('name')}
        />
        <Textarea label="Description" autosize minRows={2} maxRows={6} {...input('description')} />
      </Stack>
    </FormDialog>
  );
}
