import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { recordName } from '@/features/connections/columns';
import { RecordDrawer } from '@/features/connections/record-drawer';
import { RecordsTab } from '@/features/connections/records-tab';
import {
  deleteRecord,
  readRecord,
  recordQuery,
  recordRows,
  recordVerdictsQuery,
  recordVersionsQuery,
  type ResourceAt,
  restoreRecord,
  writeRecord,
} from '@/shared/api/connections';
import { jsonLine, parseExact } from '@/shared/api/json';
import { useKeysetRows } from '@/shared/api/keyset-rows';
import type { EvidenceRecord, Resource } from '@/shared/api/types';
import { useMay } from '@/shared/auth/may';
import { counted } from '@/shared/format/number';
import { notifyDone } from '@/shared/ui/notify';

const FROM = '/signed-in/connections/$connectionId';

const hasId = (record: EvidenceRecord) => Object.hasOwn(record.attributes, 'id');

export function ConnectionRecords({ at, resource }: { at: ResourceAt; resource: Resource }) {
  const { record, q, property, value, columns, sort = 'createdAt', sortDir = 'DESC' } = useSearch({ from: FROM });
  const navigate = useNavigate({ from: '/connections/$connectionId' });
  const queries = useQueryClient();
  const granted = useMay();
  // What is built in is changed with the person, device or asset itself.
  const may: typeof granted = (scope) => resource.builtIn === null && granted(scope);
  const order = { sort, sortDir };
  const where = property !== undefined && value !== undefined ? { [property]: value } : undefined;
  const rows = useKeysetRows(recordRows(at, order, { q, where }));
  const opened = { enabled: record !== undefined };
  const sees = granted('monitors-get-monitor');
  const one = useQuery({ ...recordQuery(at, record ?? ''), ...opened });
  const versions = useQuery({ ...recordVersionsQuery(at, record ?? ''), ...opened });
  const verdicts = useQuery({ ...recordVerdictsQuery(at, record ?? ''), enabled: record !== undefined && sees });
  const refresh = () =>
    Promise.all(['records', 'connections', 'findings'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  const close = () =>
    void navigate({ search: (now) => ({ ...now, record: undefined }), state: true, resetScroll: false });
  return (
    <>
      <RecordsTab
        resource={resource}
        rows={rows}
        order={order}
        search={{ q, property, value }}
        columns={columns}
        opened={record}
        may={{ delete: may('custom-connections-data-delete') }}
        deleteAll={async (ids) => {
          const gone: EvidenceRecord[] = [];
          try {
            for (const id of ids) {
              const before = await readRecord(at, id);
              await deleteRecord(at, id);
              gone.push(before);
            }
          } finally {
            await refresh();
          }
          notifyDone(
            `${counted(gone.length, 'record')} deleted.`,
            gone.every(hasId)
              ? () =>
                  restoreRecord(
                    at,
                    gone.map((each) => each.attributes),
                  ).then(refresh)
              : undefined,
          );
        }}
      />
      <RecordDrawer
        recordId={record}
        resource={resource}
        record={one}
        verdicts={sees ? verdicts : undefined}
        versions={versions}
        close={close}
        may={{
          write: may('custom-connections-data-post'),
          delete: may('custom-connections-data-delete'),
        }}
        save={async (text, before) => {
          let written: unknown;
          try {
            written = parseExact(text);
          } catch (error) {
            throw new Error(`This is not JSON: ${String(error)}`, { cause: error });
          }
          const kept = (before.attributes as { id?: unknown }).id;
          if (
            typeof written !== 'object' ||
            written === null ||
            jsonLine((written as { id?: unknown }).id) !== jsonLine(kept)
          ) {
            throw new Error(`The record has to be one object whose id stays ${jsonLine(kept)}.`);
          }
          await writeRecord(at, text);
          await refresh();
          notifyDone(`${recordName(before, resource.displayNameKey)} is saved.`, () =>
            restoreRecord(at, before.attributes).then(refresh),
          );
        }}
        remove={async (before) => {
          await deleteRecord(at, before.id);
          close();
          await refresh();
          notifyDone(
            `${recordName(before, resource.displayNameKey)} is deleted.`,
            hasId(before) ? () => restoreRecord(at, before.attributes).then(refresh) : undefined,
          );
        }}
      />
    </>
  );
}
