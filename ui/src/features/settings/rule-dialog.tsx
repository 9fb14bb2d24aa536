import { Checkbox, Group, MultiSelect, NativeSelect, SegmentedControl, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQueries, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { TOPICS, topicWord, WEEKDAYS } from '@/features/settings/notification-words';
import { testChoicesQuery } from '@/shared/api/choices';
import type { Channel, DigestAt, Rule, RuleChange } from '@/shared/api/notifications';
import { resourceChoicesQuery } from '@/shared/api/rules';
import { FormDialog } from '@/shared/ui/form-dialog';
import { errorAt } from '@/shared/ui/form-errors';
import classes from '@/features/settings/notifications.module.css';

const FIELDS = ['name', 'events', 'testIds', 'connectionIds', 'channelIds', 'digestAt'] as const;
const TYPING_PAUSE = 200;
const USUAL = ['TEST_FAILED', 'TEST_ERROR', 'TEST_RECOVERED', 'CONNECTION_STALE'];

/** Says which events go to which channels, at once or as a digest. */
export function RuleDialog({
  workspaceId,
  rule,
  channels,
  save,
  close,
}: {
  workspaceId: number;
  rule: Rule | undefined;
  channels: readonly Channel[];
  save: (body: RuleChange) => Promise<unknown>;
  close: () => void;
}) {
  const only = channels.length === 1 ? channels.map(({ id }) => id) : [];
  const [name, setName] = useState(rule?.name ?? '');
  const [events, setEvents] = useState<string[]>(rule?.events ?? USUAL);
  const [testIds, setTestIds] = useState(rule?.filter.testIds ?? []);
  const [connectionIds, setConnectionIds] = useState(rule?.filter.connectionIds ?? []);
  const [channelIds, setChannelIds] = useState(rule?.channelIds ?? only);
  const [mode, setMode] = useState(rule?.mode ?? 'immediate');
  const [digestAt, setDigestAt] = useState<DigestAt>(
    rule?.digestAt ?? {
      every: 'WEEK',
      weekday: 'MONDAY',
      time: '08:00',
      timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    },
  );
  const saving = useMutation({
    mutationFn: () =>
      save({
        name,
        events,
        filter: { testIds, connectionIds },
        channelIds,
        mode,
        ...(mode === 'digest' ? { digestAt } : {}),
      }),
    onSuccess: close,
  });
  const told = (field: (typeof FIELDS)[number]) => errorAt(saving.error, FIELDS, field);
  const unknown = events.filter((event) => topicWord(event) === event);
  return (
    <FormDialog
      title={rule === undefined ? 'New rule' : `Edit ${rule.name}`}
      size="lg"
      close={close}
      action={rule === undefined ? 'Create the rule' : 'Save'}
      doing={saving}
      fields={FIELDS}
    >
      <TextInput
        label="Name"
        description="It stands in the messages, such as “Access tests fail”."
        required
        withAsterisk={false}
        data-autofocus
        value={name}
        error={told('name')}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <Checkbox.Group label="Tell when" value={events} error={told('events')} onChange={setEvents}>
        <div className={classes.topics}>
          {[...TOPICS, ...others(unknown)].map(({ group, topics }) => (
            <div key={group}>
              <Text size="xs" fw={600} c="dimmed" my={4}>
                {group}
              </Text>
              {topics.map(({ value, label }) => (
                <Checkbox key={value} size="xs" mb={4} value={value} label={label} />
              ))}
            </div>
          ))}
        </div>
      </Checkbox.Group>
      <MultiSelect
        label="Where it goes"
        placeholder={channelIds.length === 0 ? 'Channels' : ''}
        data={channels.map((channel) => ({ value: String(channel.id), label: channel.name }))}
        value={channelIds.map(String)}
        error={told('channelIds')}
        onChange={(chosen) => {
          setChannelIds(chosen.map(Number));
        }}
      />
      <Group grow align="flex-start" preventGrowOverflow={false} wrap="wrap">
        <TestsField workspaceId={workspaceId} chosen={testIds} onChange={setTestIds} error={told('testIds')} />
        <ConnectionsField chosen={connectionIds} onChange={setConnectionIds} error={told('connectionIds')} />
      </Group>
      <div>
        <SegmentedControl
          aria-label="When it is told"
          value={mode}
          data={[
            { value: 'immediate', label: 'At once' },
            { value: 'digest', label: 'As a digest' },
          ]}
          onChange={(value) => {
            setMode(value);
          }}
        />
        <Text size="xs" c="dimmed" mt={6}>
          {mode === 'immediate'
            ? 'One message for each event, about a minute after it, so that what mends itself is not told.'
            : 'One message that counts all that happened since the last one. Nothing happened: no message.'}
        </Text>
      </div>
      {mode === 'digest' && <DigestFields value={digestAt} onChange={setDigestAt} error={told('digestAt')} />}
    </FormDialog>
  );
}

function others(unknown: readonly string[]) {
  return unknown.length === 0 ? [] : [{ group: 'Other', topics: unknown.map((value) => ({ value, label: value })) }];
}

function TestsField({
  workspaceId,
  chosen,
  onChange,
  error,
}: {
  workspaceId: number;
  chosen: readonly number[];
  onChange: (ids: number[]) => void;
  error: string | undefined;
}) {
  const [typed, setTyped] = useState('');
  const [search] = useDebouncedValue(typed, TYPING_PAUSE);
  const found = useQuery(testChoicesQuery(workspaceId, search));
  const named = useQueries({ queries: chosen.map((id) => testChoicesQuery(workspaceId, String(id))) });
  const names = new Map<number, string>(
    [found, ...named].flatMap(({ data }) => data?.data ?? []).map((test) => [test.testId, test.name]),
  );
  const offered = [...new Set([...chosen, ...(found.data?.data ?? []).map(({ testId }) => testId)])];
  return (
    <MultiSelect
      label="Only these tests"
      description="None: all tests."
      searchable
      data={offered.map((id) => ({ value: String(id), label: names.get(id) ?? `Test ${id}` }))}
      filter={({ options }) => options}
      searchValue={typed}
      onSearchChange={setTyped}
      value={chosen.map(String)}
      error={error}
      onChange={(ids) => {
        onChange(ids.map(Number));
      }}
    />
  );
}

function ConnectionsField({
  chosen,
  onChange,
  error,
}: {
  chosen: readonly number[];
  onChange: (ids: number[]) => void;
  error: string | undefined;
}) {
  const { data } = useQuery(resourceChoicesQuery());
  const names = new Map<number, string>([
    ...chosen.map((id) => [id, `Connection ${id}`] as const),
    ...(data ?? []).map(({ connectionId, connection }) => [connectionId, connection] as const),
  ]);
  return (
    <MultiSelect
      label="Only these connections"
      description="None: all connections."
      searchable
      data={[...names].map(([id, label]) => ({ value: String(id), label }))}
      value={chosen.map(String)}
      error={error}
      onChange={(ids) => {
        onChange(ids.map(Number));
      }}
    />
  );
}

function DigestFields({
  value,
  onChange,
  error,
}: {
  value: DigestAt;
  onChange: (value: DigestAt) => void;
  error: string | undefined;
}) {
  const zones = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];
  const zone = value.timeZone ?? 'UTC';
  return (
    <Group grow align="flex-start" preventGrowOverflow={false} wrap="wrap">
      <NativeSelect
        label="Day"
        data={[{ value: 'DAY', label: 'Every day' }, ...WEEKDAYS]}
        value={value.every === 'DAY' ? 'DAY' : (value.weekday ?? 'MONDAY')}
        error={error}
        onChange={(event) => {
          const weekday = WEEKDAYS.find((day) => day.value === event.currentTarget.value)?.value;
          const { time, timeZone } = value;
          onChange({
            ...(weekday === undefined ? { every: 'DAY' as const } : { every: 'WEEK' as const, weekday }),
            time,
            ...(timeZone === undefined ? {} : { timeZone }),
          });
        }}
      />
      <TextInput
        type="time"
        label="Time"
        required
        withAsterisk={false}
        value={value.time}
        onChange={(event) => {
          onChange({ ...value, time: event.currentTarget.value });
        }}
      />
      <Select
        label="Time zone"
        searchable
        allowDeselect={false}
        data={zones.includes(zone) ? zones : [zone, ...zones]}
        value={zone}
        onChange={(timeZone) => {
          if (timeZone !== null) onChange({ ...value, timeZone });
        }}
      />
    </Group>
  );
}
