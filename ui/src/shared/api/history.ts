import { infiniteQueryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { live } from '@/shared/api/live';
import type { operations } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

type History = BodyOf<operations['listDeviceHistory']>;

/** What became of a person, a device or an asset at one moment. */
export type ObjectChange = History['data'][number];

/** What has a history. */
export type Historic = 'personnel' | 'devices' | 'assets';

const SIZE = 20;

/** The history of an object, newest first, page after page. It comes a moment after what changed the object. */
export function objectHistoryQuery(of: Historic, id: number) {
  return infiniteQueryOptions({
    queryKey: [of, 'history', id],
    queryFn: ({ signal, pageParam }) => {
      const query = { size: SIZE, ...(pageParam === '' ? {} : { cursor: pageParam }) };
      const how = { parseAs: 'text', signal } as const;
      switch (of) {
        case 'personnel':
          return bodyOf<History>(
            api.GET('/public/v2/personnel/{personnelId}/history', {
              params: { path: { personnelId: id }, query },
              ...how,
            }),
          );
        case 'devices':
          return bodyOf<History>(
            api.GET('/public/v2/devices/{deviceId}/history', { params: { path: { deviceId: id }, query }, ...how }),
          );
        case 'assets':
          return bodyOf<History>(
            api.GET('/public/v2/assets/{assetId}/history', { params: { path: { assetId: id }, query }, ...how }),
          );
      }
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.pagination.cursor ?? undefined,
    ...live,
  });
}
