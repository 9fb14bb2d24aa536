import { Link } from '@tanstack/react-router';
import type { Identity } from '@/shared/api/personnel';
import { dayOf } from '@/shared/format/time';
import { Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { Empty } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/personnel/personnel.module.css';

/** The people that an HR system tells of, and who they are here. */
export function IdentitiesTab({
  list,
  connectionId,
  address,
  cursor,
  size,
}: {
  list: { data: Identity[]; pagination: { cursor: string | null; totalCount?: number | null | undefined } };
  connectionId: number;
  /** The address of this server, for the call that is shown. */
  address: string;
  cursor: string | undefined;
  size: number;
}) {
  const curl = `curl -X POST '${address}/public/v2/custom-connections/${String(connectionId)}/hris-user-identities' \\
  -H "Authorization: Bearer $KEY" -H 'Content-Type: application/json' \\
  -d '[{"identityId": "e-17", "email": "ada@example.com", "firstName": "Ada", "startedAt": "2024-03-01"}]'`;
  if (list.data.length === 0 && cursor === undefined)
    return (
      <Empty title="Nobody was sent yet" steps={[{ label: 'Send people, up to 1,000 at once', command: curl }]}>
        A script tells here who works for you. The identity sync then makes personnel of them.
      </Empty>
    );
  return (
    <Panel title="People of this HR system" aside={<Link to="/personnel/syncs">Identity sync</Link>}>
      <Rows
        label="Identities"
        rows={list.data}
        rowKey={({ id }) => id}
        columns={[
          {
            id: 'who',
            header: 'Identity',
            cell: (identity) => {
              const name = [identity.firstName, identity.lastName].filter((part) => part !== null).join(' ');
              return (
                <>
                  {typeof identity.personnelId !== 'number' ? (
                    name || identity.identityId
                  ) : (
                    <Link
                      to="/personnel/$personId"
                      params={{ personId: identity.personnelId }}
                      className={classes.name}
                    >
                      {name || identity.identityId}
                    </Link>
                  )}
                  <span className={classes.sub}>
                    {[name === '' ? null : identity.identityId, identity.jobTitle]
                      .filter((part) => part !== null)
                      .join(' · ')}
                  </span>
                </>
              );
            },
          },
          {
            id: 'email',
            header: 'Address',
            wideOnly: true,
            cell: ({ email }) => email ?? <span className={classes.alarm}>none</span>,
          },
          {
            id: 'person',
            header: 'In personnel',
            cell: ({ personnelId, email }) => {
              if (typeof personnelId === 'number') return 'yes';
              return <span className={classes.dim}>{email === null ? 'no: without an address' : 'not yet'}</span>;
            },
          },
          {
            id: 'manager',
            header: 'Manager',
            wideOnly: true,
            cell: ({ managerName }) => managerName ?? '–',
          },
          {
            id: 'dates',
            header: 'First and last day',
            wideOnly: true,
            cell: ({ startedAt, separatedAt }) =>
              [startedAt, separatedAt]
                .filter((at) => at !== null)
                .map(dayOf)
                .join(' to ') || '–',
          },
        ]}
      />
      <Pager
        cursor={cursor}
        next={list.pagination.cursor}
        shown={list.data.length}
        size={size}
        total={list.pagination.totalCount}
        unit="identity"
        units="identities"
      />
    </Panel>
  );
}
