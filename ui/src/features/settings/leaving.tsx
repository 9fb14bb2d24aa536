import { Checkbox, Stack } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { KeyList, User } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { Failure, Loading } from '@/shared/ui/states';

const NAMED = 3;

/** The keys that somebody made and that still work; absent where one may not see or revoke keys. */
export type MadeKeys = { data: KeyList | undefined; error: Error | null } | undefined;

/** Asks before an account is disabled or deleted, and whether the keys that its owner made end with it. */
export function Leaving({
  user,
  keys,
  close,
  title,
  action,
  act,
  children,
}: {
  user: User;
  keys: MadeKeys;
  close: () => void;
  title: string;
  action: string;
  act: (revokeKeys: boolean) => Promise<unknown>;
  children: ReactNode;
}) {
  const [revoke, setRevoke] = useState(false);
  return (
    <Confirm opened close={close} title={title} action={action} act={() => act(revoke)}>
      <Stack gap={14}>
        <div>{children}</div>
        {keys !== undefined && <Keys user={user} keys={keys} revoke={revoke} setRevoke={setRevoke} />}
      </Stack>
    </Confirm>
  );
}

function Keys({
  user,
  keys: { data, error },
  revoke,
  setRevoke,
}: {
  user: User;
  keys: NonNullable<MadeKeys>;
  revoke: boolean;
  setRevoke: (revoke: boolean) => void;
}) {
  if (error !== null) return <Failure error={error} />;
  if (data === undefined) return <Loading label="the keys" rows={1} />;
  const total = data.pagination.totalCount ?? data.data.length;
  if (total === 0) return <div>{user.displayName} made no API key that still works.</div>;
  const names = data.data.slice(0, NAMED).map(({ name }) => `“${name}”`);
  if (total > NAMED) names.push(`${total - NAMED} more`);
  return (
    <Checkbox
      label={`Revoke the ${counted(total, 'API key')} that ${user.displayName} made`}
      description={`${names.join(', ')}. A key is the organisation's: unless it is revoked, programs go on using it.`}
      checked={revoke}
      onChange={(event) => {
        setRevoke(event.currentTarget.checked);
      }}
    />
  );
}
