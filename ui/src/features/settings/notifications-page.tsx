import { Button, Group, Menu, Switch, Text } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { type ReactNode, useState } from 'react';
import { ChannelDialog } from '@/features/settings/channel-dialog';
import { SettingsFrame } from '@/features/settings/frame';
import { kindWord, targetsOf, topicWord, whenWords } from '@/features/settings/notification-words';
import { RuleDialog } from '@/features/settings/rule-dialog';
import type { Channel, ChannelChange, NewChannel, Rule, RuleChange, Tried } from '@/shared/api/notifications';
import type { User } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { Dialog } from '@/shared/ui/dialog';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { RowActions, RowButton, RowMenu } from '@/shared/ui/row-actions';
import { Empty, Loaded } from '@/shared/ui/states';
import { type Column, Rows } from '@/shared/ui/table';
import classes from '@/features/settings/notifications.module.css';

type List<Item> = { data: { data: Item[] } | undefined; error: Error | null; refetch: () => unknown };

type Props = {
  workspaceId: number;
  may: (scope: string) => boolean;
  channels: List<Channel>;
  rules: List<Rule>;
  people: readonly User[];
  createChannel: (body: NewChannel) => Promise<unknown>;
  changeChannel: (channel: Channel, body: ChannelChange) => Promise<unknown>;
  removeChannel: (channel: Channel) => Promise<unknown>;
  /** Sends a test message; undefined when it arrived everywhere and that was told. */
  tryChannel: (channel: Channel) => Promise<Tried | undefined>;
  createRule: (body: RuleChange) => Promise<unknown>;
  changeRule: (rule: Rule, body: RuleChange) => Promise<unknown>;
  removeRule: (rule: Rule) => void;
  /** The messages, in a panel. */
  deliveries: ReactNode;
};

type Open =
  | { kind: 'channel'; channel: Channel | undefined }
  | { kind: 'rule'; rule: Rule | undefined }
  | { kind: 'remove'; channel: Channel }
  | { kind: 'tried'; channel: Channel; tried: Tried };

/** Who is told of what: channels, the rules that lead to them, and the messages. */
export function NotificationsPage(props: Props) {
  const { workspaceId, may, channels, rules, people, deliveries } = props;
  const [open, setOpen] = useState<Open>();
  const [trying, setTrying] = useState<number>();
  const close = () => {
    setOpen(undefined);
  };
  const send = async (channel: Channel) => {
    setTrying(channel.id);
    try {
      const tried = await props.tryChannel(channel);
      if (tried !== undefined) setOpen({ kind: 'tried', channel, tried });
    } finally {
      setTrying(undefined);
    }
  };
  const addChannel = may('notifications-post') && (
    <Button
      size="xs"
      leftSection={<IconPlus size={14} aria-hidden />}
      onClick={() => {
        setOpen({ kind: 'channel', channel: undefined });
      }}
    >
      Add a channel
    </Button>
  );
  const addRule = may('notifications-post') && (
    <Button
      size="xs"
      leftSection={<IconPlus size={14} aria-hidden />}
      onClick={() => {
        setOpen({ kind: 'rule', rule: undefined });
      }}
    >
      Add a rule
    </Button>
  );
  return (
    <SettingsFrame title="Notifications" may={may}>
      <Loaded query={channels} label="channels">
        {({ data: all }) =>
          all.length === 0 ? (
            <Empty title="Nobody is told of anything yet" actions={addChannel}>
              A channel leads to people by mail, to Slack or Teams, or to a program of yours. Add one, then say by a
              rule what it is told: that a test begins to fail, or that data does not arrive any more.
            </Empty>
          ) : (
            <>
              <Panel title="Channels" aside={addChannel}>
                <Rows
                  label="Channels"
                  columns={channelColumns({ may, trying, send: (channel) => void send(channel), setOpen })}
                  rows={all}
                  rowKey={({ id }) => id}
                />
              </Panel>
              <Loaded query={rules} label="rules">
                {({ data }) =>
                  data.length === 0 ? (
                    <Empty title="Nothing is told yet" actions={addRule}>
                      A rule says which events go to which channels, at once or as a digest.
                    </Empty>
                  ) : (
                    <Panel title="Rules" aside={addRule}>
                      <Rows
                        label="Rules"
                        columns={ruleColumns({ ...props, all, setOpen })}
                        rows={data}
                        rowKey={({ id }) => id}
                      />
                    </Panel>
                  )
                }
              </Loaded>
              {deliveries}
              {open?.kind === 'rule' && (
                <RuleDialog
                  workspaceId={workspaceId}
                  rule={open.rule}
                  channels={all}
                  close={close}
                  save={(body) =>
                    open.rule === undefined ? props.createRule(body) : props.changeRule(open.rule, body)
                  }
                />
              )}
            </>
          )
        }
      </Loaded>
      {open?.kind === 'channel' && (
        <ChannelDialog
          channel={open.channel}
          people={people}
          close={close}
          create={props.createChannel}
          change={(body) => (open.channel === undefined ? Promise.resolve() : props.changeChannel(open.channel, body))}
        />
      )}
      {open?.kind === 'tried' && (
        <Dialog close={close} title={`The test of ${open.channel.name} did not arrive`}>
          <ul className={classes.results}>
            {open.tried.results.map(({ target, delivered, error }, at) => (
              <li key={target ?? at}>
                {target !== undefined && <b>{target}: </b>}
                <span className={delivered ? '' : classes.failed}>{delivered ? 'it arrived' : error}</span>
              </li>
            ))}
          </ul>
          <Group justify="flex-end" mt={16}>
            <Button onClick={close}>Done</Button>
          </Group>
        </Dialog>
      )}
      {open?.kind === 'remove' && (
        <Confirm
          opened
          close={close}
          title={`Delete ${open.channel.name}?`}
          action="Delete the channel"
          act={() => props.removeChannel(open.channel)}
        >
          Messages on their way to it are not sent any more. Its{' '}
          {open.channel.kind === 'mail' ? 'addresses' : 'secrets'} go for good; messages that were sent stay in the
          list.
        </Confirm>
      )}
    </SettingsFrame>
  );
}

function channelColumns({
  may,
  trying,
  send,
  setOpen,
}: {
  may: (scope: string) => boolean;
  trying: number | undefined;
  send: (channel: Channel) => void;
  setOpen: (open: Open) => void;
}): Column<Channel>[] {
  const columns: Column<Channel>[] = [
    {
      id: 'name',
      header: 'Channel',
      cell: ({ name, kind }) => (
        <>
          <div>{name}</div>
          <Text size="xs" c="dimmed">
            {kindWord(kind)}
          </Text>
        </>
      ),
    },
    {
      id: 'leads',
      header: 'Leads to',
      cell: (channel) => {
        const { leads, warnings } = targetsOf(channel);
        return (
          <>
            <div>{leads}</div>
            {warnings.map((warning) => (
              <Text key={warning} size="xs" className={classes.warning ?? ''}>
                {warning}
              </Text>
            ))}
          </>
        );
      },
    },
  ];
  if (!may('notifications-put')) return columns;
  columns.push({
    id: 'act',
    header: 'Action',
    end: true,
    cell: (channel) => (
      <RowActions>
        <RowButton
          busy={trying === channel.id}
          label={`Send a test to ${channel.name}`}
          act={() => {
            send(channel);
          }}
        >
          Send a test
        </RowButton>
        <RowMenu name={channel.name}>
          <Menu.Item
            onClick={() => {
              setOpen({ kind: 'channel', channel });
            }}
          >
            Edit
          </Menu.Item>
          {may('notifications-delete') && (
            <Menu.Item
              color="var(--pl-fail-text)"
              onClick={() => {
                setOpen({ kind: 'remove', channel });
              }}
            >
              Delete
            </Menu.Item>
          )}
        </RowMenu>
      </RowActions>
    ),
  });
  return columns;
}

function ruleColumns({
  may,
  all,
  changeRule,
  removeRule,
  setOpen,
}: Pick<Props, 'may' | 'changeRule' | 'removeRule'> & {
  all: readonly Channel[];
  setOpen: (open: Open) => void;
}): Column<Rule>[] {
  const columns: Column<Rule>[] = [
    {
      id: 'name',
      header: 'Rule',
      cell: (rule) => (
        <>
          <div>{rule.name}</div>
          <Text size="xs" c="dimmed">
            {rule.enabled ? whenWords(rule) : 'Switched off'}
            {rule.nextDigestAt !== null && (
              <>
                , next <RelativeTime at={rule.nextDigestAt} />
              </>
            )}
          </Text>
        </>
      ),
    },
    {
      id: 'events',
      header: 'Tells when',
      cell: ({ events, filter }) => (
        <>
          {events.map((event) => (
            <div key={event}>{topicWord(event)}</div>
          ))}
          {filter.testIds.length > 0 && (
            <Text size="xs" c="dimmed">
              only {counted(filter.testIds.length, 'test')}
            </Text>
          )}
          {filter.connectionIds.length > 0 && (
            <Text size="xs" c="dimmed">
              only {counted(filter.connectionIds.length, 'connection')}
            </Text>
          )}
        </>
      ),
    },
    {
      id: 'channels',
      header: 'Where it goes',
      cell: ({ channelIds }) =>
        channelIds.map((id) => <div key={id}>{all.find((channel) => channel.id === id)?.name ?? `Channel ${id}`}</div>),
    },
  ];
  if (!may('notifications-put')) return columns;
  columns.push({
    id: 'act',
    header: 'Action',
    end: true,
    cell: (rule) => (
      <Group gap={10} justify="flex-end" wrap="nowrap">
        <Switch
          size="xs"
          aria-label={`${rule.name} is on`}
          checked={rule.enabled}
          onChange={(event) => void changeRule(rule, { enabled: event.currentTarget.checked })}
        />
        <RowMenu name={rule.name}>
          <Menu.Item
            onClick={() => {
              setOpen({ kind: 'rule', rule });
            }}
          >
            Edit
          </Menu.Item>
          {may('notifications-delete') && (
            <Menu.Item
              color="var(--pl-fail-text)"
              onClick={() => {
                removeRule(rule);
              }}
            >
              Delete
            </Menu.Item>
          )}
        </RowMenu>
      </Group>
    ),
  });
  return columns;
}
