import { Button, Group, SegmentedControl, Stack, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ApiKey } from '@/shared/api/types';
import { Command } from '@/shared/ui/copy';
import { Dialog } from '@/shared/ui/dialog';
import { DialogForm } from '@/shared/ui/form-dialog';
import { AGENT_SYSTEMS, type AgentSystem, agentSteps } from '@/features/assets/agent-commands';

/** Makes a key that can only report devices here, and shows with it how the agent is installed. */
export function AgentDialog({
  connectionId,
  name,
  make,
  close,
}: {
  connectionId: number;
  /** What a new key is called. */
  name: string;
  make: (name: string) => Promise<ApiKey>;
  close: () => void;
}) {
  const [title, setTitle] = useState(name);
  const making = useMutation({ mutationFn: () => make(title) });
  const token = making.data?.key;
  return (
    <Dialog title="Install the agent" size="lg" close={close}>
      {typeof token === 'string' ? (
        <Commands connectionId={connectionId} token={token} close={close} />
      ) : (
        <DialogForm action="Make the key" doing={making} close={close} disabled={title.trim() === ''}>
          <Text size="sm">
            The agent is the same program as the server. On a workstation it reports what the checks ask for, every four
            hours. It needs a key, which can do nothing but report devices to this connection. Make one for each group
            of machines.
          </Text>
          <TextInput
            label="Name of the key"
            maxLength={191}
            required
            data-autofocus
            value={title}
            onChange={(event) => {
              setTitle(event.currentTarget.value);
            }}
          />
        </DialogForm>
      )}
    </Dialog>
  );
}

function Commands({ connectionId, token, close }: { connectionId: number; token: string; close: () => void }) {
  const [system, setSystem] = useState<AgentSystem>('linux');
  const [whose, setWhose] = useState('');
  const steps = agentSteps(system, { origin: window.location.origin, connectionId, whose, token });
  return (
    <Stack gap={14}>
      <Text size="sm" role="status">
        The key is made. It is shown only now, within the commands: copy them to where they are needed.
      </Text>
      <TextInput
        label="Whose machine it is"
        description="The address of a person in Personnel."
        type="email"
        placeholder="ada@example.com"
        data-autofocus
        value={whose}
        onChange={(event) => {
          setWhose(event.currentTarget.value);
        }}
      />
      <SegmentedControl
        aria-label="System"
        data={[...AGENT_SYSTEMS]}
        value={system}
        onChange={(value) => {
          setSystem(value);
        }}
      />
      {steps.map(({ label, command }) => (
        <div key={label}>
          <Text size="sm" mb={4}>
            {label}
          </Text>
          <Command text={command} label={label} />
        </div>
      ))}
      <Text size="sm" c="dimmed">
        See first what it finds, without sending anything: plumbline agent show
      </Text>
      <Group justify="flex-end">
        <Button variant="default" onClick={close}>
          Done
        </Button>
      </Group>
    </Stack>
  );
}
