import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { InWorkspace } from '@/app/workspace';
import { DeliveriesPanel, DeliveryDrawer } from '@/features/settings/deliveries';
import { NotificationsPage } from '@/features/settings/notifications-page';
import {
  changeChannel,
  changeRule,
  channelsQuery,
  createChannel,
  createRule,
  deleteChannel,
  deleteRule,
  deliveriesQuery,
  deliveryQuery,
  retryDelivery,
  rulesQuery,
  tryChannel,
} from '@/shared/api/notifications';
import { usersQuery } from '@/shared/api/users';
import { useMay } from '@/shared/auth/may';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';

const FROM = '/signed-in/settings/notifications';
const SIZE = 25;
const ALL_PEOPLE = 500;

export function NotificationsRoute() {
  return <InWorkspace>{(workspaceId) => <Notifications workspaceId={workspaceId} />}</InWorkspace>;
}

function Notifications({ workspaceId }: { workspaceId: number }) {
  const search = useSearch({ from: FROM });
  const { status, channel: channelId, cursor, delivery } = search;
  const navigate = useNavigate({ from: '/settings/notifications' });
  const may = useMay();
  const queries = useQueryClient();
  const channels = useQuery(channelsQuery(workspaceId));
  const rules = useQuery(rulesQuery(workspaceId));
  const people = useQuery({
    ...usersQuery({ state: 'ACTIVE', size: ALL_PEOPLE }),
    enabled: may('users-get') && may('notifications-put'),
  });
  const list = useQuery(deliveriesQuery(workspaceId, { cursor, size: SIZE }, { status, channelId }));
  const opened = useQuery({ ...deliveryQuery(workspaceId, delivery ?? 0), enabled: delivery !== undefined });
  const again = () => queries.invalidateQueries({ queryKey: ['notifications'] });
  return (
    <>
      <NotificationsPage
        workspaceId={workspaceId}
        may={may}
        channels={channels}
        rules={rules}
        people={people.data?.data ?? []}
        createChannel={async (body) => {
          await createChannel(workspaceId, body);
          await again();
          notifyDone(`${body.name} is created. Send a test to see whether messages arrive.`);
        }}
        changeChannel={async (channel, body) => {
          await changeChannel(workspaceId, channel.id, body);
          await again();
          notifyDone(`${body.name ?? channel.name} is saved.`);
        }}
        removeChannel={async (channel) => {
          await deleteChannel(workspaceId, channel.id);
          await again();
          notifyDone(`${channel.name} is deleted.`);
        }}
        tryChannel={async (channel) => {
          try {
            const tried = await tryChannel(workspaceId, channel.id);
            if (!tried.delivered) return tried;
            notifyDone(`The test of ${channel.name} arrived.`);
          } catch (error) {
            notifyFailed(error);
          }
          return undefined;
        }}
        createRule={async (body) => {
          await createRule(workspaceId, body);
          await again();
          notifyDone(`The rule ${body.name ?? ''} is created.`);
        }}
        changeRule={async (rule, body) => {
          try {
            await changeRule(workspaceId, rule.id, body);
          } catch (error) {
            // A switch has no place of its own to tell it.
            if (body.name === undefined) notifyFailed(error);
            else throw error;
          }
          await again();
          if (body.name !== undefined) notifyDone(`The rule ${body.name} is saved.`);
        }}
        removeRule={(rule) => {
          const { name, enabled, events, filter, channelIds, mode, digestAt } = rule;
          deleteRule(workspaceId, rule.id)
            .then(again)
            .then(() => {
              notifyDone(`The rule ${name} is deleted.`, async () => {
                await createRule(workspaceId, {
                  name,
                  enabled,
                  events,
                  filter,
                  channelIds,
                  mode,
                  ...(digestAt === undefined ? {} : { digestAt }),
                });
                await again();
              });
            }, notifyFailed);
        }}
        deliveries={
          <DeliveriesPanel
            list={list}
            channels={channels.data?.data ?? []}
            search={search}
            size={SIZE}
            narrow={(next) =>
              void navigate({ search: { ...next, cursor: undefined }, replace: true, resetScroll: false })
            }
            open={({ id }) =>
              void navigate({
                search: (before) => ({ ...before, delivery: id }),
                state: true,
                resetScroll: false,
              })
            }
          />
        }
      />
      <DeliveryDrawer
        opened={delivery === undefined ? undefined : opened}
        mayRetry={may('notifications-put')}
        close={() =>
          void navigate({
            search: (before) => ({ ...before, delivery: undefined }),
            state: true,
            resetScroll: false,
          })
        }
        retry={(one) => {
          retryDelivery(workspaceId, one.id)
            .then(again)
            .then(() => {
              notifyDone('It is tried again.');
            }, notifyFailed);
        }}
      />
    </>
  );
}
