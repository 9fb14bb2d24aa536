import { ApiError } from '@/shared/api/errors';
import type { Preview } from '@/shared/api/rules';
import type { Finding } from '@/features/builder/context';
import { at, ownerOf, pathOf, put, type Tree } from '@/features/builder/logic';

/** What the server says of the logic, by the place on the page that it is shown at. */
export function findingsOf(
  tree: Tree,
  preview: Preview | undefined,
  error: Error | null,
  knows: (operator: string) => boolean,
): Map<string, Finding[]> {
  const out = new Map<string, Finding[]>();
  const add = (finding: Finding) => {
    const owner = ownerOf(tree, finding.pointer, knows);
    out.set(owner, [...(out.get(owner) ?? []), finding]);
  };
  if (error instanceof ApiError && error.pointer !== null) {
    const { pointer, message, suggestion } = error;
    const path = pathOf(tree, pointer);
    const fix =
      suggestion !== null && typeof at(tree, path) === 'string'
        ? { fix: { label: `Use “${suggestion}”`, tree: put(tree, path, suggestion) } }
        : {};
    add({ pointer, severity: 'error', message, ...fix });
  } else {
    for (const { pointer, message, severity } of preview?.lint ?? []) add({ pointer, message, severity });
  }
  return out;
}
