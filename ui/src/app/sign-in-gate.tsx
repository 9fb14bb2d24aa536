import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { SetUpHint } from '@/features/auth/set-up-hint';
import { authQuery } from '@/shared/api/auth';
import { onSignedOut } from '@/shared/auth/session';
import { Loaded } from '@/shared/ui/states';

/** Shows its pages to people who are signed in, and leads the others to the sign-in and back. */
export function SignInGate({ children }: { children: ReactNode }) {
  const auth = useQuery(authQuery());
  const queries = useQueryClient();
  useEffect(
    () =>
      onSignedOut(() => {
        // What the page still shows is not for the next person.
        queries.setQueryData(authQuery().queryKey, (known) =>
          known === undefined ? known : { ...known, signedIn: false },
        );
      }),
    [queries],
  );
  return (
    <Loaded query={auth} label="the page" page="Plumbline">
      {({ signedIn, needsSetUp }) => (signedIn ? children : needsSetUp ? <SetUpHint /> : <ToSignIn />)}
    </Loaded>
  );
}

function ToSignIn() {
  // The page that was asked for; the address changes while the sign-in page is loaded.
  const { pathname, searchStr } = useLocation();
  const [back] = useState(pathname + searchStr);
  const navigate = useNavigate();
  const queries = useQueryClient();
  useEffect(() => {
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'auth' });
    void navigate({ to: '/sign-in', search: back === '/' ? {} : { return: back }, replace: true });
  }, [navigate, queries, back]);
  return null;
}
