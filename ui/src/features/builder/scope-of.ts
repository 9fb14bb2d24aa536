import { useQuery } from '@tanstack/react-query';
import { attributesQuery } from '@/shared/api/attributes';
import type { ResourceChoice } from '@/shared/api/rules';
import { offer, offerElement, type Offered, type Scope } from '@/features/builder/scope';

/** The scope of the records of a resource; undefined while none is chosen. */
export function useRecordScope(resource: ResourceChoice | undefined): Scope | undefined {
  const at = { connectionId: resource?.connectionId ?? 0, resourceId: resource?.id ?? 0 };
  const { data, isPending } = useQuery({ ...attributesQuery(at), enabled: resource !== undefined });
  if (resource === undefined) return undefined;
  return {
    key: `r${resource.id}`,
    ...at,
    resourceName: resource.name,
    attributes: data === undefined ? [] : offer(data.attributes),
    sample: data?.sample.records ?? 0,
    loading: isPending,
  };
}

/** The scope of the elements of a list. */
export function elementScope(scope: Scope, list: Offered | undefined, key: string): Scope {
  return {
    ...scope,
    key: `${scope.key}[${key}]`,
    attributes: list === undefined ? [] : offerElement(list.attribute),
  };
}
