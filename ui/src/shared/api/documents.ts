import { queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { live } from '@/shared/api/live';
import type { operations } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';
import { upload } from '@/shared/api/upload';

const ALL = '/public/v2/devices/{deviceId}/documents';
const ONE = `${ALL}/{documentId}` as const;

export type Document = BodyOf<operations['getDeviceDocument']>;
export type DocumentType = Document['type'];

/** The documents of a device, or of the record of a person without one: the two never share a number. */
export function documentsQuery(holderId: number) {
  return queryOptions({
    queryKey: ['documents', holderId],
    queryFn: async ({ signal }) => {
      const { documents } = await bodyOf<{ documents: Document[] }>(
        api.GET(ALL, {
          params: { path: { deviceId: holderId }, query: { 'expand[]': ['createdBy'] } },
          parseAs: 'text',
          signal,
        }),
      );
      return documents;
    },
    ...live,
  });
}

/** An address of the content that is good for some minutes, on this host. */
export async function contentOf(holderId: number, documentId: number): Promise<string> {
  const { downloadUrl } = await bodyOf<Document>(
    api.GET(ONE, {
      params: { path: { deviceId: holderId, documentId }, query: { 'expand[]': ['downloadUrl'] } },
      parseAs: 'text',
    }),
  );
  const { pathname, search } = new URL(downloadUrl?.signedUrl ?? '', window.location.origin);
  return `${pathname}${search}`;
}

export async function deleteDocument(holderId: number, documentId: number): Promise<void> {
  await bodyOf(api.DELETE(ONE, { params: { path: { deviceId: holderId, documentId } }, parseAs: 'text' }));
}

/** Sends a file, and tells how much of it is over, from 0 to 1. */
export async function uploadDocument(
  holderId: number,
  type: DocumentType,
  file: File,
  tell: (over: number) => void,
): Promise<Document> {
  const form = new FormData();
  form.set('type', type);
  form.set('file', file, file.name);
  return bodyOf<Document>(upload(ALL.replace('{deviceId}', String(holderId)), { body: form, tell }));
}
