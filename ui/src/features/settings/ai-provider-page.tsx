import { Button, Group, NumberInput, PasswordInput, Stack, Switch, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { SettingsFrame } from '@/features/settings/frame';
import type { AIProvider, AIProviderChange, AITrial } from '@/shared/api/ai-provider';
import { count } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { errorAt, Notice } from '@/shared/ui/form-errors';
import { Panel } from '@/shared/ui/page';
import { Loaded } from '@/shared/ui/states';
import classes from '@/features/settings/settings.module.css';

type Save = (change: AIProviderChange) => Promise<AIProvider>;

/** Which language model is asked for summaries of diagnoses. */
export function AIProviderPage({
  may,
  provider,
  save,
  attempt,
}: {
  may: (scope: string) => boolean;
  provider: { data: AIProvider | undefined; error: Error | null; refetch: () => unknown };
  save: Save;
  attempt: () => Promise<AITrial>;
}) {
  const readOnly = !may('settings-put');
  return (
    <SettingsFrame title="AI provider" may={may}>
      <Loaded query={provider} label="the AI provider">
        {(data) => (
          <>
            <Panel title="Summaries by AI" aside={data.enabled ? 'on' : 'off'}>
              <ProviderForm key={data.updatedAt ?? ''} provider={data} readOnly={readOnly} save={save} />
            </Panel>
            {!readOnly && data.url !== '' && data.model !== '' && <TryPanel provider={data} attempt={attempt} />}
            <Panel title="What is sent">
              <div className={classes.body}>
                <Text size="sm">
                  Plumbline explains every unhealthy connection by its own rules, without AI. Where this is switched on,
                  people can ask for a summary in other words besides. Then the model gets the steps of the last runs
                  with their counts, codes and times, the names of properties, and error texts of which only known words
                  are left. Values and ids of records, names, addresses and secrets are never sent. Each request is an
                  event, and there are at most 60 in an hour.
                </Text>
              </div>
            </Panel>
          </>
        )}
      </Loaded>
    </SettingsFrame>
  );
}

const FIELDS = ['url', 'model', 'key', 'maxTokens', 'enabled'] as const;

function ProviderForm({ provider, readOnly, save }: { provider: AIProvider; readOnly: boolean; save: Save }) {
  const [enabled, setEnabled] = useState(provider.enabled);
  const [url, setUrl] = useState(provider.url);
  const [model, setModel] = useState(provider.model);
  const [maxTokens, setMaxTokens] = useState<number | string>(provider.maxTokens);
  const [key, setKey] = useState('');
  const [removing, setRemoving] = useState(false);
  const saving = useMutation({
    mutationFn: () => save({ enabled, url, model, maxTokens: Number(maxTokens), ...(key === '' ? {} : { key }) }),
  });
  const error = (field: (typeof FIELDS)[number]) => errorAt(saving.error, FIELDS, field);
  return (
    <form
      className={classes.form}
      onSubmit={(event) => {
        event.preventDefault();
        saving.mutate();
      }}
    >
      <Stack gap={12}>
        <Notice error={saving.error} fields={FIELDS} />
        <Switch
          label="People may ask for a summary"
          checked={enabled}
          disabled={readOnly}
          error={error('enabled')}
          onChange={(event) => {
            setEnabled(event.currentTarget.checked);
          }}
        />
        <TextInput
          label="Address"
          description="Any server that speaks the protocol of OpenAI’s chat completions, also one of your own. A private address must be allowed by the server’s setting ai-networks."
          placeholder="https://api.openai.com/v1"
          readOnly={readOnly}
          value={url}
          error={error('url')}
          onChange={(event) => {
            setUrl(event.currentTarget.value);
          }}
        />
        <TextInput
          label="Model"
          description="As the server names it; a small one is enough."
          readOnly={readOnly}
          value={model}
          error={error('model')}
          onChange={(event) => {
            setModel(event.currentTarget.value);
          }}
        />
        <NumberInput
          label="Longest answer, in tokens"
          description="Bounds what one request costs."
          min={100}
          max={8000}
          readOnly={readOnly}
          value={maxTokens}
          error={error('maxTokens')}
          onChange={setMaxTokens}
        />
        {!readOnly && (
          <PasswordInput
            label="Key"
            description={
              provider.keySet
                ? 'A key is stored, and never shown. Type another one to replace it.'
                : 'Leave it empty for a server that asks for none.'
            }
            autoComplete="off"
            value={key}
            error={error('key')}
            onChange={(event) => {
              setKey(event.currentTarget.value);
            }}
          />
        )}
        {!readOnly && (
          <Group>
            <Button type="submit" size="xs" loading={saving.isPending}>
              Save
            </Button>
            {provider.keySet && (
              <Button
                size="xs"
                variant="default"
                onClick={() => {
                  setRemoving(true);
                }}
              >
                Take the key away
              </Button>
            )}
          </Group>
        )}
      </Stack>
      <Confirm
        opened={removing}
        title="Take the key away"
        action="Take it away"
        act={() => save({ key: null })}
        close={() => {
          setRemoving(false);
        }}
      >
        The stored key vanishes. A server that asks for one will refuse summaries until you give another.
      </Confirm>
    </form>
  );
}

function TryPanel({ provider, attempt }: { provider: AIProvider; attempt: () => Promise<AITrial> }) {
  const trying = useMutation({ mutationFn: attempt });
  const { data } = trying;
  return (
    <Panel title="Try it">
      <div className={classes.form}>
        <Stack gap={10}>
          <Text size="sm">One word is asked of {provider.model}, with the settings as they are stored.</Text>
          <Group>
            <Button
              size="xs"
              variant="default"
              loading={trying.isPending}
              onClick={() => {
                trying.mutate();
              }}
            >
              Try the provider
            </Button>
          </Group>
          <Notice error={trying.error} fields={[]} />
          <Text size="sm" role="status" className={data?.ok === false ? (classes.bad ?? '') : ''}>
            {data !== undefined && (
              <>
                {data.message} {data.ok && `It took ${count(data.latencyMs)} ms.`}
              </>
            )}
          </Text>
        </Stack>
      </div>
    </Panel>
  );
}
