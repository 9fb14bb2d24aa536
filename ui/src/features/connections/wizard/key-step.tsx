import { Button, Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { ApiKey } from '@/shared/api/types';
import { Copy } from '@/shared/ui/copy';
import { Failure } from '@/shared/ui/states';
import classes from '@/features/connections/wizard/wizard.module.css';

export function KeyStep({
  name,
  keys,
  made,
  make,
  making,
  error,
  mayMake,
}: {
  /** The name that a new key gets if nobody changes it. */
  name: string;
  keys: ApiKey[] | undefined;
  made: ApiKey | undefined;
  make: (name: string) => void;
  making: boolean;
  error: Error | null;
  mayMake: boolean;
}) {
  const [kind, setKind] = useState(mayMake ? 'new' : 'old');
  const [title, setTitle] = useState(name);
  const [chosen, setChosen] = useState<string | null>(null);
  if (made?.key !== undefined) {
    return (
      <Stack gap={10}>
        <Text>
          The key <b>{made.name}</b> is made. It is shown only now: copy it to where the data is sent from.
        </Text>
        <div className={classes.key}>
          <code className={classes.mono}>{made.key}</code>
          <Copy text={made.key} label="Copy the key" />
        </div>
        <Text size="sm" c="dimmed">
          It may only send records and read connections. You can revoke it at any time in the settings.
        </Text>
      </Stack>
    );
  }
  const key = keys?.find((each) => String(each.id) === chosen);
  const usable = (keys ?? []).filter((each) => each.state === 'ACTIVE' || each.state === 'EXPIRES_SOON');
  return (
    <Stack gap={14}>
      <Radio.Group label="Whatever sends the data shows an API key" value={kind} onChange={setKind}>
        <Stack gap={8} mt={8}>
          <Radio value="new" label="Make a key that may only send records and read connections" disabled={!mayMake} />
          <Radio value="old" label="Use a key that there is" />
        </Stack>
      </Radio.Group>
      {kind === 'new' ? (
        <>
          <TextInput
            label="Name of the key"
            value={title}
            maxLength={191}
            onChange={(event) => {
              setTitle(event.currentTarget.value);
            }}
          />
          {error !== null && <Failure error={error} />}
          <div>
            <Button
              loading={making}
              disabled={title.trim() === ''}
              onClick={() => {
                make(title.trim());
              }}
            >
              Make the key
            </Button>
          </div>
        </>
      ) : (
        <>
          <Select
            label="Key"
            placeholder={usable.length === 0 ? 'There is no key that you can see' : 'Choose a key'}
            searchable
            data={usable.map((each) => ({ value: String(each.id), label: `${each.name} (${each.prefix}…)` }))}
            value={chosen}
            onChange={setChosen}
          />
          {key !== undefined && (key.missingScopes?.length ?? 0) > 0 && (
            <Text size="sm" role="alert" c="var(--mantine-color-error)">
              This key lacks {key.missingScopes?.map((scope) => `“${scope}”`).join(' and ')}, so it cannot send records
              here. Choose another, or make one.
            </Text>
          )}
          {key !== undefined && key.missingScopes?.length === 0 && (
            <Text size="sm" role="status">
              This key may send records. Its secret was shown when it was made; it is with whoever keeps it.
            </Text>
          )}
        </>
      )}
    </Stack>
  );
}
