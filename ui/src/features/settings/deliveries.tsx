import { Badge, Button, Text, UnstyledButton } from '@mantine/core';
import { STATUSES, statusWord } from '@/features/settings/notification-words';
import type { Channel, Delivery, DeliveryList, DeliveryStatus } from '@/shared/api/notifications';
import { ChoiceField, Filters } from '@/shared/ui/filters';
import { Facts } from '@/shared/ui/facts';
import { Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { RelativeTime } from '@/shared/ui/relative-time';
import { DrawerPart, SideDrawer } from '@/shared/ui/side-drawer';
import { Loaded } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/settings/notifications.module.css';

export type DeliverySearch = {
  status?: DeliveryStatus | undefined;
  channel?: number | undefined;
  cursor?: string | undefined;
  delivery?: number | undefined;
};

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

/** The messages on their way and those that are over. */
export function DeliveriesPanel({
  list,
  channels,
  search,
  size,
  narrow,
  open,
}: {
  list: Query<DeliveryList>;
  channels: readonly Channel[];
  search: DeliverySearch;
  size: number;
  narrow: (search: DeliverySearch) => void;
  open: (delivery: Delivery) => void;
}) {
  const whole = search.status === undefined && search.channel === undefined;
  return (
    <Panel title="Messages" aside="What is over is kept for 90 days.">
      <div className={classes.filter}>
        <Filters label="Narrow the messages">
          <ChoiceField
            label="State"
            value={search.status}
            choices={STATUSES}
            onChange={(status) => {
              narrow({ ...search, status });
            }}
          />
          <ChoiceField
            label="Channel"
            value={search.channel === undefined ? undefined : String(search.channel)}
            choices={channels.map(({ id, name }) => ({ value: String(id), label: name }))}
            onChange={(channel) => {
              narrow({ ...search, channel: channel === undefined ? undefined : Number(channel) });
            }}
          />
        </Filters>
      </div>
      <Loaded query={list} label="messages">
        {({ data, pagination }) =>
          data.length === 0 ? (
            <Text size="sm" c="dimmed" p={14} pt={0}>
              {whole
                ? 'No message was sent yet. A test of a channel goes out at once and is not listed here.'
                : 'No message fits. Take a filter away to see more.'}
            </Text>
          ) : (
            <>
              <Rows
                label="Messages"
                rows={data}
                rowKey={({ id }) => id}
                columns={[
                  {
                    id: 'subject',
                    header: 'Message',
                    cell: (delivery) => (
                      <UnstyledButton
                        fz="sm"
                        c="var(--mantine-color-anchor)"
                        onClick={() => {
                          open(delivery);
                        }}
                      >
                        {delivery.subject}
                      </UnstyledButton>
                    ),
                  },
                  {
                    id: 'to',
                    header: 'To',
                    cell: ({ channelName, target }) => (
                      <>
                        <div>{channelName}</div>
                        {target !== null && (
                          <Text size="xs" c="dimmed">
                            {target}
                          </Text>
                        )}
                      </>
                    ),
                  },
                  {
                    id: 'state',
                    header: 'State',
                    cell: ({ status, lastError }) => (
                      <>
                        <Status status={status} />
                        {status !== 'SENT' && lastError !== null && (
                          <Text size="xs" className={classes.failed ?? ''}>
                            {lastError}
                          </Text>
                        )}
                      </>
                    ),
                  },
                  {
                    id: 'when',
                    header: 'When',
                    end: true,
                    cell: ({ createdAt }) => <RelativeTime at={createdAt} />,
                  },
                ]}
              />
              <Pager
                cursor={search.cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="message"
              />
            </>
          )
        }
      </Loaded>
    </Panel>
  );
}

/** One message: what it says, how often it was tried, and what the other side answered. */
export function DeliveryDrawer({
  opened,
  mayRetry,
  retry,
  close,
}: {
  opened: Query<Delivery> | undefined;
  mayRetry: boolean;
  retry: (delivery: Delivery) => void;
  close: () => void;
}) {
  const delivery = opened?.data;
  return (
    <SideDrawer
      opened={opened !== undefined}
      close={close}
      title={delivery?.subject ?? 'Message'}
      actions={
        mayRetry &&
        delivery?.status === 'FAILED' && (
          <Button
            size="xs"
            onClick={() => {
              retry(delivery);
            }}
          >
            Try again
          </Button>
        )
      }
    >
      {opened !== undefined && (
        <Loaded query={opened} label="the message">
          {(one) => (
            <>
              <Facts
                facts={[
                  ['State', <Status key="state" status={one.status} />],
                  ['Channel', one.channelName],
                  one.target === null ? null : ['To', one.target],
                  ['Rule', one.rule],
                  ['Kind', one.digest ? 'Digest' : 'At once'],
                  ['Made', <RelativeTime key="made" at={one.createdAt} />],
                  one.finishedAt === null ? null : ['Over', <RelativeTime key="over" at={one.finishedAt} />],
                  ['Attempts', String(one.attempts)],
                  one.nextAttemptAt === null
                    ? null
                    : ['Next attempt', <RelativeTime key="next" at={one.nextAttemptAt} />],
                  one.lastError === null
                    ? null
                    : [
                        'Last error',
                        <span key="error" className={classes.failed}>
                          {one.lastError}
                        </span>,
                      ],
                  ['Id', one.deliveryId],
                ]}
              />
              {one.text !== undefined && (
                <DrawerPart title="What it says">
                  <p className={classes.text}>{one.text}</p>
                </DrawerPart>
              )}
            </>
          )}
        </Loaded>
      )}
    </SideDrawer>
  );
}

function Status({ status }: { status: DeliveryStatus }) {
  return (
    <Badge variant="default" size="sm" tt="none">
      {statusWord(status)}
    </Badge>
  );
}
