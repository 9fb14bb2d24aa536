import { Input, Skeleton } from '@mantine/core';
import { lazy, Suspense, useId } from 'react';
import type { RecipeEditorProps } from '@/features/connections/collection/recipe-editor';

// The editor is a heavy library, loaded when one is shown.
const Editor = lazy(() => import('@/features/connections/collection/recipe-editor'));

/** A recipe, with what is wrong with it at its line. */
export function RecipeField({
  label,
  description,
  error,
  ...editor
}: Omit<RecipeEditorProps, 'id'> & { description?: string; error?: string | undefined }) {
  const id = useId();
  return (
    <Input.Wrapper
      label={label}
      labelElement="div"
      {...(description === undefined ? {} : { description })}
      {...(error === undefined ? {} : { error })}
      inputWrapperOrder={['label', 'description', 'input', 'error']}
    >
      <Suspense fallback={<Skeleton height={340} mt={4} />}>
        <Editor id={id} label={label} {...editor} />
      </Suspense>
    </Input.Wrapper>
  );
}
