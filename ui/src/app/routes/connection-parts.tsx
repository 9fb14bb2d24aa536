import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useSearch } from '@tanstack/react-router';
import { ApiTab } from '@/features/connections/api-tab';
import { resourceCalls } from '@/features/connections/calls';
import { SchemaTab } from '@/features/connections/schema-tab';
import { SessionsTab } from '@/features/connections/sessions-tab';
import { attributesQuery } from '@/shared/api/attributes';
import {
  endSession,
  putSchema,
  recordRows,
  type ResourceAt,
  schemaQuery,
  sessionsQuery,
} from '@/shared/api/connections';
import { jsonText } from '@/shared/api/json';
import type { Resource } from '@/shared/api/types';
import { useMay } from '@/shared/auth/may';
import { notifyDone } from '@/shared/ui/notify';
import { Loaded } from '@/shared/ui/states';

const FROM = '/signed-in/connections/$connectionId';
const SIZE = 50;

export function ConnectionSessions({ at }: { at: ResourceAt }) {
  const { status, cursor } = useSearch({ from: FROM });
  const may = useMay();
  const queries = useQueryClient();
  const list = useQuery(sessionsQuery(at, { cursor, size: SIZE }, status));
  return (
    <SessionsTab
      list={list}
      status={status}
      cursor={cursor}
      size={SIZE}
      mayEnd={may('custom-connections-data-post')}
      count={(sessionId) => endSession(at, sessionId, 'complete', true)}
      end={async (sessionId, action) => {
        await endSession(at, sessionId, action);
        await Promise.all(
          ['sessions', 'records', 'connections'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
        );
        notifyDone(action === 'complete' ? 'The records are replaced.' : 'The session is canceled.');
      }}
    />
  );
}

export function ConnectionSchema({ at, resource }: { at: ResourceAt; resource: Resource }) {
  const may = useMay();
  const queries = useQueryClient();
  const schema = useQuery(schemaQuery(at));
  const attributes = useQuery(attributesQuery(at));
  return (
    <SchemaTab
      schema={schema}
      attributes={attributes}
      mayEdit={resource.builtIn === null && may('custom-connections-put')}
      put={async (text, how) => {
        const outcome = await putSchema(at, text, how);
        if (!outcome.dryRun) {
          await Promise.all(
            ['resources', 'connections', 'tests'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
          );
          notifyDone(`Version ${outcome.version} of the schema is in force.`);
        }
        return outcome;
      }}
    />
  );
}

export function ConnectionApi({ at, resource }: { at: ResourceAt; resource: Resource }) {
  const rows = recordRows(at, { sort: 'createdAt', sortDir: 'DESC' });
  const newest = useQuery({
    queryKey: [...rows.queryKey, 'newest'],
    queryFn: ({ signal }) => rows.read({ size: 1 }, signal),
  });
  return (
    <Loaded query={newest} label="a record for the examples">
      {({ data: [record] }) => (
        <ApiTab
          calls={resourceCalls({
            ...at,
            origin: window.location.origin,
            record: jsonText(record?.attributes ?? { id: 'r-1', [resource.displayNameKey]: 'r-1' }),
            recordId: record?.id ?? 'r-1',
          })}
        />
      )}
    </Loaded>
  );
}
