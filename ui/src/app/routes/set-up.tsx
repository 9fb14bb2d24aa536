import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useEnter } from '@/app/enter';
import { useLink } from '@/app/use-link';
import { AccountForm } from '@/features/auth/account-form';
import { SetUpHint } from '@/features/auth/set-up-hint';
import { StaleLink } from '@/features/auth/stale-link';
import { authQuery, setUp } from '@/shared/api/auth';
import { forgetToken, linkToken, useLinks } from '@/shared/auth/token';
import { Loading } from '@/shared/ui/states';

const AGAIN = 'On the machine of the server, “plumbline users setup-link” prints a new one while there is no user.';

export function SetUpRoute() {
  return <SetUp key={useLinks()} />;
}

function SetUp() {
  const [token] = useState(linkToken);
  const { data: auth } = useQuery(authQuery());
  const link = useLink(token);
  const enter = useEnter();
  if (token === null) return auth?.needsSetUp === true ? <SetUpHint /> : <StaleLink error={null} again={AGAIN} />;
  if (link.error !== null || (link.data !== undefined && link.data.purpose !== 'SET_UP'))
    return <StaleLink error={link.error} again={AGAIN} />;
  if (link.data === undefined) return <Loading label="the link" rows={3} />;
  return (
    <AccountForm
      title="Set up Plumbline"
      lead="You are the first one here and become the administrator. You can invite others afterwards."
      action="Create the administrator"
      known={link.data}
      minimum={auth?.minimumPasswordLength}
      submit={async (account) => {
        await setUp(token, account);
        forgetToken();
        await enter('/');
      }}
    />
  );
}
