import { Button, FileButton, Progress, Select } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import {
  contentOf,
  deleteDocument,
  type Document,
  documentsQuery,
  type DocumentType,
  uploadDocument,
} from '@/shared/api/documents';
import { useMay } from '@/shared/auth/may';
import { sizeOf } from '@/shared/format/number';
import { dayOf, exactTime } from '@/shared/format/time';
import { Confirm } from '@/shared/ui/confirm';
import { Dialog } from '@/shared/ui/dialog';
import { DropHint, DropZone } from '@/shared/ui/drop-zone';
import { sentence } from '@/shared/ui/form-errors';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Loaded } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import classes from '@/shared/ui/documents-panel.module.css';

/** What a document proves, in words. */
const TYPES: readonly { value: DocumentType; label: string }[] = [
  { value: 'PASSWORD_MANAGER_EVIDENCE', label: 'Password manager' },
  { value: 'HARD_DRIVE_ENCRYPTION_EVIDENCE', label: 'Disk encryption' },
  { value: 'ANTIVIRUS_EVIDENCE', label: 'Antivirus' },
  { value: 'AUTO_UPDATES_EVIDENCE', label: 'Automatic updates' },
  { value: 'LOCK_SCREEN_EVIDENCE', label: 'Lock screen' },
];
/** How long a document goes on to prove something, before the moment at which it ends. */
const STATES: Record<Document['state'], string> = { VALID: 'until', EXPIRES_SOON: 'expires', EXPIRED: 'expired' };
const ACCEPT = '.pdf,.png,.jpg,.jpeg,.gif,.docx,.xlsx,.pptx,.doc,.odt,.ods,.odp';
type Upload = { id: number; name: string; over: number; refused?: string };

let uploads = 0;

/**
 * The documents that prove something of a device, or of a person without one: what there is, and where one adds to it
 * by a button or by dropping files.
 */
export function DocumentsPanel({
  holderId,
  past = false,
}: {
  holderId: number;
  /** Of a person who has a device by now: they are shown if there are any, and count for nothing. */
  past?: boolean;
}) {
  const may = useMay();
  const queries = useQueryClient();
  const list = useQuery(documentsQuery(holderId));
  const [shown, setShown] = useState<{ document: Document; content: string }>();
  const [dropped, setDropped] = useState<Document>();
  const refresh = () =>
    Promise.all(
      ['documents', 'devices', 'personnel', 'assets'].map((key) => queries.invalidateQueries({ queryKey: [key] })),
    );
  const show = (document: Document) => {
    contentOf(holderId, document.id).then((content) => {
      setShown({ document, content: `${content}&disposition=inline` });
    }, notifyFailed);
  };
  const download = (document: Document) => {
    contentOf(holderId, document.id).then((content) => {
      const link = window.document.createElement('a');
      link.href = content;
      link.download = document.name;
      link.click();
    }, notifyFailed);
  };
  const looks = may('devices-get-download-document');
  if (past && (list.data ?? []).length === 0) {
    return null;
  }
  return (
    <Panel
      title="Documents"
      aside={
        past
          ? 'From before there was a device. What counts now are its reports and its own documents.'
          : 'Evidence for what no report can prove'
      }
    >
      {!past && may('devices-post-document') && <UploadZone holderId={holderId} done={refresh} />}
      <Loaded query={list} label="documents">
        {(documents) =>
          documents.length === 0 ? (
            <p className={classes.none}>No documents yet.</p>
          ) : (
            <Rows
              label="Documents"
              rows={documents}
              rowKey={({ id }) => id}
              columns={[
                {
                  id: 'name',
                  header: 'File',
                  cell: (row) => (
                    <>
                      {row.inline && looks ? (
                        <button
                          type="button"
                          className={classes.name}
                          onClick={() => {
                            show(row);
                          }}
                        >
                          {row.name}
                        </button>
                      ) : (
                        row.name
                      )}
                      <span className={classes.sub}>
                        {TYPES.find(({ value }) => value === row.type)?.label ?? row.type} · {sizeOf(row.size)}
                      </span>
                    </>
                  ),
                },
                {
                  id: 'added',
                  header: 'Added',
                  cell: (row) => (
                    <>
                      <RelativeTime at={row.createdAt} />
                      <span className={classes.sub}>by {row.createdBy?.displayName ?? 'an API key'}</span>
                    </>
                  ),
                },
                {
                  id: 'proves',
                  header: 'Counts',
                  cell: ({ state, expiresAt }) =>
                    past ? (
                      'no more'
                    ) : (
                      <span className={classes.state} data-is={state}>
                        {STATES[state]}{' '}
                        {state === 'VALID' ? (
                          <time dateTime={expiresAt} title={exactTime(expiresAt)}>
                            {dayOf(expiresAt)}
                          </time>
                        ) : (
                          <RelativeTime at={expiresAt} />
                        )}
                      </span>
                    ),
                },
                {
                  id: 'acts',
                  header: 'Actions',
                  end: true,
                  cell: (row) => (
                    <span className={classes.acts}>
                      {looks && (
                        <Button
                          size="compact-xs"
                          variant="default"
                          aria-label={`Download ${row.name}`}
                          onClick={() => {
                            download(row);
                          }}
                        >
                          Download
                        </Button>
                      )}
                      {may('devices-delete-document') && (
                        <Button
                          size="compact-xs"
                          variant="default"
                          aria-label={`Delete ${row.name}`}
                          onClick={() => {
                            setDropped(row);
                          }}
                        >
                          Delete
                        </Button>
                      )}
                    </span>
                  ),
                },
              ]}
            />
          )
        }
      </Loaded>
      {shown !== undefined && (
        <Dialog
          title={shown.document.name}
          size="xl"
          close={() => {
            setShown(undefined);
          }}
        >
          {shown.document.mediaType.startsWith('image/') ? (
            <img className={classes.image} src={shown.content} alt={shown.document.name} />
          ) : (
            <iframe className={classes.paper} src={shown.content} title={shown.document.name} />
          )}
        </Dialog>
      )}
      <Confirm
        opened={dropped !== undefined}
        close={() => {
          setDropped(undefined);
        }}
        title={`Delete ${dropped?.name ?? ''}?`}
        action="Delete the document"
        act={async () => {
          if (dropped === undefined) return;
          await deleteDocument(holderId, dropped.id);
          await refresh();
          notifyDone(`${dropped.name} is deleted.`);
        }}
      >
        The file goes for good. What only it proves is not proven any more.
      </Confirm>
    </Panel>
  );
}

function UploadZone({ holderId, done }: { holderId: number; done: () => Promise<unknown> }) {
  const [type, setType] = useState<DocumentType>('HARD_DRIVE_ENCRYPTION_EVIDENCE');
  const [going, setGoing] = useState<Upload[]>([]);
  const note = (id: number, change: Partial<Upload>) => {
    setGoing((before) => before.map((each) => (each.id === id ? { ...each, ...change } : each)));
  };
  const forget = (id: number) => {
    setGoing((before) => before.filter((each) => each.id !== id));
  };
  const send = (files: readonly File[]) => {
    for (const file of files) {
      const id = ++uploads;
      setGoing((before) => [...before, { id, name: file.name, over: 0 }]);
      uploadDocument(holderId, type, file, (part) => {
        note(id, { over: part });
      })
        .then(done)
        .then(
          () => {
            forget(id);
          },
          (error: unknown) => {
            note(id, { refused: sentence(error instanceof Error ? error : new Error(String(error))) });
          },
        );
    }
  };
  return (
    <>
      <DropZone label="Add documents" drop={send}>
        <Select
          size="xs"
          className={classes.type ?? ''}
          label="What it proves"
          data={[...TYPES]}
          value={type}
          allowDeselect={false}
          onChange={(value) => {
            setType(TYPES.find((each) => each.value === value)?.value ?? type);
          }}
        />
        <FileButton onChange={send} accept={ACCEPT} multiple>
          {(props) => (
            <Button size="xs" variant="default" {...props}>
              Choose files
            </Button>
          )}
        </FileButton>
        <DropHint>or drop them here. Images, PDF and office documents, 25 MB at most.</DropHint>
      </DropZone>
      {going.length > 0 && (
        <ul className={classes.uploads} aria-label="Files on their way">
          {going.map(({ id, name, over: part, refused }) => (
            <li key={id} className={classes.upload}>
              <span>{name}</span>
              {refused === undefined ? (
                <Progress.Root className={classes.bar ?? ''}>
                  <Progress.Section value={Math.round(part * 100)} aria-label={`Sending ${name}`} />
                </Progress.Root>
              ) : (
                <>
                  <span role="alert" className={classes.refused}>
                    {refused}
                  </span>
                  <Button
                    size="compact-xs"
                    variant="subtle"
                    onClick={() => {
                      forget(id);
                    }}
                  >
                    Dismiss
                  </Button>
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
