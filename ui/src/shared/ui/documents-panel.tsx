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
import { CHECK_WORDS, type Check } from '@/shared/format/compliance';
import { sizeOf } from '@/shared/format/number';
import { dayOf, exactTime } from '@/shared/format/time';
import { Confirm } from '@/shared/ui/confirm';
import { Dialog } from '@/shared/ui/dialog';
import { DropHint, DropZone } from '@/shared/ui/drop-zone';
import { sentence } from '@/shared/ui/form-errors';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { RowActions, RowButton } from '@/shared/ui/row-actions';
import { Loaded } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import classes from '@/shared/ui/documents-panel.module.css';

/** What a document proves, in words. */
const TYPES: readonly { value: DocumentType; label: string; check: Check['type'] }[] = [
  { value: 'PASSWORD_MANAGER_EVIDENCE', label: CHECK_WORDS.PASSWORD_MANAGER, check: 'PASSWORD_MANAGER' },
  { value: 'HARD_DRIVE_ENCRYPTION_EVIDENCE', label: CHECK_WORDS.HDD_ENCRYPTION, check: 'HDD_ENCRYPTION' },
  { value: 'ANTIVIRUS_EVIDENCE', label: CHECK_WORDS.ANTIVIRUS, check: 'ANTIVIRUS' },
  { value: 'AUTO_UPDATES_EVIDENCE', label: CHECK_WORDS.AUTO_UPDATES, check: 'AUTO_UPDATES' },
  { value: 'LOCK_SCREEN_EVIDENCE', label: CHECK_WORDS.LOCK_SCREEN, check: 'LOCK_SCREEN' },
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
  checks,
  past = false,
}: {
  holderId: number;
  /** How the device or the person stands. */
  checks: readonly Check[];
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
      {!past && may('devices-post-document') && (
        <UploadZone holderId={holderId} missing={missingOf(checks)} done={refresh} />
      )}
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
                    <RowActions>
                      {looks && (
                        <RowButton
                          label={`Download ${row.name}`}
                          act={() => {
                            download(row);
                          }}
                        >
                          Download
                        </RowButton>
                      )}
                      {may('devices-delete-document') && (
                        <RowButton
                          label={`Delete ${row.name}`}
                          act={() => {
                            setDropped(row);
                          }}
                        >
                          Delete
                        </RowButton>
                      )}
                    </RowActions>
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

/** What no report and no document proves. */
function missingOf(checks: readonly Check[]): DocumentType[] {
  const open = checks.filter(({ status }) => status === 'FAIL' || status === 'MISCONFIGURED').map(({ type }) => type);
  return TYPES.filter(({ check }) => open.includes(check)).map(({ value }) => value);
}

function UploadZone({
  holderId,
  missing,
  done,
}: {
  holderId: number;
  missing: readonly DocumentType[];
  done: () => Promise<unknown>;
}) {
  const [chosen, setChosen] = useState<DocumentType | null>(null);
  /** Files of which nobody has said yet what they prove. */
  const [waiting, setWaiting] = useState<readonly File[]>([]);
  const [only] = missing.length === 1 ? missing : [];
  const type = chosen ?? only ?? null;
  const [going, setGoing] = useState<Upload[]>([]);
  const note = (id: number, change: Partial<Upload>) => {
    setGoing((before) => before.map((each) => (each.id === id ? { ...each, ...change } : each)));
  };
  const forget = (id: number) => {
    setGoing((before) => before.filter((each) => each.id !== id));
  };
  const send = (files: readonly File[], as: DocumentType) => {
    for (const file of files) {
      const id = ++uploads;
      setGoing((before) => [...before, { id, name: file.name, over: 0 }]);
      uploadDocument(holderId, as, file, (part) => {
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
    setWaiting([]);
    // The next ones may prove something else.
    setChosen(null);
  };
  const take = (files: readonly File[]) => {
    if (type === null) setWaiting((before) => [...before, ...files]);
    else send(files, type);
  };
  return (
    <>
      <DropZone label="Add documents" drop={take}>
        <Select
          size="xs"
          className={classes.type ?? ''}
          label="What it proves"
          placeholder="Choose a check"
          data={TYPES.map(({ value, label }) => ({ value, label }))}
          value={type}
          allowDeselect={false}
          error={waiting.length > 0}
          onChange={(value) => {
            const as = TYPES.find((each) => each.value === value)?.value;
            if (as === undefined) return;
            if (waiting.length > 0) send(waiting, as);
            else setChosen(as);
          }}
        />
        <FileButton onChange={take} accept={ACCEPT} multiple>
          {(props) => (
            <Button size="xs" variant="default" {...props}>
              Choose files
            </Button>
          )}
        </FileButton>
        <DropHint>or drop them here. Images, PDF and office documents, 25 MB at most.</DropHint>
      </DropZone>
      {going.length + waiting.length > 0 && (
        <ul className={classes.uploads} aria-label="Files on their way">
          {waiting.map((file, at) => (
            <li key={`waiting ${String(at)}`} className={classes.upload}>
              <span>{file.name}</span>
              <span role="alert" className={classes.refused}>
                Say above what it proves; then it is sent.
              </span>
              <Dismiss
                name={file.name}
                act={() => {
                  setWaiting((before) => before.filter((each) => each !== file));
                }}
              />
            </li>
          ))}
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
                  <Dismiss
                    name={name}
                    act={() => {
                      forget(id);
                    }}
                  />
                </>
              )}
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function Dismiss({ name, act }: { name: string; act: () => void }) {
  return (
    <Button size="compact-xs" variant="subtle" aria-label={`Dismiss ${name}`} onClick={act}>
      Dismiss
    </Button>
  );
}
