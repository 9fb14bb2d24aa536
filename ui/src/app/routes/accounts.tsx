import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { InWorkspace } from '@/app/workspace';
import { AccountDialog } from '@/features/accounts/account-dialogs';
import { AccountDrawer } from '@/features/accounts/account-drawer';
import { AccountsPage, type Act } from '@/features/accounts/accounts-page';
import { asBefore, LOOKS } from '@/features/accounts/words';
import {
  type Account,
  type AccountChange,
  type AccountFilter,
  accountQuery,
  accountsQuery,
  accountSummaryQuery,
  changeAccount,
  changeAccounts,
} from '@/shared/api/accounts';
import { each } from '@/shared/api/each';
import { counted } from '@/shared/format/number';
import { ExportMenu } from '@/shared/ui/export-menu';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';

const SIZE = 50;

type Saying = { kind: Exclude<Act, 'in'>; accounts: readonly Account[] };

export function AccountsRoute() {
  return <InWorkspace>{(workspaceId) => <Accounts workspaceId={workspaceId} />}</InWorkspace>;
}

function Accounts({ workspaceId }: { workspaceId: number }) {
  const search = useSearch({ from: '/signed-in/accounts' });
  const navigate = useNavigate({ from: '/accounts' });
  const queries = useQueryClient();
  const [saying, setSaying] = useState<Saying>();
  const filter: AccountFilter = {
    category: search.view,
    q: search.q,
    connectionId: search.connection,
    status: search.status,
    serviceAccount: search.kind === undefined ? undefined : search.kind === 'service',
    inScope: search.scope === undefined ? undefined : search.scope === 'in',
    sort: search.sort ?? 'name',
    sortDir: search.sortDir ?? 'ASC',
    ...LOOKS.find(({ value }) => value === search.look)?.filter,
  };
  const list = useQuery(accountsQuery(workspaceId, { cursor: search.cursor, size: SIZE }, filter));
  const summary = useQuery(accountSummaryQuery(workspaceId));
  const opened = useQuery({
    ...accountQuery({ workspaceId, accountId: search.account ?? 0 }),
    enabled: search.account !== undefined,
  });
  const refresh = () =>
    Promise.all(['accounts', 'accessReviews'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
  const told = (message: string, before: readonly Account[]) => {
    void refresh();
    notifyDone(message, async () => {
      await each(before, (was) => changeAccount(workspaceId, was.id, asBefore(was)));
      await refresh();
    });
  };
  const change = (accounts: readonly Account[], body: AccountChange, message: string) => {
    changeAccounts(
      workspaceId,
      accounts.map(({ id }) => id),
      body,
    ).then(() => {
      told(message, accounts);
    }, notifyFailed);
  };
  const act = (kind: Act, accounts: readonly Account[]) => {
    if (kind === 'in') change(accounts, { inScope: true }, `${counted(accounts.length, 'account')} in scope.`);
    else setSaying({ kind, accounts });
  };
  return (
    <>
      <AccountsPage
        search={search}
        list={list}
        summary={summary.data}
        size={SIZE}
        tools={<ExportMenu path={`/public/v2/workspaces/${workspaceId}/accounts`} query={filter} name="accounts" />}
        act={act}
      />
      <AccountDrawer
        opened={search.account === undefined ? undefined : opened}
        close={() => void navigate({ search: (before) => ({ ...before, account: undefined }), state: true })}
        act={act}
        put={(account, part) => {
          change([account], { [part]: null }, `${account.name} is changed.`);
        }}
      />
      {saying !== undefined && (
        <AccountDialog
          workspaceId={workspaceId}
          kind={saying.kind}
          accounts={saying.accounts}
          close={() => {
            setSaying(undefined);
          }}
          done={(message) => {
            told(message, saying.accounts);
          }}
        />
      )}
    </>
  );
}
