import { Button, Group, Stack, Textarea, TextInput } from '@mantine/core';
import { Notice } from '@/shared/ui/form-errors';
import { useTexts } from '@/shared/ui/use-texts';

export type Field = { name: string; label: string; description?: string; long?: boolean; required?: boolean };

/** A form of texts; what the server says of one stands beside it. */
export function TextForm({
  fields,
  values,
  action,
  readOnly = false,
  submit,
}: {
  fields: readonly Field[];
  values: Record<string, string>;
  action: string;
  readOnly?: boolean;
  submit: (values: Record<string, string>) => Promise<unknown>;
}) {
  const { input, doing, fields: names } = useTexts(values, submit);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        doing.mutate();
      }}
    >
      <Stack gap={12}>
        <Notice error={doing.error} fields={names} />
        {fields.map(({ name, label, description, long, required }) => {
          const props = {
            label,
            description,
            readOnly,
            required: required === true,
            withAsterisk: false,
            ...input(name),
          };
          return long === true ? (
            <Textarea key={name} autosize minRows={2} maxRows={12} {...props} />
          ) : (
            <TextInput key={name} {...props} />
          );
        })}
        {!readOnly && (
          <Group>
            <Button type="submit" size="xs" loading={doing.isPending}>
              {action}
            </Button>
          </Group>
        )}
      </Stack>
    </form>
  );
}

/** An empty text is null on the wire. */
export function orNull(text: string | undefined): string | null {
  return text === undefined || text.trim() === '' ? null : text;
}
