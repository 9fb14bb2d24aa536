import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { live } from '@/shared/api/live';
import type { components, operations } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const ALL = '/public/v2/custom-fields';
const ONE = `${ALL}/{customFieldId}` as const;

export type CustomField = BodyOf<operations['listCustomFields']>['data'][number];
export type CustomFieldKind = CustomField['kind'];
export type CustomFieldChange = components['schemas']['CustomFieldChange'];
export type FieldValue = NonNullable<BodyOf<operations['getAsset']>['customFields']>[number];
/** What a field of an object shall be; null clears it. */
export type FieldSetting = { id: number; value: string | null };

/** There are at most a hundred of a kind. */
const MOST = 100;

/** The fields of a kind, by name. */
export function customFieldsQuery(kind: CustomFieldKind) {
  return queryOptions({
    queryKey: ['settings', 'custom-fields', kind],
    queryFn: ({ signal }) =>
      bodyOf<BodyOf<operations['listCustomFields']>>(
        api.GET(ALL, {
          params: { query: { kind, sort: 'name', sortDir: 'ASC', size: MOST } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

/** One field, with the number of its values. */
export function customFieldQuery(customFieldId: number) {
  return queryOptions({
    queryKey: ['settings', 'custom-fields', 'one', customFieldId],
    queryFn: ({ signal }) =>
      bodyOf<BodyOf<operations['getCustomField']>>(
        api.GET(ONE, { params: { path: { customFieldId } }, parseAs: 'text', signal }),
      ),
  });
}

export function createCustomField(kind: CustomFieldKind, body: CustomFieldChange): Promise<CustomField> {
  return bodyOf<CustomField>(api.POST(ALL, { body: { ...body, kind } as never, parseAs: 'text' }));
}

export function changeCustomField(customFieldId: number, body: CustomFieldChange): Promise<CustomField> {
  return bodyOf<CustomField>(api.PUT(ONE, { params: { path: { customFieldId } }, body, parseAs: 'text' }));
}

export async function deleteCustomField(customFieldId: number): Promise<void> {
  await bodyOf(api.DELETE(ONE, { params: { path: { customFieldId } }, parseAs: 'text' }));
}
