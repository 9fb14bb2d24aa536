import type { Channel, ChannelKind, DeliveryStatus, DigestAt, Rule } from '@/shared/api/notifications';

export const KINDS: readonly { value: ChannelKind; label: string; help: string }[] = [
  { value: 'mail', label: 'Mail', help: 'Each person gets a message of their own.' },
  { value: 'slack', label: 'Slack', help: 'Needs an incoming webhook of a Slack app.' },
  {
    value: 'teams',
    label: 'Teams',
    help: 'Needs a workflow with the trigger “When a Teams webhook request is received” that posts the card.',
  },
  { value: 'webhook', label: 'Webhook', help: 'Posts signed JSON to a program of yours.' },
];

export function kindWord(kind: ChannelKind): string {
  return KINDS.find(({ value }) => value === kind)?.label ?? kind;
}

/** What can be told, in the groups in which it is chosen. */
export const TOPICS: readonly { group: string; topics: readonly { value: string; label: string }[] }[] = [
  {
    group: 'Tests',
    topics: [
      { value: 'TEST_FAILED', label: 'A test begins to fail' },
      { value: 'TEST_ERROR', label: 'A test cannot be decided any more' },
      { value: 'TEST_RECOVERED', label: 'A test passes again' },
    ],
  },
  {
    group: 'Connections',
    topics: [
      { value: 'CONNECTION_STALE', label: 'Data is older than its limit' },
      { value: 'CONNECTION_FRESH', label: 'Data arrives again' },
    ],
  },
  {
    group: 'Exclusions',
    topics: [
      { value: 'EXCLUSION_EXPIRING', label: 'An exclusion ends in seven days' },
      { value: 'EXCLUSION_EXPIRED', label: 'An exclusion has ended' },
    ],
  },
  {
    group: 'Plumbline itself',
    topics: [{ value: 'DRIFT', label: 'Stored results were not right and were corrected' }],
  },
];

export function topicWord(topic: string): string {
  return TOPICS.flatMap(({ topics }) => topics).find(({ value }) => value === topic)?.label ?? topic;
}

export const STATUSES: readonly { value: DeliveryStatus; label: string }[] = [
  { value: 'PENDING', label: 'On its way' },
  { value: 'SENT', label: 'Sent' },
  { value: 'FAILED', label: 'Failed' },
  { value: 'CANCELED', label: 'Canceled' },
];

export function statusWord(status: DeliveryStatus): string {
  return STATUSES.find(({ value }) => value === status)?.label ?? status;
}

export const WEEKDAYS: readonly { value: NonNullable<DigestAt['weekday']>; label: string }[] = [
  { value: 'MONDAY', label: 'Monday' },
  { value: 'TUESDAY', label: 'Tuesday' },
  { value: 'WEDNESDAY', label: 'Wednesday' },
  { value: 'THURSDAY', label: 'Thursday' },
  { value: 'FRIDAY', label: 'Friday' },
  { value: 'SATURDAY', label: 'Saturday' },
  { value: 'SUNDAY', label: 'Sunday' },
];

/** When a rule tells: "At once", "Mondays at 08:00, Europe/Berlin". */
export function whenWords({ mode, digestAt }: Pick<Rule, 'mode' | 'digestAt'>): string {
  if (mode === 'immediate' || digestAt === undefined) return 'At once';
  const day = WEEKDAYS.find(({ value }) => value === digestAt.weekday)?.label;
  return `${day === undefined ? 'Daily' : `${day}s`} at ${digestAt.time}, ${digestAt.timeZone}`;
}

const GONE: Record<string, string> = {
  INVITED: 'has not taken the invitation yet',
  DISABLED: 'is disabled',
  DELETED: 'was deleted',
  NO_ACCESS: 'may not look at this workspace any more',
};

/** Where a channel leads, and who of its people gets no mail now. */
export function targetsOf(channel: Channel): { leads: string; warnings: string[] } {
  const people = channel.users ?? [];
  const leads = [
    ...(channel.controlOwners === true ? ['owners of the controls'] : []),
    ...people.map(({ name }) => name),
    ...(channel.to ?? []),
    ...(channel.urlHint === undefined ? [] : [channel.urlHint]),
  ];
  return {
    leads: leads.join(', '),
    warnings: people.flatMap(({ name, noMailBecause }) =>
      noMailBecause === undefined ? [] : [`${name} gets no mail: ${GONE[noMailBecause] ?? noMailBecause}`],
    ),
  };
}
