import {
  Button,
  Group,
  PasswordInput,
  SegmentedControl,
  Stack,
  Text,
  TextInput,
  useMantineColorScheme,
} from '@mantine/core';
import { useState } from 'react';
import { errorAt, Notice } from '@/shared/ui/form-errors';
import { NewPassword } from '@/features/auth/new-password';
import { browserOf } from '@/features/auth/browser';
import type { Me, WebSession } from '@/shared/api/types';
import { Confirm } from '@/shared/ui/confirm';
import { Page, Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { RowButton } from '@/shared/ui/row-actions';
import { Failure, Loading } from '@/shared/ui/states';
import { type Column, Rows } from '@/shared/ui/table';
import { useTexts } from '@/shared/ui/use-texts';
import classes from '@/features/auth/account-page.module.css';

type Names = { firstName: string; lastName: string; jobTitle: string };
type Change = { currentPassword: string; password: string };

/** The account of the person who is signed in. */
export function AccountPage({
  user,
  roles,
  minimum,
  sessions,
  save,
  changePassword,
  endSession,
  signOutOthers,
  signOutEverywhere,
}: {
  user: NonNullable<Me['user']>;
  /** The names of the roles that are held. */
  roles: string[];
  minimum: number | undefined;
  sessions: { data: WebSession[] | undefined; error: Error | null };
  save: (names: Names) => Promise<unknown>;
  changePassword: (change: Change) => Promise<unknown>;
  endSession: (id: number) => Promise<unknown>;
  signOutOthers: () => Promise<unknown>;
  signOutEverywhere: () => Promise<unknown>;
}) {
  return (
    <Page
      title="Your account"
      below={
        <>
          <span>{user.email}</span>
          <span>{roles.length === 0 ? 'No roles' : roles.join(', ')}</span>
        </>
      }
    >
      <div className={classes.columns}>
        <NamePanel user={user} save={save} />
        <PasswordPanel minimum={minimum} email={user.email} change={changePassword} />
      </div>
      <SessionsPanel sessions={sessions} end={endSession} endOthers={signOutOthers} endAll={signOutEverywhere} />
      <SchemePanel />
    </Page>
  );
}

function NamePanel({ user, save }: { user: NonNullable<Me['user']>; save: (names: Names) => Promise<unknown> }) {
  const { input, doing, fields } = useTexts(
    { firstName: user.firstName ?? '', lastName: user.lastName ?? '', jobTitle: user.jobTitle ?? '' },
    save,
  );
  return (
    <Panel title="Name">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          doing.mutate();
        }}
      >
        <Stack gap={12}>
          <Notice error={doing.error} fields={fields} />
          <TextInput label="First name" autoComplete="given-name" {...input('firstName')} />
          <TextInput label="Last name" autoComplete="family-name" {...input('lastName')} />
          <TextInput label="Job title" autoComplete="organization-title" {...input('jobTitle')} />
          <Group>
            <Button type="submit" size="xs" loading={doing.isPending}>
              Save name
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function PasswordPanel({
  minimum,
  email,
  change,
}: {
  minimum: number | undefined;
  email: string;
  change: (change: Change) => Promise<unknown>;
}) {
  const { texts, set, input, doing, fields } = useTexts({ currentPassword: '', password: '' }, change, (clear) => {
    clear();
  });
  return (
    <Panel title="Password">
      <form
        className={classes.form}
        onSubmit={(event) => {
          event.preventDefault();
          doing.mutate();
        }}
      >
        <Stack gap={12}>
          <Notice error={doing.error} fields={fields} />
          {/* Password managers look for whose password it is. */}
          <input type="text" name="email" autoComplete="username" value={email} readOnly hidden />
          <PasswordInput
            label="Current password"
            name="current-password"
            autoComplete="current-password"
            required
            withAsterisk={false}
            visibilityToggleButtonProps={{ 'aria-label': 'Show or hide the current password', tabIndex: 0 }}
            {...input('currentPassword')}
          />
          <NewPassword
            label="New password"
            minimum={minimum}
            value={texts.password}
            error={errorAt(doing.error, fields, 'password')}
            onChange={(password) => {
              set('password', password);
            }}
          />
          <Text size="xs" c="dimmed">
            Wherever else you are signed in, that ends.
          </Text>
          <Group>
            <Button type="submit" size="xs" loading={doing.isPending}>
              Change password
            </Button>
          </Group>
        </Stack>
      </form>
    </Panel>
  );
}

function SessionsPanel({
  sessions: { data, error },
  end,
  endOthers,
  endAll,
}: {
  sessions: { data: WebSession[] | undefined; error: Error | null };
  end: (id: number) => Promise<unknown>;
  endOthers: () => Promise<unknown>;
  endAll: () => Promise<unknown>;
}) {
  const [asking, setAsking] = useState<'others' | 'all' | null>(null);
  const others = data === undefined ? 0 : data.filter((each) => !each.current).length;
  const columns: Column<WebSession>[] = [
    {
      id: 'browser',
      header: 'Browser',
      cell: (session) => (
        <span title={session.userAgent}>
          {browserOf(session.userAgent)}
          {session.current && ' (this one)'}
        </span>
      ),
    },
    { id: 'address', header: 'Address', cell: ({ address }) => address },
    { id: 'since', header: 'Signed in', cell: ({ createdAt }) => <RelativeTime at={createdAt} />, wideOnly: true },
    { id: 'seen', header: 'Last seen', cell: ({ seenAt }) => <RelativeTime at={seenAt} />, wideOnly: true },
    {
      id: 'end',
      header: 'Action',
      cell: (session) =>
        session.current ? null : (
          <RowButton
            label={`End the session in ${browserOf(session.userAgent)} from ${session.address}`}
            act={() => void end(session.id)}
          >
            End
          </RowButton>
        ),
      end: true,
    },
  ];
  return (
    <Panel
      title="Where you are signed in"
      aside={
        <Group gap={8}>
          {others > 0 && (
            <Button
              size="compact-xs"
              variant="default"
              onClick={() => {
                setAsking('others');
              }}
            >
              End all others
            </Button>
          )}
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              setAsking('all');
            }}
          >
            Sign out everywhere
          </Button>
        </Group>
      }
    >
      {error !== null && <Failure error={error} />}
      {data === undefined ? (
        <Loading label="your sessions" rows={2} />
      ) : (
        <Rows label="Sessions" columns={columns} rows={data} rowKey={({ id }) => id} />
      )}
      <Confirm
        opened={asking !== null}
        close={() => {
          setAsking(null);
        }}
        title={asking === 'others' ? 'End all other sessions?' : 'Sign out everywhere?'}
        action={
          asking === 'others' ? `End ${others === 1 ? '1 session' : `${others} sessions`}` : 'Sign out everywhere'
        }
        act={asking === 'others' ? endOthers : endAll}
      >
        {asking === 'others'
          ? 'Other browsers have to sign in again. This one stays signed in.'
          : `All ${others + 1} of your sessions end, this one too.`}
      </Confirm>
    </Panel>
  );
}

function SchemePanel() {
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  return (
    <Panel title="Colour scheme">
      <div className={classes.form}>
        <SegmentedControl
          aria-label="Colour scheme"
          size="xs"
          value={colorScheme}
          onChange={(value) => {
            setColorScheme(value);
          }}
          data={[
            { value: 'auto', label: 'As the system' },
            { value: 'light', label: 'Light' },
            { value: 'dark', label: 'Dark' },
          ]}
        />
      </div>
    </Panel>
  );
}
