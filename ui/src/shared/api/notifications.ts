import { keepPreviousData, queryOptions } from '@tanstack/react-query';
import { api, bodyOf } from '@/shared/api/client';
import { type PageOf, pageQuery } from '@/shared/api/connections';
import { given } from '@/shared/api/given';
import type { operations } from '@/shared/api/schema';
import type { BodyOf } from '@/shared/api/types';

const OF = '/public/v2/workspaces/{workspaceId}/notifications';
const CHANNEL = `${OF}/channels/{channelId}` as const;
const RULE = `${OF}/rules/{ruleId}` as const;

type Sent<Name extends keyof operations> = operations[Name] extends {
  requestBody: { content: { 'application/json': infer Body } };
}
  ? Body
  : never;

export type Channel = BodyOf<operations['listNotificationChannels']>['data'][number];
export type ChannelKind = Channel['kind'];
export type NewChannel = Sent<'createNotificationChannel'>;
export type ChannelChange = Sent<'updateNotificationChannel'>;
export type Tried = BodyOf<operations['performNotificationChannelAction']>;
export type Rule = BodyOf<operations['listNotificationRules']>['data'][number];
export type RuleChange = Sent<'updateNotificationRule'>;
export type Topic = NonNullable<RuleChange['events']>[number];
export type DigestAt = NonNullable<RuleChange['digestAt']>;
export type DeliveryList = BodyOf<operations['listNotificationDeliveries']>;
export type Delivery = DeliveryList['data'][number];
export type DeliveryStatus = Delivery['status'];

// A workspace has a hundred channels and two hundred rules at most.
const ALL = 200;

export function channelsQuery(workspaceId: number) {
  return queryOptions({
    queryKey: ['notifications', 'channels', { workspaceId }],
    queryFn: ({ signal }) =>
      bodyOf<{ data: Channel[] }>(
        api.GET(`${OF}/channels`, {
          params: { path: { workspaceId }, query: { size: ALL, sortDir: 'ASC' } },
          parseAs: 'text',
          signal,
        }),
      ),
  });
}

export function rulesQuery(workspaceId: number) {
  return queryOptions({
    queryKey: ['notifications', 'rules', { workspaceId }],
    queryFn: ({ signal }) =>
      bodyOf<{ data: Rule[] }>(
        api.GET(`${OF}/rules`, {
          params: { path: { workspaceId }, query: { size: ALL, sortDir: 'ASC' } },
          parseAs: 'text',
          signal,
        }),
      ),
  });
}

export type DeliveryFilter = { status?: DeliveryStatus | undefined; channelId?: number | undefined };

/** The messages on their way and those that are over, newest first. */
export function deliveriesQuery(workspaceId: number, page: PageOf, filter: DeliveryFilter) {
  return queryOptions({
    queryKey: ['notifications', 'deliveries', { workspaceId }, page, filter],
    queryFn: ({ signal }) =>
      bodyOf<DeliveryList>(
        api.GET(`${OF}/deliveries`, {
          params: { path: { workspaceId }, query: { ...pageQuery(page), ...given(filter) } },
          parseAs: 'text',
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** One message with its text. */
export function deliveryQuery(workspaceId: number, deliveryId: number) {
  return queryOptions({
    queryKey: ['notifications', 'delivery', { workspaceId }, deliveryId],
    queryFn: ({ signal }) =>
      bodyOf<Delivery>(
        api.GET(`${OF}/deliveries/{deliveryId}`, {
          params: { path: { workspaceId, deliveryId } },
          parseAs: 'text',
          signal,
        }),
      ),
  });
}

export function createChannel(workspaceId: number, body: NewChannel): Promise<Channel> {
  return bodyOf(api.POST(`${OF}/channels`, { params: { path: { workspaceId } }, body, parseAs: 'text' }));
}

export function changeChannel(workspaceId: number, channelId: number, body: ChannelChange): Promise<Channel> {
  return bodyOf(api.PUT(CHANNEL, { params: { path: { workspaceId, channelId } }, body, parseAs: 'text' }));
}

export function deleteChannel(workspaceId: number, channelId: number): Promise<void> {
  return bodyOf(api.DELETE(CHANNEL, { params: { path: { workspaceId, channelId } }, parseAs: 'text' }));
}

/** Sends a message now and tells what came of it. */
export function tryChannel(workspaceId: number, channelId: number): Promise<Tried> {
  return bodyOf(
    api.POST(`${CHANNEL}/actions`, {
      params: { path: { workspaceId, channelId } },
      body: { action: 'test' },
      parseAs: 'text',
    }),
  );
}

export function createRule(workspaceId: number, body: RuleChange): Promise<Rule> {
  return bodyOf(api.POST(`${OF}/rules`, { params: { path: { workspaceId } }, body, parseAs: 'text' }));
}

export function changeRule(workspaceId: number, ruleId: number, body: RuleChange): Promise<Rule> {
  return bodyOf(api.PUT(RULE, { params: { path: { workspaceId, ruleId } }, body, parseAs: 'text' }));
}

export function deleteRule(workspaceId: number, ruleId: number): Promise<void> {
  return bodyOf(api.DELETE(RULE, { params: { path: { workspaceId, ruleId } }, parseAs: 'text' }));
}

/** Tries a message anew that was given up. */
export function retryDelivery(workspaceId: number, deliveryId: number): Promise<Delivery> {
  return bodyOf(
    api.POST(`${OF}/deliveries/{deliveryId}/actions`, {
      params: { path: { workspaceId, deliveryId } },
      body: { action: 'retry' },
      parseAs: 'text',
    }),
  );
}
