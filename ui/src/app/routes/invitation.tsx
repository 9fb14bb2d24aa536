import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useEnter } from '@/app/enter';
import { useLink } from '@/app/use-link';
import { AccountForm } from '@/features/auth/account-form';
import { StaleLink } from '@/features/auth/stale-link';
import { acceptInvitation, authQuery } from '@/shared/api/auth';
import { forgetToken, linkToken, useLinks } from '@/shared/auth/token';
import { Loading } from '@/shared/ui/states';

const AGAIN = 'Ask who invited you for a new one.';

export function InvitationRoute() {
  return <Invitation key={useLinks()} />;
}

function Invitation() {
  const [token] = useState(linkToken);
  const { data: auth } = useQuery(authQuery());
  const link = useLink(token);
  const enter = useEnter();
  if (token === null) return <StaleLink error={null} again={AGAIN} />;
  if (link.error !== null) return <StaleLink error={link.error} again={AGAIN} />;
  if (link.data === undefined) return <Loading label="the link" rows={3} />;
  const reset = link.data.purpose === 'RESET';
  return (
    <AccountForm
      title={reset ? 'Choose a new password' : 'Welcome to Plumbline'}
      lead={
        reset
          ? 'You are signed in afterwards; wherever else you are signed in, that ends.'
          : 'You are invited. Say what you are called and choose a password.'
      }
      action={reset ? 'Use this password' : 'Accept the invitation'}
      known={link.data}
      minimum={auth?.minimumPasswordLength}
      submit={async ({ firstName, lastName, password }) => {
        await acceptInvitation(token, { firstName, lastName, password });
        forgetToken();
        await enter('/');
      }}
    />
  );
}
