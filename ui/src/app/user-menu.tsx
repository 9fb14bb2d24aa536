import { Button, Menu } from '@mantine/core';
import { IconLogout, IconUser, IconUserCircle } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { authQuery, signOut } from '@/shared/api/auth';
import { pauseFollowing } from '@/shared/api/follow';
import { meQuery } from '@/shared/auth/may';
import { notifyFailed } from '@/shared/ui/notify';
import classes from '@/app/shell.module.css';

/** Signs out, and ends what this browser knows of the person who was signed in. */
export function useLeave(where: 'HERE' | 'EVERYWHERE'): () => Promise<void> {
  const queries = useQueryClient();
  const navigate = useNavigate();
  return async () => {
    const resume = pauseFollowing();
    try {
      await signOut(where);
    } catch (error) {
      resume();
      throw error;
    }
    queries.setQueryData(authQuery().queryKey, (known) =>
      known === undefined ? known : { ...known, signedIn: false },
    );
    await navigate({ to: '/sign-in', search: { workspace: undefined } });
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'auth' });
  };
}

/** Who is signed in, and the way to the account and out. */
export function UserMenu() {
  const { data: me } = useQuery(meQuery());
  const leave = useLeave('HERE');
  const out = useMutation({ mutationFn: leave, onError: notifyFailed });
  const name = me?.user?.displayName ?? 'Account';
  return (
    <Menu position="bottom-end" width={220} withinPortal>
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          className={classes.user ?? ''}
          leftSection={<IconUser size={14} aria-hidden />}
          aria-label={`Your account: ${name}`}
        >
          {name}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {me?.user !== undefined && <Menu.Label>{me.user.email}</Menu.Label>}
        <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} aria-hidden />}>
          Your account
        </Menu.Item>
        <Menu.Item
          leftSection={<IconLogout size={16} aria-hidden />}
          onClick={() => {
            out.mutate();
          }}
        >
          Sign out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
