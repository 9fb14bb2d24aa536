import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { DEVICE_LOOKS } from '@/features/assets/device-words';
import { DevicesPage } from '@/features/assets/devices-page';
import {
  createMdmConnection,
  type DeviceFilter,
  devicesQuery,
  deviceSummaryQuery,
  mdmConnectionsQuery,
} from '@/shared/api/devices';
import { useMay } from '@/shared/auth/may';
import { ConnectDialog } from '@/shared/ui/connect-dialog';
import { ExportMenu } from '@/shared/ui/export-menu';

const SIZE = 50;

export function DevicesRoute() {
  const search = useSearch({ from: '/signed-in/devices' });
  const navigate = useNavigate({ from: '/devices' });
  const queries = useQueryClient();
  const may = useMay();
  const filter: DeviceFilter = {
    q: search.q,
    connectionId: search.connection,
    sourceType: search.source,
    platformName: search.platform,
    failingCheck: search.check,
    sort: search.sort ?? 'updatedAt',
    sortDir: search.sortDir ?? 'DESC',
    ...DEVICE_LOOKS.find(({ value }) => value === search.look)?.filter,
  };
  const summary = useQuery(deviceSummaryQuery());
  const list = useQuery(devicesQuery({ cursor: search.cursor, size: SIZE }, filter));
  const connections = useQuery({ ...mdmConnectionsQuery(), enabled: may('custom-connections-get') });
  return (
    <>
      <DevicesPage
        search={search}
        list={list}
        summary={summary.data}
        connections={connections.data?.data}
        size={SIZE}
        tools={<ExportMenu path="/public/v2/devices" query={filter} name="devices" />}
      />
      {search.connect === 'yes' && (
        <ConnectDialog
          title="Connect an MDM"
          hint="What people call your device management, such as “Laptops of the office”."
          close={() => void navigate({ search: (before) => ({ ...before, connect: undefined }), replace: true })}
          save={async ({ name, description }) => {
            const made = await createMdmConnection({
              name,
              description: description === '' ? null : description,
            });
            void queries.invalidateQueries({ queryKey: ['connections'] });
            await navigate({
              to: '/connections/$connectionId',
              params: { connectionId: made.id },
              search: { tab: 'devices' },
            });
          }}
        />
      )}
    </>
  );
}
