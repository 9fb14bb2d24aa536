import { Text, TextInput } from '@mantine/core';
import { FormDialog } from '@/shared/ui/form-dialog';
import { useTexts } from '@/shared/ui/use-texts';

/** Marks something out of scope with the reason that an auditor reads, or in scope again. */
export function ScopeDialog({
  title,
  into,
  effect,
  act,
  close,
}: {
  title: string;
  into: 'in' | 'out';
  /** What it means for readiness. */
  effect: string;
  act: (rationale: string) => Promise<unknown>;
  close: () => void;
}) {
  const { input, doing, fields } = useTexts({ rationale: '' }, ({ rationale }) => act(rationale.trim()), close);
  return (
    <FormDialog
      title={title}
      close={close}
      action={into === 'out' ? 'Mark out of scope' : 'Mark in scope'}
      doing={doing}
      fields={into === 'out' ? fields : []}
    >
      <Text size="sm">{effect}</Text>
      {into === 'out' && (
        <TextInput
          label="Rationale"
          description="An auditor reads why it does not apply."
          required
          data-autofocus
          {...input('rationale')}
        />
      )}
    </FormDialog>
  );
}
