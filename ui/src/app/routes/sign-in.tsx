import { useMutation, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { SetUpHint } from '@/features/auth/set-up-hint';
import { SignInPage } from '@/features/auth/sign-in-page';
import { useEnter } from '@/app/enter';
import { authQuery, signIn } from '@/shared/api/auth';
import { returnPath } from '@/shared/auth/session';
import { forgetToken, linkToken, useLinks } from '@/shared/auth/token';
import { Loading } from '@/shared/ui/states';

export function SignInRoute() {
  return <SignIn key={useLinks()} />;
}

function SignIn() {
  const { return: wanted } = useSearch({ from: '/sign-in' });
  const back = returnPath(wanted, window.location.origin);
  const { data: auth } = useQuery(authQuery());
  const enter = useEnter();
  const navigate = useNavigate();
  const [token] = useState(linkToken);
  const byLink = useMutation({
    mutationFn: (secret: string) => signIn({ token: secret }),
    onSettled: forgetToken,
    onSuccess: () => enter(back),
  });
  const { mutate } = byLink;
  useEffect(() => {
    if (token !== null) mutate(token);
  }, [token, mutate]);
  const signedIn = auth?.signedIn === true && token === null && byLink.isIdle;
  useEffect(() => {
    if (signedIn) void navigate({ to: back, replace: true });
  }, [signedIn, navigate, back]);
  if ((token !== null && !byLink.isError) || signedIn) return <Loading label="your sign-in" rows={3} />;
  if (auth?.needsSetUp === true) return <SetUpHint />;
  return (
    <SignInPage
      problem={byLink.error}
      signIn={async (email, password) => {
        await signIn({ email, password });
        await enter(back);
      }}
    />
  );
}
