import { useRouter, useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { wantTitleFocus } from '@/shared/ui/page-focus';
import classes from '@/app/navigation.module.css';

/** A line at the top while a page is on its way; one that comes at once shows none. */
export function LoadingBar() {
  const loading = useRouterState({ select: ({ status }) => status === 'pending' });
  return loading ? <div className={classes.bar} aria-hidden /> : null;
}

/** Moves the focus to the title of the page that one goes to. */
export function useTitleFocus(): void {
  const router = useRouter();
  useEffect(
    () =>
      router.subscribe('onBeforeNavigate', ({ pathChanged, fromLocation }) => {
        if (pathChanged && fromLocation !== undefined) wantTitleFocus();
      }),
    [router],
  );
}
