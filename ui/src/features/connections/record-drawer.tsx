import { Button, Group, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from '@/shared/api/errors';
import { jsonText } from '@/shared/api/json';
import type { EvidenceRecord, RecordVerdicts, RecordVersion, Resource } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { Facts } from '@/shared/ui/facts';
import { JsonDiff } from '@/shared/ui/json-diff';
import { JsonField } from '@/shared/ui/json-field';
import { JsonView } from '@/shared/ui/json-view';
import { RelativeTime } from '@/shared/ui/relative-time';
import { reasonInWords } from '@/shared/ui/result-chip';
import { DrawerPart, SideDrawer } from '@/shared/ui/side-drawer';
import { Loaded } from '@/shared/ui/states';
import { recordName } from '@/features/connections/columns';
import { recordFault } from '@/features/connections/record-fault';
import { VerdictChip } from '@/features/connections/verdict-chip';
import classes from '@/features/connections/connection.module.css';

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

export function RecordDrawer({
  recordId,
  resource,
  record,
  verdicts,
  versions,
  close,
  may,
  save,
  remove,
}: {
  recordId: string | undefined;
  resource: Resource;
  record: Query<EvidenceRecord>;
  verdicts: Query<RecordVerdicts> | undefined;
  versions: Query<{ data: RecordVersion[]; pagination: { cursor: string | null } }>;
  close: () => void;
  may: { write: boolean; delete: boolean };
  /** Stores the text as the record. */
  save: (text: string, before: EvidenceRecord) => Promise<unknown>;
  remove: (record: EvidenceRecord) => Promise<unknown>;
}) {
  const [editing, setEditing] = useState<string>();
  const [removing, setRemoving] = useState(false);
  const name = record.data === undefined ? recordId : recordName(record.data, resource.displayNameKey);
  const failing = verdicts?.data?.verdicts.filter((verdict) => verdict.state === 'fail') ?? [];
  // A record without an id of its own would be stored as another one.
  const keepsId = record.data !== undefined && Object.hasOwn(record.data.attributes, 'id');
  return (
    <SideDrawer
      opened={recordId !== undefined}
      close={() => {
        setEditing(undefined);
        close();
      }}
      title={name}
      size="xl"
      actions={
        record.data !== undefined &&
        editing === undefined && (
          <Group gap={8}>
            {may.write && keepsId && (
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  setEditing(jsonText(record.data?.attributes));
                }}
              >
                Edit
              </Button>
            )}
            {may.delete && (
              <Button
                size="xs"
                variant="default"
                color="red"
                onClick={() => {
                  setRemoving(true);
                }}
              >
                Delete
              </Button>
            )}
          </Group>
        )
      }
    >
      {recordId !== undefined && (
        <Loaded query={record} label="the record">
          {(data) =>
            editing === undefined ? (
              <>
                <Facts
                  facts={[
                    ['Id', data.id],
                    ['Updated', <RelativeTime key="updated" at={data.updatedAt} />],
                    ['Created', <RelativeTime key="created" at={data.createdAt} />],
                    data.sessionId === null ? null : ['Session', data.sessionId],
                  ]}
                />
                <JsonView value={data.attributes} label="record as JSON" />
                {verdicts !== undefined && <Verdicts query={verdicts} />}
                <History record={data} query={versions} />
              </>
            ) : (
              <Editor
                record={data}
                text={editing}
                change={setEditing}
                cancel={() => {
                  setEditing(undefined);
                }}
                save={save}
              />
            )
          }
        </Loaded>
      )}
      <Confirm
        opened={removing}
        close={() => {
          setRemoving(false);
        }}
        title={`Delete ${name ?? 'the record'}?`}
        action="Delete the record"
        act={async () => {
          if (record.data !== undefined) await remove(record.data);
        }}
      >
        {failing.length === 0 ? (
          <Text size="sm">No test fails because of it.</Text>
        ) : (
          <>
            <Text size="sm">{counted(failing.length, 'finding')} will end with it:</Text>
            <ul>
              {failing.map((verdict) => (
                <li key={`${verdict.testId} ${verdict.group}`}>{verdict.testName}</li>
              ))}
            </ul>
          </>
        )}
        <Text size="sm">Its history stays{keepsId ? ', and you can undo this for a short while' : ''}.</Text>
      </Confirm>
    </SideDrawer>
  );
}

function Editor({
  record,
  text,
  change,
  cancel,
  save,
}: {
  record: EvidenceRecord;
  text: string;
  change: (text: string) => void;
  cancel: () => void;
  save: (text: string, before: EvidenceRecord) => Promise<unknown>;
}) {
  const [error, setError] = useState<Error>();
  const [saving, setSaving] = useState(false);
  const fault = error instanceof ApiError ? recordFault(error) : undefined;
  return (
    <>
      <JsonField
        label="Record as JSON"
        description="The whole record. Its id stays."
        height={420}
        value={text}
        error={error?.message}
        fault={fault}
        onChange={change}
      />
      <Group justify="flex-end" gap={8} mt={12}>
        <Button variant="default" onClick={cancel}>
          Cancel
        </Button>
        <Button
          loading={saving}
          onClick={() => {
            setSaving(true);
            save(text, record)
              .then(cancel, (refused: unknown) => {
                setError(refused instanceof Error ? refused : new Error(String(refused)));
              })
              .finally(() => {
                setSaving(false);
              });
          }}
        >
          Save the record
        </Button>
      </Group>
    </>
  );
}

function Verdicts({ query }: { query: Query<RecordVerdicts> }) {
  return (
    <DrawerPart title="What tests say">
      <Loaded query={query} label="verdicts">
        {({ verdicts, data }) => (
          <>
            {verdicts.length === 0 ? (
              <Text size="sm" c="dimmed">
                No published test looks at this resource.
              </Text>
            ) : (
              <ul className={classes.verdicts}>
                {verdicts.map((verdict) => (
                  <li key={`${verdict.workspaceId} ${verdict.testId} ${verdict.group}`}>
                    <Link
                      to="/tests/$testId"
                      params={{ testId: verdict.testId }}
                      search={{ workspace: verdict.workspaceId }}
                    >
                      {verdict.testName}
                    </Link>
                    <span>
                      {verdict.state === 'fail' && verdict.since !== null && (
                        <>
                          since <RelativeTime at={verdict.since} />{' '}
                        </>
                      )}
                      {verdict.problem !== null && `${reasonInWords(verdict.problem) ?? ''} `}
                      <VerdictChip state={verdict.state} excluded={verdict.isExcluded} />
                    </span>
                  </li>
                ))}
              </ul>
            )}
            {data.length > 0 && (
              <>
                <Text size="sm" fw={600} mt={14}>
                  When it failed
                </Text>
                <ul className={classes.verdicts}>
                  {data.map((time) => (
                    <li key={time.id}>
                      <span>{time.testName}</span>
                      <span>
                        <RelativeTime at={time.openedAt} /> –{' '}
                        {time.closedAt === null ? (
                          'now'
                        ) : (
                          <>
                            <RelativeTime at={time.closedAt} /> ({time.closeReason})
                          </>
                        )}
                      </span>
                    </li>
                  ))}
                </ul>
              </>
            )}
          </>
        )}
      </Loaded>
    </DrawerPart>
  );
}

function History({
  record,
  query,
}: {
  record: EvidenceRecord;
  query: Query<{ data: RecordVersion[]; pagination: { cursor: string | null } }>;
}) {
  return (
    <DrawerPart title="History">
      <Loaded query={query} label="versions">
        {({ data, pagination }) => (
          <ol className={classes.versions}>
            {[{ attributes: record.attributes, validFrom: record.updatedAt, deleted: false }, ...data].map(
              (version, at, all) => {
                const before = all[at + 1];
                return (
                  <li key={version.validFrom} className={classes.version}>
                    <div className={classes.versionHead}>
                      <span>
                        {at === 0 ? 'Now' : 'Before'}, from <RelativeTime at={version.validFrom} />
                        {version.deleted && ', until it was deleted'}
                      </span>
                    </div>
                    {before !== undefined ? (
                      <JsonDiff
                        before={before.attributes}
                        after={version.attributes}
                        label={`What changed in version ${all.length - at}`}
                      />
                    ) : (
                      <Text size="sm" c="dimmed">
                        {pagination.cursor === null ? 'The first version.' : 'Older versions are in the API.'}
                      </Text>
                    )}
                  </li>
                );
              },
            )}
          </ol>
        )}
      </Loaded>
    </DrawerPart>
  );
}
