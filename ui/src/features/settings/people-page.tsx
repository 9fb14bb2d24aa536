import { Badge, Button, Group, Menu, MultiSelect, Select, Stack, Text, TextInput } from '@mantine/core';
import { IconUserPlus } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { SettingsFrame } from '@/features/settings/frame';
import { Leaving, type MadeKeys } from '@/features/settings/leaving';
import type {
  Grant,
  Invited,
  IssuedLink,
  Role,
  RoleName,
  User,
  UserList,
  UserState,
  Workspace,
} from '@/shared/api/types';
import type { UserAction } from '@/shared/api/users';
import { Address } from '@/shared/ui/address';
import { Confirm } from '@/shared/ui/confirm';
import { Command } from '@/shared/ui/copy';
import { Dialog } from '@/shared/ui/dialog';
import { ChoiceField, Filters, SearchField } from '@/shared/ui/filters';
import { FormDialog } from '@/shared/ui/form-dialog';
import { Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { RelativeTime } from '@/shared/ui/relative-time';
import { RowMenu } from '@/shared/ui/row-actions';
import { Empty, Loaded } from '@/shared/ui/states';
import { type Column, Rows } from '@/shared/ui/table';
import { useTexts } from '@/shared/ui/use-texts';
import classes from '@/features/settings/settings.module.css';

export type PeopleSearch = {
  q?: string | undefined;
  role?: RoleName | undefined;
  standing?: UserState | undefined;
  cursor?: string | undefined;
};

const STATES: Record<UserState, string> = {
  ACTIVE: 'Active',
  INVITED: 'Invited',
  NO_ACCOUNT: 'No account',
  DISABLED: 'Disabled',
};
const EVERYWHERE = 'everywhere';
/** What somebody is offered first: more is asked for. */
const LEAST: RoleName = 'ACT_AS_READ_ONLY';

type Props = {
  may: (scope: string) => boolean;
  self: number | undefined;
  list: { data: UserList | undefined; error: Error | null; refetch: () => unknown };
  roles: Role[];
  workspaces: Workspace[];
  search: PeopleSearch;
  size: number;
  narrow: (search: PeopleSearch) => void;
  origin: string;
  invite: (email: string, grants: Grant[]) => Promise<Invited>;
  regrant: (user: User, grants: Grant[]) => Promise<unknown>;
  act: (user: User, action: UserAction, revokeKeys?: boolean) => Promise<Invited>;
  remove: (user: User, revokeKeys: boolean) => Promise<unknown>;
  /** Whose account is to be disabled or deleted; its keys are asked for. */
  leaving: (user: User | undefined) => void;
  keys: MadeKeys;
};

type Open =
  | { kind: 'invite' }
  | { kind: 'roles' | 'disable' | 'delete' | 'renew'; user: User }
  | { kind: 'link'; email: string; link: IssuedLink };

/** The people of the organisation, what they may do, and those who are invited. */
export function PeoplePage(props: Props) {
  const { may, list, roles, workspaces, search, size, narrow, origin, self } = props;
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => {
    props.leaving(undefined);
    setOpen(null);
  };
  const whole = Object.values(search).every((value) => value === undefined);
  const said = (user: User) =>
    user.grants.map((grant) => {
      const where = grant.workspaceId == null ? '' : ` in ${nameOf(workspaces, grant.workspaceId)}`;
      return (roles.find(({ role }) => role === grant.role)?.name ?? grant.role) + where;
    });
  const columns: Column<User>[] = [
    {
      id: 'name',
      header: 'Person',
      cell: (user) => (
        <>
          <div>
            {user.displayName}{' '}
            {user.id === self && (
              <Text span size="xs" c="dimmed">
                (you)
              </Text>
            )}
          </div>
          {user.displayName !== user.email && <Address of={user.email} />}
          <div className={classes.narrow}>{said(user).join(', ')}</div>
        </>
      ),
    },
    {
      id: 'roles',
      header: 'Roles',
      cell: (user) => said(user).map((text) => <div key={text}>{text}</div>),
      wideOnly: true,
    },
    {
      id: 'state',
      header: 'State',
      cell: ({ state }) => (
        <Badge variant="default" size="sm" tt="none" miw="max-content">
          {STATES[state as UserState]}
        </Badge>
      ),
    },
    {
      id: 'seen',
      header: 'Last sign-in',
      cell: ({ lastSignInAt }) => <RelativeTime at={lastSignInAt} />,
      wideOnly: true,
    },
  ];
  if (may('users-put')) {
    columns.push({
      id: 'act',
      header: 'Action',
      end: true,
      cell: (user) => (
        <RowMenu name={user.displayName}>
          <Menu.Item
            onClick={() => {
              setOpen({ kind: 'roles', user });
            }}
          >
            Change roles
          </Menu.Item>
          {user.state !== 'DISABLED' && (
            <Menu.Item
              onClick={() => {
                setOpen({ kind: 'renew', user });
              }}
            >
              {user.state === 'INVITED' || user.state === 'NO_ACCOUNT'
                ? 'New invitation link'
                : 'Link for a new password'}
            </Menu.Item>
          )}
          {user.state === 'DISABLED' ? (
            <Menu.Item onClick={() => void props.act(user, 'enable')}>Enable</Menu.Item>
          ) : (
            <Menu.Item
              onClick={() => {
                props.leaving(user);
                setOpen({ kind: 'disable', user });
              }}
            >
              Disable
            </Menu.Item>
          )}
          {may('users-delete') && (
            <Menu.Item
              color="var(--pl-fail-text)"
              onClick={() => {
                props.leaving(user);
                setOpen({ kind: 'delete', user });
              }}
            >
              Delete
            </Menu.Item>
          )}
        </RowMenu>
      ),
    });
  }
  const inviteButton = may('users-post') && (
    <Button
      size="xs"
      leftSection={<IconUserPlus size={14} aria-hidden />}
      onClick={() => {
        setOpen({ kind: 'invite' });
      }}
    >
      Invite somebody
    </Button>
  );
  return (
    <SettingsFrame title="People and roles" may={may} actions={inviteButton}>
      <Filters label="Narrow the people">
        <SearchField
          label="Name or address"
          value={search.q}
          onChange={(q) => {
            narrow({ ...search, q });
          }}
        />
        <ChoiceField
          label="Role"
          value={search.role}
          choices={roles.map(({ role, name }) => ({ value: role, label: name }))}
          onChange={(role) => {
            narrow({ ...search, role });
          }}
        />
        <ChoiceField
          label="State"
          value={search.standing}
          choices={Object.entries(STATES).map(([value, label]) => ({ value: value as UserState, label }))}
          onChange={(standing) => {
            narrow({ ...search, standing });
          }}
        />
      </Filters>
      <Loaded query={list} label="people">
        {({ data, pagination }) =>
          data.length === 0 ? (
            <Empty title={whole ? 'Nobody is here yet' : 'Nobody fits'}>
              {whole
                ? 'Invite somebody: they choose their password by a link.'
                : 'Take a filter away to see more people.'}
            </Empty>
          ) : (
            <Panel title="People">
              <Rows label="People" columns={columns} rows={data} rowKey={({ id }) => id} />
              <Pager
                cursor={search.cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="person"
                units="people"
              />
            </Panel>
          )
        }
      </Loaded>
      <RolesPanel roles={roles} />
      {open?.kind === 'invite' && (
        <InviteDialog
          roles={roles}
          workspaces={workspaces}
          close={close}
          invite={async (email, grants) => {
            const { link } = await props.invite(email, grants);
            setOpen(link === undefined ? null : { kind: 'link', email, link });
          }}
        />
      )}
      {open?.kind === 'roles' && (
        <RolesDialog
          user={open.user}
          roles={roles}
          workspaces={workspaces}
          close={close}
          save={async (grants) => {
            await props.regrant(open.user, grants);
            close();
          }}
        />
      )}
      {open?.kind === 'link' && <LinkDialog {...open} origin={origin} close={close} />}
      {open?.kind === 'renew' && (
        <Confirm
          opened
          close={() => undefined}
          title={`A new link for ${open.user.displayName}?`}
          action="Make the link"
          destructive={false}
          act={async () => {
            const { link } = await props.act(open.user, 'renewLink');
            setOpen(link === undefined ? null : { kind: 'link', email: open.user.email, link });
          }}
        >
          Links that were made before do not work any more. The password stays until the new link is used.
        </Confirm>
      )}
      {open?.kind === 'disable' && (
        <Leaving
          user={open.user}
          keys={props.keys}
          close={close}
          title={`Disable ${open.user.displayName}?`}
          action="Disable"
          act={(revokeKeys) => props.act(open.user, 'disable', revokeKeys)}
        >
          All their sessions end at once, and they cannot sign in until somebody enables the account again.
        </Leaving>
      )}
      {open?.kind === 'delete' && (
        <Leaving
          user={open.user}
          keys={props.keys}
          close={close}
          title={`Delete ${open.user.displayName}?`}
          action="Delete the account"
          act={(revokeKeys) => props.remove(open.user, revokeKeys)}
        >
          The account, {open.user.grants.length === 1 ? 'its role' : `its ${open.user.grants.length} roles`} and what it
          owns of controls go for good. The events keep the name.
        </Leaving>
      )}
    </SettingsFrame>
  );
}

const nameOf = (workspaces: Workspace[], id: number) =>
  workspaces.find((each) => each.id === id)?.name ?? `workspace ${id}`;

function LinkDialog({
  email,
  link,
  origin,
  close,
}: {
  email: string;
  link: IssuedLink;
  origin: string;
  close: () => void;
}) {
  return (
    <Dialog close={close} title="Give them this link" size="lg">
      <Stack gap={12}>
        <Text size="sm">
          With it {email} chooses a password. It works once, until <RelativeTime at={link.expiresAt} />, and is shown
          only now.
          {link.mailed && ' It was also sent by mail.'}
        </Text>
        <Command label="Link" text={link.url ?? origin + link.path} />
        <Group justify="flex-end">
          <Button onClick={close}>Done</Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

function GrantFields({
  roles,
  workspaces,
  grants,
  setGrants,
}: {
  roles: Role[];
  workspaces: Workspace[];
  grants: Grant[];
  setGrants: (grants: Grant[]) => void;
}) {
  const held = [...new Set(grants.map(({ role }) => role))];
  const where = (role: RoleName) =>
    grants
      .filter((grant) => grant.role === role)
      .map(({ workspaceId }) => (workspaceId == null ? EVERYWHERE : String(workspaceId)));
  return (
    <Stack gap={10}>
      {held.length === 0 && <Text size="sm">No role. Without one there is nothing to see but the own account.</Text>}
      {held.map((role) => {
        const info = roles.find((each) => each.role === role);
        return (
          <div key={role} className={classes.grant}>
            <Select
              label="Role"
              description={info?.description}
              style={{ flex: '1 1 220px' }}
              data={roles
                .filter((each) => each.role === role || !held.includes(each.role))
                .map((each) => ({ value: each.role, label: each.name }))}
              value={role}
              allowDeselect={false}
              onChange={(next) => {
                setGrants([...grants.filter((grant) => grant.role !== role), { role: next as RoleName }]);
              }}
            />
            {info?.perWorkspace === true && workspaces.length > 1 && (
              <MultiSelect
                label="Where"
                style={{ flex: '1 1 200px' }}
                data={[
                  { value: EVERYWHERE, label: 'All workspaces' },
                  ...workspaces.map(({ id, name }) => ({ value: String(id), label: name })),
                ]}
                value={where(role)}
                onChange={(chosen) => {
                  const last = chosen.at(-1);
                  const ids =
                    last === undefined || last === EVERYWHERE ? [] : chosen.filter((each) => each !== EVERYWHERE);
                  const others = grants.filter((grant) => grant.role !== role);
                  setGrants([
                    ...others,
                    ...(ids.length === 0 ? [{ role }] : ids.map((id) => ({ role, workspaceId: Number(id) }))),
                  ]);
                }}
              />
            )}
            <Button
              variant="default"
              size="xs"
              onClick={() => {
                setGrants(grants.filter((grant) => grant.role !== role));
              }}
            >
              Remove
            </Button>
          </div>
        );
      })}
      <Group>
        <Button
          variant="default"
          size="xs"
          onClick={() => {
            const free = roles.filter(({ role }) => !held.includes(role));
            const least = free.find(({ role }) => role === LEAST) ?? free.at(-1);
            if (least !== undefined) setGrants([...grants, { role: least.role }]);
          }}
        >
          Add a role
        </Button>
      </Group>
    </Stack>
  );
}

function InviteDialog({
  roles,
  workspaces,
  close,
  invite,
}: {
  roles: Role[];
  workspaces: Workspace[];
  close: () => void;
  invite: (email: string, grants: Grant[]) => Promise<unknown>;
}) {
  const [grants, setGrants] = useState<Grant[]>([{ role: LEAST }]);
  const { input, doing, fields } = useTexts({ email: '' }, ({ email }) => invite(email, grants));
  return (
    <FormDialog title="Invite somebody" size="lg" close={close} action="Invite" doing={doing} fields={fields}>
      <TextInput label="E-mail address" type="email" required withAsterisk={false} data-autofocus {...input('email')} />
      <GrantFields roles={roles} workspaces={workspaces} grants={grants} setGrants={setGrants} />
    </FormDialog>
  );
}

function RolesDialog({
  user,
  roles,
  workspaces,
  close,
  save,
}: {
  user: User;
  roles: Role[];
  workspaces: Workspace[];
  close: () => void;
  save: (grants: Grant[]) => Promise<unknown>;
}) {
  const [grants, setGrants] = useState<Grant[]>(user.grants);
  const doing = useMutation({ mutationFn: () => save(grants) });
  return (
    <FormDialog title={`Roles of ${user.displayName}`} size="lg" close={close} action="Save roles" doing={doing}>
      <GrantFields roles={roles} workspaces={workspaces} grants={grants} setGrants={setGrants} />
    </FormDialog>
  );
}

function RolesPanel({ roles }: { roles: Role[] }) {
  return (
    <Panel title="What the roles allow">
      <Rows
        label="Roles"
        columns={[
          {
            id: 'name',
            header: 'Role',
            cell: ({ name, description }) => (
              <>
                {name}
                <Text size="xs" c="dimmed" component="div">
                  {description}
                </Text>
              </>
            ),
          },
          {
            id: 'scopes',
            header: 'Permissions',
            cell: (role) => (
              <details>
                <summary className={classes.whole}>
                  {role.scopes.length === 1 ? '1 permission' : `${role.scopes.length} permissions`}
                </summary>
                <ul className={classes.rolesList}>
                  {role.scopes.map(({ scope, name }) => (
                    <li key={scope}>{name}</li>
                  ))}
                </ul>
              </details>
            ),
          },
        ]}
        rows={roles}
        rowKey={({ id }) => id}
      />
    </Panel>
  );
}
