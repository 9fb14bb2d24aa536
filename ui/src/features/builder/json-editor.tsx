import { Skeleton } from '@mantine/core';
import { lazy, Suspense } from 'react';
import type { JsonEditorProps } from '@/features/builder/json-editor-panel';

export type { EditorMemory, JsonEditorProps } from '@/features/builder/json-editor-panel';

const Panel = lazy(async () => ({ default: (await import('@/features/builder/json-editor-panel')).JsonEditorPanel }));

/** The advanced editor. Its code comes when one is shown. */
export function JsonEditor(props: JsonEditorProps) {
  return (
    <Suspense fallback={<Skeleton height={260} radius="sm" aria-label={`${props.label} is loading`} role="status" />}>
      <Panel {...props} />
    </Suspense>
  );
}
