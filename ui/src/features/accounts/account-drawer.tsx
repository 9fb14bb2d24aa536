import { Button } from '@mantine/core';
import type { Account } from '@/shared/api/accounts';
import { useMay } from '@/shared/auth/may';
import { type Act, Factor, Holder, Standing } from '@/features/accounts/accounts-page';
import { Facts } from '@/shared/ui/facts';
import { RecordLink } from '@/shared/ui/record-link';
import { RelativeTime } from '@/shared/ui/relative-time';
import { DrawerPart, SideDrawer } from '@/shared/ui/side-drawer';
import { Loaded } from '@/shared/ui/states';
import classes from '@/features/accounts/accounts.module.css';

type Opened = { data: Account | undefined; error: Error | null; refetch: () => unknown };

/** One account: what the data tell of it, and what people say. */
export function AccountDrawer({
  opened,
  close,
  act,
  put,
}: {
  opened: Opened | undefined;
  close: () => void;
  act: (kind: Act, accounts: Account[]) => void;
  /** Takes back one of the things that people said. */
  put: (account: Account, part: 'person' | 'serviceAccount' | 'evidence') => void;
}) {
  const may = useMay();
  const account = opened?.data;
  const button = (kind: Act, label: string, of: Account) => (
    <Button
      size="xs"
      variant="default"
      onClick={() => {
        act(kind, [of]);
      }}
    >
      {label}
    </Button>
  );
  return (
    <SideDrawer
      opened={opened !== undefined}
      close={close}
      title={account?.name ?? 'Account'}
      actions={
        account !== undefined &&
        may('accounts-put') && (
          <>
            {button('link', 'Link to a person', account)}
            {button('service', 'Service account', account)}
            {account.inScope ? button('scope', 'Take out of scope', account) : button('in', 'Put in scope', account)}
            {button('evidence', 'Access was revoked', account)}
          </>
        )
      }
    >
      {opened !== undefined && (
        <Loaded query={opened} label="the account">
          {(data) => <Detail account={data} put={may('accounts-put') ? put : undefined} />}
        </Loaded>
      )}
    </SideDrawer>
  );
}

function Detail({
  account,
  put,
}: {
  account: Account;
  put: ((account: Account, part: 'person' | 'serviceAccount' | 'evidence') => void) | undefined;
}) {
  const { person, serviceAccount, scopeReason, evidence } = account;
  const takeAway = (part: 'person' | 'serviceAccount' | 'evidence', label: string) =>
    put !== undefined && (
      <Button
        size="compact-xs"
        variant="subtle"
        onClick={() => {
          put(account, part);
        }}
      >
        {label}
      </Button>
    );
  return (
    <>
      {account.leaver && (
        <p className={classes.leaver}>
          <b>A leaver still has access.</b> Have the account switched off there; it leaves this list as soon as the data
          show it.
        </p>
      )}
      <Facts
        facts={[
          ['Status', <Standing key="status" account={account} />],
          account.displayName === null ? null : ['Called', account.displayName],
          account.email === null ? null : ['E-mail', account.email],
          ['Second factor', <Factor key="mfa" mfa={account.mfa} />],
          account.kind === null ? null : ['Kind', account.kind],
          account.roles.length === 0 ? null : ['Roles', account.roles.join(', ')],
          ['Last active', <RelativeTime key="seen" at={account.lastActiveAt} never="not known" />],
          ['First seen', <RelativeTime key="created" at={account.createdAt} />],
          account.removedAt === null
            ? null
            : ['Gone from the data', <RelativeTime key="removed" at={account.removedAt} />],
          ['Connection', account.connectionName],
          [
            'Record',
            <RecordLink
              key="record"
              connectionId={account.connectionId}
              resourceId={account.resourceId}
              recordId={account.removedAt === null ? account.recordId : undefined}
            >
              {account.recordId}
            </RecordLink>,
          ],
        ]}
      />
      <DrawerPart title="Whose it is">
        <p className={classes.text}>
          <Holder account={account} />
        </p>
        {person !== null && (
          <p className={classes.sub}>
            {person.automatic ? 'Linked by itself: the e-mail addresses are equal. ' : 'Linked by hand. '}
            {person.name !== null && person.email !== null && person.email}
          </p>
        )}
        {serviceAccount !== null && <p className={classes.text}>{serviceAccount.reason}</p>}
        {person?.automatic === false && takeAway('person', 'Take the link away')}
        {serviceAccount !== null && takeAway('serviceAccount', 'It is no service account')}
      </DrawerPart>
      {scopeReason !== null && (
        <DrawerPart title="Out of scope">
          <p className={classes.text}>{scopeReason}</p>
        </DrawerPart>
      )}
      {evidence !== null && (
        <DrawerPart title="Evidence of revocation" aside={<RelativeTime at={evidence.at} />}>
          <p className={classes.text}>{evidence.note}</p>
          {evidence.url !== null && (
            <p className={classes.text}>
              <a href={evidence.url} target="_blank" rel="noreferrer noopener">
                {evidence.url}
              </a>
            </p>
          )}
          <p className={classes.sub}>recorded by {evidence.recordedBy.name}</p>
          {takeAway('evidence', 'Take the evidence away')}
        </DrawerPart>
      )}
    </>
  );
}
