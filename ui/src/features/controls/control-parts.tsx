import { ActionIcon, Button, Group, Textarea } from '@mantine/core';
import { IconPencil, IconTrash, IconUnlink } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { Control, ControlNote, ControlNoteList, ControlTest } from '@/shared/api/controls';
import type { Event } from '@/shared/api/events';
import type { Requirement } from '@/shared/api/frameworks';
import { count } from '@/shared/format/number';
import { Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { ReadinessChip, readinessOf } from '@/shared/ui/readiness';
import { RelativeTime } from '@/shared/ui/relative-time';
import { ResultChip } from '@/shared/ui/result-chip';
import { Notice } from '@/shared/ui/form-errors';
import { useTexts } from '@/shared/ui/use-texts';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/controls/control-page.module.css';

/** The tests that prove a control. */
export function ControlTests({
  control,
  picker,
  unmap,
}: {
  control: Control;
  /** Maps a further test. */
  picker: ReactNode;
  unmap: ((test: ControlTest) => void) | undefined;
}) {
  const tests = control.tests ?? [];
  return (
    <Panel title="Tests" aside="It is ready when one of them passes and none fails.">
      {picker !== undefined && <div className={classes.add}>{picker}</div>}
      {tests.length === 0 ? (
        <p className={classes.nothing}>No test proves this control yet. Choose one above, or write one.</p>
      ) : (
        <Rows
          label="Tests of the control"
          rows={tests}
          rowKey={(test) => test.testId}
          columns={[
            {
              id: 'name',
              header: 'Test',
              cell: (test) => (
                <>
                  <Link to="/tests/$testId" params={{ testId: test.testId }}>
                    {test.name}
                  </Link>
                  {test.checkStatus !== 'ENABLED' && (
                    <span className={classes.dim}>
                      {test.checkStatus === 'DISABLED' ? 'disabled' : 'never published'}
                    </span>
                  )}
                </>
              ),
            },
            {
              id: 'result',
              header: 'Result',
              cell: (test) => <ResultChip result={test.checkResultStatus} reason={test.resultReason} />,
            },
            {
              id: 'failing',
              header: 'Failing',
              end: true,
              wideOnly: true,
              cell: (test) => (
                <span className={classes.failing} data-some={test.counts.failing > 0 || undefined}>
                  {count(test.counts.failing)}
                </span>
              ),
            },
            {
              id: 'since',
              header: 'Failing since',
              end: true,
              wideOnly: true,
              cell: (test) => <RelativeTime at={test.failedSince} never="–" />,
            },
            ...(unmap === undefined
              ? []
              : [
                  {
                    id: 'unmap',
                    header: 'Unmap',
                    end: true,
                    cell: (test: ControlTest) => (
                      <Unmap
                        what={test.name}
                        act={() => {
                          unmap(test);
                        }}
                      />
                    ),
                  },
                ]),
          ]}
        />
      )}
    </Panel>
  );
}

function Unmap({ what, act }: { what: string; act: () => void }) {
  return (
    <ActionIcon variant="subtle" color="gray" size="sm" aria-label={`Unmap ${what}`} title="Unmap" onClick={act}>
      <IconUnlink size={15} />
    </ActionIcon>
  );
}

/** The requirements that a control serves. */
export function ControlRequirements({
  requirements,
  picker,
  unmap,
}: {
  requirements: readonly Requirement[];
  picker: ReactNode;
  unmap: ((requirement: Requirement) => void) | undefined;
}) {
  return (
    <Panel title="Requirements">
      {picker !== undefined && <div className={classes.add}>{picker}</div>}
      {requirements.length === 0 ? (
        <p className={classes.nothing}>It serves no requirement yet.</p>
      ) : (
        <Rows
          label="Requirements that the control serves"
          rows={[...requirements]}
          rowKey={(requirement) => requirement.id}
          columns={[
            {
              id: 'code',
              header: 'Requirement',
              cell: (requirement) => (
                <>
                  <Link
                    to="/frameworks/$frameworkId"
                    params={{ frameworkId: requirement.frameworkId }}
                    search={{ requirement: requirement.id }}
                  >
                    <span className={classes.code}>{requirement.code}</span> {requirement.name}
                  </Link>
                  <span className={classes.dim}>{requirement.framework?.name}</span>
                </>
              ),
            },
            {
              id: 'scope',
              header: 'Readiness',
              cell: (requirement) =>
                requirement.isReady === undefined && requirement.isInScope ? (
                  'In scope'
                ) : (
                  <ReadinessChip is={readinessOf(requirement)} />
                ),
            },
            ...(unmap === undefined
              ? []
              : [
                  {
                    id: 'unmap',
                    header: 'Unmap',
                    end: true,
                    cell: (requirement: Requirement) => (
                      <Unmap
                        what={requirement.code}
                        act={() => {
                          unmap(requirement);
                        }}
                      />
                    ),
                  },
                ]),
          ]}
        />
      )}
    </Panel>
  );
}

/** Remarks of people on a control: plain text. */
export function ControlNotes({
  list,
  cursor,
  size,
  add,
  change,
  remove,
}: {
  list: ControlNoteList;
  cursor: string | undefined;
  size: number;
  add: ((comment: string) => Promise<unknown>) | undefined;
  change: ((note: ControlNote, comment: string) => Promise<unknown>) | undefined;
  remove: ((note: ControlNote) => void) | undefined;
}) {
  const [edited, setEdited] = useState<number>();
  return (
    <Panel title="Notes">
      {add !== undefined && <NoteForm label="New note" action="Add the note" save={add} />}
      {list.data.length === 0 && <p className={classes.nothing}>Nobody has written a note yet.</p>}
      {list.data.map((note) =>
        note.id === edited && change !== undefined ? (
          <NoteForm
            key={note.id}
            label="Note"
            action="Save"
            comment={note.comment}
            save={(comment) => change(note, comment)}
            close={() => {
              setEdited(undefined);
            }}
          />
        ) : (
          <article key={note.id} className={classes.note}>
            <header className={classes.noteHead}>
              <span>
                {note.author.name}, <RelativeTime at={note.createdAt} />
                {note.updatedAt !== note.createdAt && (
                  <>
                    , changed <RelativeTime at={note.updatedAt} />
                  </>
                )}
              </span>
              <Group gap={2}>
                {change !== undefined && (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size="sm"
                    aria-label="Edit the note"
                    onClick={() => {
                      setEdited(note.id);
                    }}
                  >
                    <IconPencil size={14} />
                  </ActionIcon>
                )}
                {remove !== undefined && (
                  <ActionIcon
                    variant="subtle"
                    color="gray"
                    size="sm"
                    aria-label="Delete the note"
                    onClick={() => {
                      remove(note);
                    }}
                  >
                    <IconTrash size={14} />
                  </ActionIcon>
                )}
              </Group>
            </header>
            <p className={classes.noteText}>{note.comment}</p>
          </article>
        ),
      )}
      <Pager
        cursor={cursor}
        next={list.pagination.cursor}
        shown={list.data.length}
        size={size}
        total={list.pagination.totalCount}
        unit="note"
      />
    </Panel>
  );
}

function NoteForm({
  label,
  action,
  comment = '',
  save,
  close,
}: {
  label: string;
  action: string;
  comment?: string;
  save: (comment: string) => Promise<unknown>;
  close?: () => void;
}) {
  const { texts, input, doing, fields } = useTexts(
    { comment },
    (typed) => save(typed.comment),
    (clear) => {
      clear();
      close?.();
    },
  );
  return (
    <form
      className={classes.write}
      onSubmit={(event) => {
        event.preventDefault();
        doing.mutate();
      }}
    >
      <Textarea label={label} autosize minRows={2} maxRows={12} {...input('comment')} />
      <Notice error={doing.error} fields={fields} />
      <Group gap={8} mt={8}>
        <Button type="submit" size="xs" loading={doing.isPending} disabled={texts.comment.trim() === ''}>
          {action}
        </Button>
        {close !== undefined && (
          <Button size="xs" variant="default" onClick={close}>
            Cancel
          </Button>
        )}
      </Group>
    </form>
  );
}

/** What was done with a control, newest first. */
export function ControlHistory({
  events,
  more,
  controlId,
}: {
  events: readonly Event[];
  more: ReactNode;
  controlId: number;
}) {
  return (
    <Panel
      title="History"
      aside={
        <Link to="/events" search={{ control: controlId }}>
          Open in events
        </Link>
      }
    >
      {events.length === 0 ? (
        <p className={classes.nothing}>Nothing was done with this control yet.</p>
      ) : (
        <Rows
          label="History of the control"
          rows={[...events]}
          rowKey={(event) => event.id}
          columns={[
            {
              id: 'what',
              header: 'What',
              cell: (event) => (
                <Link to="/events" search={{ control: controlId, event: event.id }}>
                  {event.description}
                </Link>
              ),
            },
            { id: 'who', header: 'Who', cell: (event) => event.actor.name },
            { id: 'when', header: 'When', end: true, cell: (event) => <RelativeTime at={event.createdAt} /> },
          ]}
        />
      )}
      {more}
    </Panel>
  );
}
