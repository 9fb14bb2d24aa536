import { Input, Skeleton } from '@mantine/core';
import { lazy, Suspense, useId } from 'react';
import type { JsonFieldEditorProps } from '@/shared/ui/json-field-editor';

// The editor is a heavy library, loaded when one is shown.
const Editor = lazy(() => import('@/shared/ui/json-field-editor'));

/** A field for JSON text with colours, folding and errors at their line. */
export function JsonField({
  label,
  description,
  error,
  height = 320,
  ...editor
}: Omit<JsonFieldEditorProps, 'id'> & {
  description?: string | undefined;
  /** What is wrong, in the server's words. */
  error?: string | undefined;
  height?: number;
}) {
  const id = useId();
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      {...(description === undefined ? {} : { description })}
      {...(error === undefined ? {} : { error })}
      inputWrapperOrder={['label', 'description', 'input', 'error']}
    >
      <Suspense fallback={<Skeleton height={height} mt={4} />}>
        <Editor id={id} label={label} height={height} {...editor} />
      </Suspense>
    </Input.Wrapper>
  );
}
