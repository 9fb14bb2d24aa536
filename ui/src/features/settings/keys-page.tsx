import { Badge, Button, Checkbox, Group, MultiSelect, Select, Stack, TagsInput, Text, TextInput } from '@mantine/core';
import { IconKey } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { SettingsFrame } from '@/features/settings/frame';
import type { NewKey } from '@/shared/api/keys';
import type { ApiKey, KeyList, Role } from '@/shared/api/types';
import { Confirm } from '@/shared/ui/confirm';
import { Command } from '@/shared/ui/copy';
import { Dialog } from '@/shared/ui/dialog';
import { FormDialog } from '@/shared/ui/form-dialog';
import { errorAt } from '@/shared/ui/form-errors';
import { Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { RelativeTime } from '@/shared/ui/relative-time';
import { RowButton } from '@/shared/ui/row-actions';
import { Empty, Loaded } from '@/shared/ui/states';
import { type Column, Rows } from '@/shared/ui/table';
import classes from '@/features/settings/settings.module.css';

const STATES: Record<ApiKey['state'], string> = {
  ACTIVE: 'Active',
  EXPIRES_SOON: 'Expires soon',
  EXPIRED: 'Expired',
  REVOKED: 'Revoked',
};

type Scope = Role['scopes'][number];
type Open = { kind: 'new' } | { kind: 'made'; key: ApiKey } | { kind: 'revoke'; key: ApiKey };

/** The keys with which programs use the API. */
export function KeysPage({
  may,
  list,
  scopes,
  mine,
  connections,
  cursor,
  size,
  create,
  revoke,
}: {
  may: (scope: string) => boolean;
  list: { data: KeyList | undefined; error: Error | null; refetch: () => unknown };
  /** All scopes in words, as far as they are known. */
  scopes: Scope[];
  /** The scopes that the person has, and so may give. */
  mine: string[];
  /** The connections that take devices. */
  connections: { id: number; name: string }[];
  cursor: string | undefined;
  size: number;
  create: (key: NewKey) => Promise<ApiKey>;
  revoke: (key: ApiKey) => Promise<unknown>;
}) {
  const [open, setOpen] = useState<Open | null>(null);
  const close = () => {
    setOpen(null);
  };
  const words = (scope: string) =>
    scope === 'all'
      ? 'Everything'
      : scope === 'read'
        ? 'Everything that only reads'
        : (scopes.find((each) => each.scope === scope)?.name ?? scope);
  const columns: Column<ApiKey>[] = [
    {
      id: 'name',
      header: 'Key',
      cell: ({ name, prefix }) => (
        <>
          <div>{name}</div>
          <Text size="xs" c="dimmed" ff="monospace">
            {prefix}…
          </Text>
        </>
      ),
    },
    {
      id: 'scopes',
      header: 'Allows',
      cell: ({ scopes: own }) =>
        own.length === 1 ? (
          words(own[0] ?? '')
        ) : (
          <details>
            <summary>{own.length} permissions</summary>
            <ul className={classes.rolesList}>
              {own.map((scope) => (
                <li key={scope}>{words(scope)}</li>
              ))}
            </ul>
          </details>
        ),
    },
    {
      id: 'state',
      header: 'State',
      cell: ({ state, allowedIps, connectionIds }) => (
        <>
          <Badge variant="default" size="sm" tt="none">
            {STATES[state]}
          </Badge>
          {connectionIds.length > 0 && (
            <Text size="xs" c="dimmed">
              to connection {connectionIds.join(', ')}
            </Text>
          )}
          {allowedIps.length > 0 && (
            <Text size="xs" c="dimmed">
              from {allowedIps.join(', ')}
            </Text>
          )}
        </>
      ),
    },
    { id: 'maker', header: 'Made by', cell: ({ createdBy }) => createdBy?.name ?? '–', wideOnly: true },
    { id: 'expires', header: 'Expires', cell: ({ expiresAt }) => <RelativeTime at={expiresAt} />, wideOnly: true },
    { id: 'used', header: 'Last used', cell: ({ lastUsedAt }) => <RelativeTime at={lastUsedAt} />, wideOnly: true },
  ];
  if (may('api-keys-delete')) {
    columns.push({
      id: 'act',
      header: 'Action',
      end: true,
      cell: (key) =>
        key.state === 'REVOKED' ? null : (
          <RowButton
            label={`Revoke ${key.name}`}
            act={() => {
              setOpen({ kind: 'revoke', key });
            }}
          >
            Revoke
          </RowButton>
        ),
    });
  }
  const add = may('api-keys-post') && (
    <Button
      size="xs"
      leftSection={<IconKey size={14} aria-hidden />}
      onClick={() => {
        setOpen({ kind: 'new' });
      }}
    >
      Create a key
    </Button>
  );
  return (
    <SettingsFrame title="API keys" may={may} actions={add}>
      <Loaded query={list} label="keys">
        {({ data, pagination }) =>
          data.length === 0 ? (
            <Empty title="No keys yet">
              Programs use a key where people sign in. Create one for your first script.
            </Empty>
          ) : (
            <Panel title="Keys">
              <Rows label="Keys" columns={columns} rows={data} rowKey={({ id }) => id} />
              <Pager
                cursor={cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="key"
              />
            </Panel>
          )
        }
      </Loaded>
      {open?.kind === 'new' && (
        <NewKeyDialog
          scopes={scopes.filter(({ scope }) => mine.includes(scope))}
          connections={connections}
          close={close}
          create={async (key) => {
            setOpen({ kind: 'made', key: await create(key) });
          }}
        />
      )}
      {open?.kind === 'made' && (
        <Dialog close={close} title={`The key ${open.key.name}`} size="lg">
          <Stack gap={12}>
            <Text size="sm">Copy it now: it is shown this once, and nobody can look it up later.</Text>
            <Command label="API key" text={open.key.key ?? ''} />
            <Group justify="flex-end">
              <Button onClick={close}>Done</Button>
            </Group>
          </Stack>
        </Dialog>
      )}
      {open?.kind === 'revoke' && (
        <Confirm
          opened
          close={close}
          title={`Revoke ${open.key.name}?`}
          action="Revoke the key"
          act={() => revoke(open.key)}
        >
          The next request that shows it is refused, for good. It was last used{' '}
          <RelativeTime at={open.key.lastUsedAt} />.
        </Confirm>
      )}
    </SettingsFrame>
  );
}

const FIELDS = ['name', 'scopes', 'connectionIds', 'allowedIps', 'expiresAt'] as const;
/** The one scope that is for some connections only. */
const REPORT = 'devices-report';
const DAYS = [
  { value: '30', label: 'In 30 days' },
  { value: '90', label: 'In 90 days' },
  { value: '365', label: 'In a year' },
  { value: 'never', label: 'Never' },
];
const DAY = 86_400_000;

function NewKeyDialog({
  scopes,
  connections,
  close,
  create,
}: {
  scopes: Scope[];
  connections: { id: number; name: string }[];
  close: () => void;
  create: (key: NewKey) => Promise<unknown>;
}) {
  const [name, setName] = useState('');
  const [chosen, setChosen] = useState<string[]>([]);
  const [days, setDays] = useState('365');
  const [networks, setNetworks] = useState<string[]>([]);
  const [to, setTo] = useState<string[]>([]);
  const doing = useMutation({
    mutationFn: () =>
      create({
        name,
        scopes: chosen,
        allowedIps: networks,
        ...(chosen.includes(REPORT) ? { connectionIds: to.map(Number) } : {}),
        expiresAt: days === 'never' ? null : new Date(Date.now() + Number(days) * DAY).toISOString(),
      }),
  });
  const groups = [...new Set(scopes.map((each) => each.name.split(':')[0] ?? ''))];
  return (
    <FormDialog title="Create a key" size="xl" close={close} action="Create the key" doing={doing} fields={FIELDS}>
      <TextInput
        label="Name"
        description="What uses it, such as “CI of the web shop”."
        required
        withAsterisk={false}
        data-autofocus
        value={name}
        error={errorAt(doing.error, FIELDS, 'name')}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <Checkbox.Group
        label="What it may do"
        description="As little as it needs. You can only give what you may do yourself."
        value={chosen}
        onChange={setChosen}
        error={errorAt(doing.error, FIELDS, 'scopes')}
      >
        <div className={classes.scopes}>
          {groups.map((group) => (
            <div key={group} className={classes.group}>
              <Text size="xs" fw={600} c="dimmed" my={4}>
                {group}
              </Text>
              {scopes
                .filter((each) => each.name.startsWith(`${group}:`))
                .map((each) => (
                  <Checkbox
                    key={each.scope}
                    size="xs"
                    value={each.scope}
                    label={each.name.slice(group.length + 1).trim()}
                    mb={4}
                  />
                ))}
            </div>
          ))}
        </div>
      </Checkbox.Group>
      {chosen.includes(REPORT) && (
        <MultiSelect
          label="Reports devices to"
          description="The MDM connections. This permission goes alone: the key can report devices and do nothing else."
          data={connections.map(({ id, name: word }) => ({ value: String(id), label: word }))}
          nothingFoundMessage="There is no MDM connection yet: add one first."
          value={to}
          error={errorAt(doing.error, FIELDS, 'connectionIds')}
          onChange={setTo}
        />
      )}
      <Select
        label="Expires"
        data={DAYS}
        value={days}
        allowDeselect={false}
        error={errorAt(doing.error, FIELDS, 'expiresAt')}
        onChange={(value) => {
          setDays(value ?? '365');
        }}
      />
      <TagsInput
        label="Only from these addresses"
        description="Addresses or networks such as 192.0.2.0/24, each with Enter. None: from anywhere."
        value={networks}
        error={errorAt(doing.error, FIELDS, 'allowedIps')}
        onChange={setNetworks}
      />
    </FormDialog>
  );
}
