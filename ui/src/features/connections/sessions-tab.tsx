import { Text } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { SessionCounts, SessionStatus } from '@/shared/api/connections';
import type { Session, SessionList } from '@/shared/api/types';
import { count, counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { ChoiceField, Filters } from '@/shared/ui/filters';
import { LinkButton } from '@/shared/ui/link-button';
import { notifyFailed } from '@/shared/ui/notify';
import { Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { RelativeTime } from '@/shared/ui/relative-time';
import { RowActions, RowButton } from '@/shared/ui/row-actions';
import { Empty, Loaded } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import chip from '@/shared/ui/result-chip.module.css';

const LOOKS: Record<SessionStatus, { look: string; word: string }> = {
  IN_PROGRESS: { look: 'ERROR', word: 'In progress' },
  ACTIVE: { look: 'PASSED', word: 'Active' },
  ARCHIVED: { look: 'READY', word: 'Archived' },
  CANCELED: { look: 'READY', word: 'Canceled' },
};

const CHOICES = (Object.keys(LOOKS) as SessionStatus[]).map((value) => ({ value, label: LOOKS[value].word }));

type Ending = { session: Session; action: 'complete' | 'cancel'; counts?: SessionCounts };

export function SessionsTab({
  list,
  status,
  cursor,
  size,
  mayEnd,
  count: countFirst,
  end,
}: {
  list: { data: SessionList | undefined; error: Error | null; refetch: () => unknown };
  status: SessionStatus | undefined;
  cursor: string | undefined;
  size: number;
  mayEnd: boolean;
  /** Counts what completing would change. */
  count: (sessionId: string) => Promise<SessionCounts>;
  end: (sessionId: string, action: 'complete' | 'cancel') => Promise<unknown>;
}) {
  const navigate = useNavigate({ from: '/connections/$connectionId' });
  const [ending, setEnding] = useState<Ending>();
  return (
    <>
      <Filters label="Narrow the sessions">
        <ChoiceField
          label="State"
          value={status}
          choices={CHOICES}
          onChange={(next) => void navigate({ search: (now) => ({ ...now, status: next, cursor: undefined }) })}
        />
      </Filters>
      <Loaded query={list} label="sessions">
        {({ data, pagination }) =>
          data.length === 0 && cursor === undefined ? (
            <Empty title={status === undefined ? 'No sessions yet' : 'No session is in this state'}>
              A session replaces all records in one step: stage them, then complete it. Nothing changes until then.
              <div>
                <LinkButton
                  mt={12}
                  size="xs"
                  from="/connections/$connectionId"
                  to="."
                  search={({ workspace }) => ({ workspace, tab: 'api' as const })}
                >
                  See the calls of a session
                </LinkButton>
              </div>
            </Empty>
          ) : (
            <Panel title="Sessions">
              <Rows
                label="Sessions"
                rows={data}
                rowKey={(session) => session.id}
                columns={[
                  { id: 'id', header: 'Session', cell: (session) => session.sessionId },
                  {
                    id: 'status',
                    header: 'State',
                    cell: (session) => (
                      <span className={chip.chip} data-result={LOOKS[session.status].look}>
                        <span className={chip.dot} aria-hidden />
                        {LOOKS[session.status].word}
                      </span>
                    ),
                  },
                  { id: 'records', header: 'Records', end: true, cell: (session) => count(session.recordCount) },
                  {
                    id: 'begun',
                    header: 'Begun',
                    end: true,
                    wideOnly: true,
                    cell: (session) => <RelativeTime at={session.createdAt} />,
                  },
                  {
                    id: 'last',
                    header: 'Last upload or end',
                    end: true,
                    wideOnly: true,
                    cell: (session) => <RelativeTime at={session.updatedAt} />,
                  },
                  {
                    id: 'acts',
                    header: 'Actions',
                    end: true,
                    cell: (session) =>
                      mayEnd &&
                      session.status === 'IN_PROGRESS' && (
                        <RowActions>
                          <RowButton
                            main
                            label={`Complete the session ${session.sessionId}`}
                            act={() => {
                              countFirst(session.sessionId).then((counts) => {
                                setEnding({ session, action: 'complete', counts });
                              }, notifyFailed);
                            }}
                          >
                            Complete
                          </RowButton>
                          <RowButton
                            label={`Cancel the session ${session.sessionId}`}
                            act={() => {
                              setEnding({ session, action: 'cancel' });
                            }}
                          >
                            Cancel
                          </RowButton>
                        </RowActions>
                      ),
                  },
                ]}
              />
              <Pager
                cursor={cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="session"
              />
            </Panel>
          )
        }
      </Loaded>
      <Confirm
        opened={ending !== undefined}
        close={() => {
          setEnding(undefined);
        }}
        title={
          ending?.action === 'cancel'
            ? `Cancel session ${ending.session.sessionId}?`
            : 'Replace the records by this session?'
        }
        action={ending?.action === 'cancel' ? 'Cancel the session' : 'Complete the session'}
        destructive={ending?.action === 'cancel' || (ending?.counts?.deleted ?? 0) > 0}
        act={async () => {
          if (ending !== undefined) await end(ending.session.sessionId, ending.action);
        }}
      >
        {ending?.action === 'cancel' ? (
          <Text size="sm">
            {counted(ending.session.recordCount, 'staged record')} will be dropped. The live records stay as they are.
          </Text>
        ) : (
          <Text size="sm">
            {counted(ending?.counts?.created ?? 0, 'record')} will be new, {count(ending?.counts?.updated ?? 0)}{' '}
            changed, {count(ending?.counts?.unchanged ?? 0)} as before, and{' '}
            <b>{count(ending?.counts?.deleted ?? 0)} deleted</b>.
          </Text>
        )}
      </Confirm>
    </>
  );
}
