import { Stack, Textarea, TextInput } from '@mantine/core';
import { FormDialog } from '@/shared/ui/form-dialog';
import { useTexts } from '@/shared/ui/use-texts';

/** Makes a connection that devices or people come through. */
export function ConnectDialog({
  title,
  hint,
  save,
  close,
}: {
  title: string;
  /** What its name may be. */
  hint: string;
  save: (texts: { name: string; description: string }) => Promise<unknown>;
  close: () => void;
}) {
  const { input, doing, fields } = useTexts({ name: '', description: '' }, save);
  return (
    <FormDialog title={title} close={close} action="Create" doing={doing} fields={fields}>
      <Stack gap={12}>
        <TextInput label="Name" description={hint} required data-autofocus {...input('name')} />
        <Textarea label="Description" autosize minRows={2} maxRows={6} {...input('description')} />
      </Stack>
    </FormDialog>
  );
}
