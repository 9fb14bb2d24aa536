import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Navigate, useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { AppsPanel } from '@/features/assets/apps-panel';
import { ChecksPanel, DevicePage, ReportPanel } from '@/features/assets/device-page';
import { connectionQuery } from '@/shared/api/connections';
import { type AppKind, appRows, deleteDevice, deviceQuery, reported, type ReportedDevice } from '@/shared/api/devices';
import { useKeysetRows } from '@/shared/api/keyset-rows';
import { useMay } from '@/shared/auth/may';
import { counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { DocumentsPanel } from '@/shared/ui/documents-panel';
import { HistoryPanel } from '@/shared/ui/history-panel';
import { notifyDone } from '@/shared/ui/notify';
import { Loaded } from '@/shared/ui/states';

const FROM = '/signed-in/devices/$deviceId';

export function DeviceRoute() {
  const { deviceId } = useParams({ from: FROM });
  const device = useQuery(deviceQuery(deviceId));
  return (
    <Loaded query={device} label="the device" page="Device">
      {(data) =>
        reported(data) ? (
          <Whole key={data.id} device={data} />
        ) : (
          <Navigate to="/personnel/$personId" params={{ personId: data.personnelId }} replace />
        )
      }
    </Loaded>
  );
}

function Whole({ device }: { device: ReportedDevice }) {
  const { tab = 'checks', q, kind = 'APPLICATION' } = useSearch({ from: FROM });
  const may = useMay();
  const navigate = useNavigate();
  const queries = useQueryClient();
  const [deleting, setDeleting] = useState(false);
  const connection = useQuery({ ...connectionQuery(device.connectionId), enabled: may('custom-connections-get') });
  return (
    <>
      <DevicePage
        device={device}
        connection={connection.data}
        tab={tab}
        remove={
          may('devices-delete-from-custom-connection')
            ? () => {
                setDeleting(true);
              }
            : undefined
        }
      >
        {tab === 'checks' && (
          <>
            <ChecksPanel device={device} />
            {may('devices-get-documents') && (
              <DocumentsPanel holderId={device.id} checks={device.complianceChecks ?? []} />
            )}
          </>
        )}
        {tab === 'apps' && <Apps deviceId={device.id} kind={kind} q={q} />}
        {tab === 'report' && <ReportPanel device={device} />}
        {tab === 'history' && <HistoryPanel of="devices" id={device.id} />}
      </DevicePage>
      <Confirm
        opened={deleting}
        close={() => {
          setDeleting(false);
        }}
        title={`Delete ${device.displayName}?`}
        action="Delete the device"
        act={async () => {
          await deleteDevice(device.connectionId, device.id);
          await navigate({ to: '/devices', search: {} });
          queries.removeQueries({ queryKey: ['devices', 'one', device.id] });
          void queries.invalidateQueries({ queryKey: ['devices'] });
          void queries.invalidateQueries({ queryKey: ['assets'] });
          notifyDone(`${device.displayName} is deleted.`);
        }}
      >
        Its last report goes with it, {counted(device.appsCount ?? 0, 'application')} of it included, and its asset
        {device.asset?.notes ? ' with the notes that you wrote' : ''}. If it is reported again, it begins anew under
        another number.
      </Confirm>
    </>
  );
}

function Apps({ deviceId, kind, q }: { deviceId: number; kind: AppKind; q: string | undefined }) {
  const rows = useKeysetRows(appRows(deviceId, kind, q));
  return <AppsPanel kind={kind} q={q} rows={rows} />;
}
