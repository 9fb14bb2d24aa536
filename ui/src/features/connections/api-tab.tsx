import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Command } from '@/shared/ui/copy';
import { Panel } from '@/shared/ui/page';
import { type Call, keyCommand } from '@/features/connections/calls';
import classes from '@/features/connections/connection.module.css';

/** Every call about the resource, ready to paste. */
export function ApiTab({ calls }: { calls: Call[] }) {
  return (
    <>
      <Text size="sm" mb={12}>
        Every call has the real address and ids. What each field means stands in the{' '}
        <Link to="/docs">API reference</Link>.
      </Text>
      <Panel title="Once per shell: your key">
        <div className={classes.padded}>
          <Command text={keyCommand(undefined)} label="Your key in the shell" />
        </div>
      </Panel>
      {calls.map((call) => (
        <Panel key={call.id} title={call.title}>
          <div className={classes.padded}>
            <Text size="sm" c="dimmed" mb={6}>
              {call.about}
            </Text>
            <Command text={call.text} label={call.title} />
          </div>
        </Panel>
      ))}
    </>
  );
}
