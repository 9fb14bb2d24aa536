import { SegmentedControl } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Connection, Resource } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { HealthChip } from '@/shared/ui/health-chip';
import { Page } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Empty } from '@/shared/ui/states';
import { connectionName } from '@/features/connections/names';
import { type ConnectionTab, TAB_WORDS } from '@/features/connections/tabs';
import sections from '@/shared/ui/sections.module.css';

export function ConnectionPage({
  connection,
  resource,
  tab,
  tabs,
  actions,
  notice,
  children,
}: {
  connection: Connection;
  /** The resource that is shown; a connection can be without. */
  resource: Resource | undefined;
  tab: ConnectionTab;
  tabs: readonly ConnectionTab[];
  actions?: ReactNode;
  /** What one has to know before anything else. */
  notice?: ReactNode;
  children: ReactNode;
}) {
  const navigate = useNavigate({ from: '/connections/$connectionId' });
  const resources = connection.customResources ?? [];
  return (
    <Page
      title={connectionName(connection)}
      above={
        <Link to="/connections" activeOptions={{ exact: true }}>
          Connections
        </Link>
      }
      below={
        resource === undefined ? undefined : (
          <>
            <HealthChip of={connection} />
            <span>{counted(connection.recordCount, 'record')}</span>
            <span>
              last sync <RelativeTime at={connection.lastSyncAt} />
            </span>
          </>
        )
      }
      actions={actions}
    >
      <nav className={sections.sections} aria-label="Parts of the connection">
        {tabs.map((each) => (
          <Link
            key={each}
            from="/connections/$connectionId"
            to="."
            search={({ workspace, resource: shown }) => ({ workspace, resource: shown, tab: each })}
            className={sections.section}
            aria-current={each === tab ? 'page' : undefined}
            resetScroll={false}
          >
            {TAB_WORDS[each]}
          </Link>
        ))}
      </nav>
      {resources.length > 1 && resource !== undefined && (
        <SegmentedControl
          size="xs"
          mb={12}
          aria-label="Resource"
          value={String(resource.id)}
          data={resources.map(({ id, name }) => ({ value: String(id), label: name }))}
          onChange={(id) => void navigate({ search: ({ workspace }) => ({ workspace, tab, resource: Number(id) }) })}
        />
      )}
      {notice}
      {children}
    </Page>
  );
}

/** What a connection shows that keeps no records of its own. */
export function NoResource() {
  return (
    <Empty title="This connection keeps no records">
      Its devices or people are sent through calls of their own: see the API reference.
    </Empty>
  );
}
