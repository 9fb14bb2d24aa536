import { Group, Tabs, Text, ThemeIcon } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { EvidenceRecord, Resource } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { Command } from '@/shared/ui/copy';
import { LinkButton } from '@/shared/ui/link-button';
import { RelativeTime } from '@/shared/ui/relative-time';
import { type Call } from '@/features/connections/calls';
import { recordName } from '@/features/connections/columns';
import classes from '@/features/connections/wizard/wizard.module.css';

export function FirstStep({
  connectionId,
  resource,
  first,
  keyCommand,
  calls,
  mayTest,
}: {
  connectionId: number;
  resource: Resource;
  /** The newest record, once there is one. */
  first: EvidenceRecord | undefined;
  keyCommand: string;
  calls: Call[];
  mayTest: boolean;
}) {
  const arrived = resource.recordCount > 0;
  return (
    <>
      <section className={classes.status} data-arrived={arrived || undefined} role="status">
        {arrived ? (
          <>
            <ThemeIcon color="green" radius="xl" size={26} aria-hidden>
              <IconCheck size={17} stroke={2.4} />
            </ThemeIcon>
            <div>
              <Text fw={600}>The data is here: {counted(resource.recordCount, 'record')}</Text>
              <Text size="sm">
                {first !== undefined && <>{recordName(first, resource.displayNameKey)} came </>}
                <RelativeTime at={resource.lastRecordAt} />. Now say what has to be true of it.
              </Text>
              <Group gap={8} mt={12}>
                {mayTest && (
                  // The builder's page is another area of the app.
                  <LinkButton size="xs" to={'/tests/new' as '/tests'} search={{ resource: resource.id } as object}>
                    Write a test over it
                  </LinkButton>
                )}
                <LinkButton
                  size="xs"
                  variant="default"
                  to="/connections/$connectionId"
                  params={{ connectionId }}
                  search={{ tab: 'records' }}
                >
                  Look at the records
                </LinkButton>
              </Group>
            </div>
          </>
        ) : (
          <>
            <span className={classes.pulse} aria-hidden />
            <div>
              <Text fw={600}>Waiting for the first record</Text>
              <Text size="sm" c="dimmed">
                Send it in any of these ways. This page notices by itself.
              </Text>
            </div>
          </>
        )}
      </section>
      <Text size="sm" mb={4}>
        Once per shell: your key
      </Text>
      <Command text={keyCommand} label="Your key in the shell" />
      <Tabs defaultValue="curl" mt={14} keepMounted={false}>
        <Tabs.List aria-label="Ways to send a record">
          {calls.map((call) => (
            <Tabs.Tab key={call.id} value={call.id}>
              {call.title}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {calls.map((call) => (
          <Tabs.Panel key={call.id} value={call.id} pt={12}>
            <Text size="sm" mb={4} c="dimmed">
              {call.about}
            </Text>
            <Command text={call.text} label={call.title} />
          </Tabs.Panel>
        ))}
      </Tabs>
    </>
  );
}
