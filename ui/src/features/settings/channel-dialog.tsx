import { Button, Checkbox, Group, MultiSelect, SegmentedControl, TagsInput, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { KINDS } from '@/features/settings/notification-words';
import type { Channel, ChannelChange, ChannelKind, NewChannel } from '@/shared/api/notifications';
import type { User } from '@/shared/api/types';
import { Copy } from '@/shared/ui/copy';
import { FormDialog } from '@/shared/ui/form-dialog';
import { errorAt } from '@/shared/ui/form-errors';

const FIELDS = ['name', 'to', 'userIds', 'url', 'signingKey'] as const;
const KEY_BYTES = 24;

function randomKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(KEY_BYTES)), (byte) =>
    byte.toString(16).padStart(2, '0'),
  ).join('');
}

/** Makes a channel, or changes one; its secrets are never shown again, so an empty field keeps them. */
export function ChannelDialog({
  channel,
  people,
  create,
  change,
  close,
}: {
  channel: Channel | undefined;
  /** Whom a mail channel can name; none where one may not look at people. */
  people: readonly User[];
  create: (body: NewChannel) => Promise<unknown>;
  change: (body: ChannelChange) => Promise<unknown>;
  close: () => void;
}) {
  const [kind, setKind] = useState<ChannelKind>(channel?.kind ?? 'mail');
  const [name, setName] = useState(channel?.name ?? '');
  const [to, setTo] = useState(channel?.to ?? []);
  const [userIds, setUserIds] = useState((channel?.users ?? []).map(({ id }) => id));
  const [controlOwners, setControlOwners] = useState(channel?.controlOwners ?? false);
  const [url, setUrl] = useState('');
  const [signingKey, setSigningKey] = useState(() => (channel === undefined ? randomKey() : ''));
  const saving = useMutation({
    mutationFn: () => {
      const body = {
        name,
        ...(kind === 'mail' ? { to, userIds, controlOwners } : url === '' && channel !== undefined ? {} : { url }),
        ...(kind === 'webhook' && signingKey !== '' ? { signingKey } : {}),
      };
      return channel === undefined ? create({ ...body, kind }) : change(body);
    },
    onSuccess: close,
  });
  const told = (field: (typeof FIELDS)[number]) => errorAt(saving.error, FIELDS, field);
  const named = new Map([
    ...(channel?.users ?? []).map((user) => [user.id, `${user.name} (${user.email})`] as const),
    ...people.map((user) => [user.id, `${user.displayName} (${user.email})`] as const),
  ]);
  return (
    <FormDialog
      title={channel === undefined ? 'New channel' : `Edit ${channel.name}`}
      size="lg"
      close={close}
      action={channel === undefined ? 'Create the channel' : 'Save'}
      doing={saving}
      fields={FIELDS}
    >
      {channel === undefined && (
        <div>
          <SegmentedControl
            aria-label="Kind of channel"
            fullWidth
            value={kind}
            data={KINDS.map(({ value, label }) => ({ value, label }))}
            onChange={(value) => {
              setKind(value);
            }}
          />
          <Text size="xs" c="dimmed" mt={6}>
            {KINDS.find(({ value }) => value === kind)?.help}
          </Text>
        </div>
      )}
      <TextInput
        label="Name"
        description="Rules name the channel by it."
        required
        withAsterisk={false}
        data-autofocus
        value={name}
        error={told('name')}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      {kind === 'mail' ? (
        <>
          {named.size > 0 && (
            <MultiSelect
              label="People"
              description="Mail goes to the address that they have, for as long as they may look at this workspace."
              searchable
              data={[...named].map(([id, label]) => ({ value: String(id), label }))}
              value={userIds.map(String)}
              error={told('userIds')}
              onChange={(chosen) => {
                setUserIds(chosen.map(Number));
              }}
            />
          )}
          <TagsInput
            label="Other addresses"
            description="Each with Enter."
            value={to}
            error={told('to')}
            acceptValueOnBlur
            onChange={setTo}
          />
          <Checkbox
            label="The owners of the controls that a test proves"
            description="They get the events of that test."
            checked={controlOwners}
            onChange={(event) => {
              setControlOwners(event.currentTarget.checked);
            }}
          />
        </>
      ) : (
        <TextInput
          label="Address"
          description={
            channel?.urlHint === undefined
              ? 'It is a secret and never shown again.'
              : `Now ${channel.urlHint}. Leave it empty to keep it.`
          }
          placeholder="https://"
          inputMode="url"
          required={channel === undefined}
          withAsterisk={false}
          value={url}
          error={told('url')}
          onChange={(event) => {
            setUrl(event.currentTarget.value);
          }}
        />
      )}
      {kind === 'webhook' && (
        <div>
          <Group gap={8} align="flex-end" wrap="nowrap">
            <TextInput
              label="Signing key"
              description={
                channel?.signingKeyHint === undefined
                  ? 'Your program checks with it that a message comes from here. Copy it now: it is never shown again.'
                  : `Now ${channel.signingKeyHint}. Leave it empty to keep it; with another one your program must change, too.`
              }
              ff="monospace"
              flex={1}
              autoComplete="off"
              value={signingKey}
              error={told('signingKey')}
              onChange={(event) => {
                setSigningKey(event.currentTarget.value);
              }}
            />
            {signingKey === '' ? (
              <Button
                variant="default"
                onClick={() => {
                  setSigningKey(randomKey());
                }}
              >
                Make a new one
              </Button>
            ) : (
              <Copy text={signingKey} label="Copy the signing key" />
            )}
          </Group>
        </div>
      )}
    </FormDialog>
  );
}
