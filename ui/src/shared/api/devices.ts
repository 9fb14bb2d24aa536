import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { type PageOf, pageQuery } from '@/shared/api/connections';
import { given } from '@/shared/api/given';
import { live } from '@/shared/api/live';
import type { operations, paths } from '@/shared/api/schema';
import type { BodyOf, Connection, ConnectionList } from '@/shared/api/types';

const ALL = '/public/v2/devices';
const ONE = `${ALL}/{deviceId}` as const;
const OF_CONNECTION = '/public/v2/custom-connections/{connectionId}/devices/{deviceId}';

export type Device = BodyOf<operations['getDevice']>;
/** One that there is: a null device stands for that of a person without any. */
export type ReportedDevice = Device & { connectionId: number };
export type DeviceSummary = BodyOf<operations['getDeviceSummary']>;
export type DeviceCheck = DeviceSummary['checks'][number]['type'];
export type DeviceList = BodyOf<operations['listDevices']>;
export type AppList = BodyOf<operations['listDeviceApps']>;
export type App = AppList['data'][number];

export function reported(device: Device): device is ReportedDevice {
  return device.connectionId !== null;
}

type ListQuery = NonNullable<paths[typeof ALL]['get']['parameters']['query']>;
type AppsQuery = NonNullable<paths[`${typeof ONE}/apps`]['get']['parameters']['query']>;
export type AppKind = NonNullable<AppsQuery['kind']>;

/** How the list of devices is narrowed and ordered. */
export type DeviceFilter = {
  [
    Name in
      | 'q'
      | 'sourceType'
      | 'platformName'
      | 'connectionId'
      | 'personnelId'
      | 'complianceStatus[]'
      | 'failingCheck'
      | 'stale'
      | 'sort'
      | 'sortDir'
  ]?: ListQuery[Name] | undefined;
};

export function devicesQuery(page: PageOf, filter: DeviceFilter) {
  return queryOptions({
    queryKey: ['devices', page, filter],
    queryFn: ({ signal }) =>
      bodyOf<DeviceList>(
        api.GET(ALL, {
          params: { query: { ...pageQuery(page), ...given(filter), 'expand[]': ['complianceChecks', 'owner'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}

export function deviceSummaryQuery() {
  return queryOptions({
    queryKey: ['devices', 'summary'],
    queryFn: ({ signal }) => bodyOf<DeviceSummary>(api.GET(`${ALL}/summary`, { parseAs: 'text', signal })),
    placeholderData: keepPreviousData,
    ...live,
  });
}

export function deviceQuery(deviceId: number) {
  return queryOptions({
    queryKey: ['devices', 'one', deviceId],
    queryFn: ({ signal }) =>
      bodyOf<Device>(
        api.GET(ONE, {
          params: { path: { deviceId }, query: { 'expand[]': ['asset', 'complianceChecks', 'identifiers', 'owner'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    ...live,
  });
}

/** What runs on a device, for useKeysetRows. */
export function appRows(deviceId: number, kind: AppKind, q: string | undefined) {
  return {
    queryKey: ['devices', 'apps', deviceId, kind, q ?? ''],
    read: (page: PageOf, signal: AbortSignal) =>
      bodyOf<AppList>(
        api.GET(`${ONE}/apps`, {
          params: { path: { deviceId }, query: { ...pageQuery(page), ...given({ q }), kind, sortDir: 'ASC' } },
          parseAs: 'text',
          signal,
        }),
      ),
  };
}

export async function deleteDevice(connectionId: number, deviceId: number): Promise<void> {
  await bodyOf(api.DELETE(OF_CONNECTION, { params: { path: { connectionId, deviceId } }, parseAs: 'text' }));
}

const MANY = 200;

/** The connections that report devices. */
export function mdmConnectionsQuery() {
  return queryOptions({
    queryKey: ['connections', 'mdm'],
    queryFn: ({ signal }) =>
      bodyOf<ConnectionList>(
        api.GET('/public/v2/connections', {
          params: { query: { size: MANY, 'providerTypes[]': ['MDM'] } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
    ...live,
  });
}

/** Makes a connection that devices come through; it keeps no records. */
export function createMdmConnection(body: { name: string; description: string | null }): Promise<Connection> {
  return bodyOf<Connection>(
    api.POST('/public/v2/custom-connections', {
      body: { ...body, providerTypes: ['MDM'] } as never,
      parseAs: 'text',
    }),
  );
}
