import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Account } from '@/shared/api/accounts';
import type { Person, PersonDevice } from '@/shared/api/personnel';
import { useMay } from '@/shared/auth/may';
import { adviceOn, CHECK_WORDS, type Check } from '@/shared/format/compliance';
import { counted } from '@/shared/format/number';
import { dayOf } from '@/shared/format/time';
import { ComplianceChip } from '@/shared/ui/compliance-chip';
import { Facts } from '@/shared/ui/facts';
import { Page, Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Rows } from '@/shared/ui/table';
import { STATUS_WORDS } from '@/features/personnel/words';
import { type Tone, Verdict } from '@/shared/ui/verdict';
import classes from '@/features/personnel/personnel.module.css';

/** One person: who it is, how they belong here, and what the server says of their devices. */
export function PersonPage({
  person,
  devices,
  accounts,
  connectionName,
  decide,
  outOfScope,
  giveBack,
  custom,
  children,
}: {
  person: Person;
  devices: readonly PersonDevice[] | undefined;
  /** The accounts that are linked to the person; left out where one may not see them. */
  accounts: readonly Account[] | undefined;
  /** The HR system that tells of the person. */
  connectionName: string | undefined;
  decide: () => void;
  outOfScope: () => void;
  giveBack: () => void;
  /** The custom fields. */
  custom: ReactNode;
  children?: ReactNode;
}) {
  const may = useMay();
  const whole = person.complianceChecks?.find(({ type }) => type === 'FULL_COMPLIANCE');
  return (
    <Page
      title={person.displayName}
      above={
        <Link to="/personnel" activeOptions={{ exact: true }}>
          Personnel
        </Link>
      }
      below={
        <>
          <span>{STATUS_WORDS[person.employmentStatus]}</span>
          {person.user?.jobTitle !== null && person.user?.jobTitle !== undefined && <span>{person.user.jobTitle}</span>}
          {person.displayName !== person.email && <span>{person.email}</span>}
        </>
      }
      actions={
        <>
          {may('personnel-put-reset-resync') && person.byHand && (
            <Button size="xs" variant="default" onClick={giveBack}>
              Give back to the sync
            </Button>
          )}
          {may('personnel-put') && (
            <>
              {person.employmentStatus !== 'OUT_OF_SCOPE' && (
                <Button size="xs" variant="default" onClick={outOfScope}>
                  Take out of scope
                </Button>
              )}
              <Button size="xs" variant="default" onClick={decide}>
                Change by hand
              </Button>
            </>
          )}
        </>
      }
    >
      {whole !== undefined && (
        <Verdict tone={TONES[whole.status]} label="Compliance">
          <ComplianceChip status={whole.status} />
          <span>{VERDICT[whole.status]}</span>
        </Verdict>
      )}
      <div className={classes.columns}>
        <div className={classes.main}>
          <Checks checks={person.complianceChecks ?? []} />
          {devices !== undefined && <Devices devices={devices} />}
          {accounts !== undefined && <Accounts accounts={accounts} userId={person.userId} email={person.email} />}
          {children}
        </div>
        <aside className={classes.side}>
          <Employment person={person} connectionName={connectionName} />
          <Identity person={person} connectionName={connectionName} />
          <Groups person={person} />
          {custom}
        </aside>
      </div>
    </Page>
  );
}

const TONES: Record<Check['status'], Tone> = { PASS: 'good', FAIL: 'bad', MISCONFIGURED: 'unsure', EXCLUDED: 'none' };

const VERDICT: Record<Check['status'], string> = {
  PASS: 'Every check passes, on every device of this person.',
  FAIL: 'At least one check fails. What to do stands beside it.',
  MISCONFIGURED: 'No check fails, but of at least one nothing is known. What nobody knows never passes.',
  EXCLUDED: 'Out of scope or not working here now: no check applies.',
};

function Checks({ checks }: { checks: readonly Check[] }) {
  const parts = checks.filter(({ type }) => type !== 'FULL_COMPLIANCE');
  return (
    <Panel title="Compliance checks">
      <Rows
        label="Compliance checks"
        rows={parts}
        rowKey={({ id }) => id}
        columns={[
          {
            id: 'check',
            header: 'Check',
            cell: ({ type, status }) => (
              <>
                {CHECK_WORDS[type]}
                {(status === 'FAIL' || status === 'MISCONFIGURED') && (
                  <span className={classes.sub}>{adviceOn(type, status)}</span>
                )}
              </>
            ),
          },
          { id: 'status', header: 'Status', cell: ({ status }) => <ComplianceChip status={status} /> },
          {
            id: 'seen',
            header: 'Last seen',
            wideOnly: true,
            cell: ({ lastCheckedAt }) => <RelativeTime at={lastCheckedAt} />,
          },
          {
            id: 'expires',
            header: 'Counts until',
            wideOnly: true,
            cell: ({ status, expiresAt }) =>
              expiresAt === null || status !== 'PASS' ? '–' : <span className={classes.whole}>{dayOf(expiresAt)}</span>,
          },
        ]}
      />
    </Panel>
  );
}

function Devices({ devices }: { devices: readonly PersonDevice[] }) {
  return (
    <Panel title="Devices">
      {devices.length === 0 ? (
        <p className={classes.said}>
          No device of this person reports. Devices come through an MDM connection and are recognised by the address.
          Until one does, documents prove what they show.
        </p>
      ) : (
        <Rows
          label="Devices"
          rows={[...devices]}
          rowKey={({ id }) => id}
          columns={[
            {
              id: 'name',
              header: 'Device',
              cell: (device) => (
                <>
                  <Link to="/devices/$deviceId" params={{ deviceId: device.id }} className={classes.name}>
                    {device.displayName}
                  </Link>
                  <span className={classes.sub}>
                    {[device.osVersion, device.model].filter((part) => part !== null).join(' · ')}
                  </span>
                </>
              ),
            },
            {
              id: 'checks',
              header: 'What fails',
              cell: ({ complianceChecks = [] }) => <Failing checks={complianceChecks} />,
            },
            {
              id: 'serial',
              header: 'Serial number',
              wideOnly: true,
              cell: ({ serialNumber }) => serialNumber ?? '–',
            },
            {
              id: 'seen',
              header: 'Last report',
              wideOnly: true,
              cell: ({ lastCheckedAt }) => <RelativeTime at={lastCheckedAt} />,
            },
          ]}
        />
      )}
    </Panel>
  );
}

function Failing({ checks }: { checks: readonly Check[] }) {
  const bad = checks.filter(({ status }) => status === 'FAIL' || status === 'MISCONFIGURED');
  if (bad.length === 0) return <span className={classes.dim}>nothing</span>;
  return (
    <span className={classes.chips}>
      {bad.map(({ id, status, problem }) => (
        <ComplianceChip key={id} status={status} {...(problem === null ? {} : { word: problem })} />
      ))}
    </span>
  );
}

function Accounts({ accounts, userId, email }: { accounts: readonly Account[]; userId: number; email: string }) {
  return (
    <Panel
      title="Accounts"
      aside={
        <Link to="/accounts" search={{ q: email }}>
          Manage accounts
        </Link>
      }
    >
      {accounts.length === 0 ? (
        <p className={classes.said}>
          No account is linked to this person. Accounts with the address {email} link themselves.
        </p>
      ) : (
        <Rows
          label={`Accounts of user ${String(userId)}`}
          rows={[...accounts]}
          rowKey={({ id }) => id}
          columns={[
            {
              id: 'name',
              header: 'Account',
              cell: (account) => (
                <>
                  <Link to="/accounts" search={{ q: email, account: account.id }} className={classes.name}>
                    {account.name}
                  </Link>
                  <span className={classes.sub}>{account.connectionName}</span>
                </>
              ),
            },
            {
              id: 'status',
              header: 'Status',
              cell: (account) => (
                <>
                  {ACCOUNT_WORDS[account.status]}
                  {account.leaver && <span className={classes.alarm}>the person has left</span>}
                </>
              ),
            },
            {
              id: 'roles',
              header: 'Roles',
              wideOnly: true,
              cell: ({ roles }) => (roles.length === 0 ? '–' : roles.join(', ')),
            },
            {
              id: 'seen',
              header: 'Last active',
              wideOnly: true,
              cell: ({ lastActiveAt }) => <RelativeTime at={lastActiveAt} never="–" />,
            },
          ]}
        />
      )}
    </Panel>
  );
}

const ACCOUNT_WORDS: Record<Account['status'], string> = {
  ACTIVE: 'Active',
  INACTIVE: 'Switched off',
  REMOVED: 'Removed',
};

function Employment({ person, connectionName }: { person: Person; connectionName: string | undefined }) {
  const { identity } = person;
  const from = person.byHand
    ? 'Decided by hand. The identity sync leaves it alone until you give it back.'
    : identity === undefined
      ? 'No HR system tells of this person.'
      : identity.deletedAt !== null
        ? `${connectionName ?? 'The HR system'} knows the person no more.`
        : `Follows ${connectionName ?? 'the HR system'}.`;
  return (
    <Panel title="Employment">
      <div className={classes.about}>
        <Facts
          facts={[
            ['Status', STATUS_WORDS[person.employmentStatus]],
            ['Why', from],
            ['Since', person.statusUpdatedAt === null ? '–' : <RelativeTime key="since" at={person.statusUpdatedAt} />],
            ['First day', person.startedAt === null ? '–' : dayOf(person.startedAt)],
            person.separatedAt === null ? null : ['Last day', dayOf(person.separatedAt)],
            person.notHumanReason === null ? null : ['Out of scope', person.notHumanReason],
            person.notHumanReason === null ? null : ['Decided by', person.reasonProvider?.displayName ?? 'an API key'],
          ]}
        />
      </div>
    </Panel>
  );
}

/** Which groups the person belongs to, and which workspaces are about them. */
function Groups({ person: { groups, workspaces = [] } }: { person: Person }) {
  if (groups === undefined) return null;
  const more = groups.totalCount - groups.data.length;
  return (
    <Panel title="Groups and workspaces">
      <div className={classes.about}>
        <Facts
          facts={[
            [
              'Groups',
              groups.totalCount === 0
                ? 'None'
                : groups.data.map(({ id, name }, at) => (
                    <span key={id}>
                      {at > 0 && ', '}
                      <Link to="/personnel" search={{ group: id }}>
                        {name}
                      </Link>
                    </span>
                  )),
            ],
            more > 0 ? ['And', counted(more, 'more group', 'more groups')] : null,
            ['In scope of', workspaces.length === 0 ? 'No workspace' : workspaces.map(({ name }) => name).join(', ')],
          ]}
        />
      </div>
    </Panel>
  );
}

function Identity({ person, connectionName }: { person: Person; connectionName: string | undefined }) {
  const { identity } = person;
  if (identity === undefined) return null;
  return (
    <Panel title="In the HR system">
      <div className={classes.about}>
        <Facts
          facts={[
            [
              'Connection',
              <Link
                key="connection"
                to="/connections/$connectionId"
                params={{ connectionId: identity.connectionId }}
                search={{ tab: 'people' }}
              >
                {connectionName ?? `Connection ${String(identity.connectionId)}`}
              </Link>,
            ],
            ['Identity', identity.identityId],
            ['Name', [identity.firstName, identity.lastName].filter((part) => part !== null).join(' ') || '–'],
            ['Address', identity.email ?? '–'],
            identity.secondaryEmail === null ? null : ['Second address', identity.secondaryEmail],
            identity.jobTitle === null ? null : ['Title', identity.jobTitle],
            identity.managerName === null ? null : ['Manager', identity.managerName],
            ['Contractor', identity.isContractor === null ? 'not said' : identity.isContractor ? 'yes' : 'no'],
            ['Changed', <RelativeTime key="changed" at={identity.updatedAt} />],
          ]}
        />
      </div>
    </Panel>
  );
}
