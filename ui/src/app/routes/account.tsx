import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useLeave } from '@/app/user-menu';
import { AccountPage } from '@/features/auth/account-page';
import { authQuery, changePassword, endWebSession, signOut, updateMe, webSessionsQuery } from '@/shared/api/auth';
import { rolesQuery } from '@/shared/api/users';
import { grants, meQuery } from '@/shared/auth/may';
import { notifyDone } from '@/shared/ui/notify';
import { Loaded } from '@/shared/ui/states';

export function AccountRoute() {
  const me = useQuery(meQuery());
  const { data: auth } = useQuery(authQuery());
  const mayRoles = me.data !== undefined && grants(me.data, 'roles-get', undefined);
  const { data: roles } = useQuery({ ...rolesQuery(), enabled: mayRoles });
  const sessions = useQuery(webSessionsQuery());
  const queries = useQueryClient();
  const leave = useLeave('EVERYWHERE');
  const again = () => queries.invalidateQueries({ queryKey: ['sign-ins'] });
  return (
    <Loaded query={me} label="your account" page="Your account">
      {({ user }) =>
        user === undefined ? null : (
          <AccountPage
            user={user}
            roles={user.roles.map((role) => roles?.data.find((each) => each.role === role)?.name ?? role)}
            minimum={auth?.minimumPasswordLength}
            sessions={{ data: sessions.data?.data, error: sessions.error }}
            save={async (names) => {
              queries.setQueryData(meQuery().queryKey, await updateMe(names));
              notifyDone('Your name is saved.');
            }}
            changePassword={async (change) => {
              await changePassword(change);
              await again();
              notifyDone('Your password is changed.');
            }}
            endSession={async (id) => {
              await endWebSession(id);
              await again();
            }}
            signOutOthers={async () => {
              await signOut('OTHERS');
              await again();
            }}
            signOutEverywhere={leave}
          />
        )
      }
    </Loaded>
  );
}
