import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Device, ReportedDevice } from '@/shared/api/devices';
import type { Connection } from '@/shared/api/types';
import { ADVICE, CHECK_WORDS, type Check } from '@/shared/format/compliance';
import { REPORTED } from '@/features/assets/device-words';
import { Owner } from '@/features/assets/devices-page';
import { ComplianceChip } from '@/shared/ui/compliance-chip';
import { Facts } from '@/shared/ui/facts';
import { HealthChip } from '@/shared/ui/health-chip';
import { JsonView } from '@/shared/ui/json-view';
import { Page, Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import classes from '@/features/assets/assets.module.css';
import sections from '@/shared/ui/sections.module.css';

export const DEVICE_TABS = ['checks', 'apps', 'report', 'history'] as const;
export type DeviceTab = (typeof DEVICE_TABS)[number];

const TAB_WORDS: Record<DeviceTab, string> = {
  checks: 'Checks',
  apps: 'Applications',
  report: 'Last report',
  history: 'History',
};

/** One device: what is checked of it, whose it is, and what was reported. */
export function DevicePage({
  device,
  connection,
  tab,
  remove,
  children,
}: {
  device: ReportedDevice;
  /** The one that reports it; undefined until it is known. */
  connection: Connection | undefined;
  tab: DeviceTab;
  /** Left out for those who may not. */
  remove?: (() => void) | undefined;
  children: ReactNode;
}) {
  return (
    <Page
      title={device.displayName}
      above={
        <Link to="/devices" activeOptions={{ exact: true }}>
          Devices
        </Link>
      }
      below={
        <>
          {device.complianceStatus !== undefined && (
            <ComplianceChip
              status={device.complianceStatus}
              {...(device.complianceStatus === 'PASS' ? { word: 'Compliant' } : {})}
            />
          )}
          <span>{device.osVersion}</span>
          <span>
            last report <RelativeTime at={device.lastCheckedAt} />
          </span>
        </>
      }
      actions={
        remove !== undefined && (
          <Button size="xs" variant="default" onClick={remove}>
            Delete
          </Button>
        )
      }
    >
      <div className={classes.columns}>
        <div className={classes.main}>
          <nav className={sections.sections} aria-label="Parts of the device">
            {DEVICE_TABS.map((each) => (
              <Link
                key={each}
                from="/devices/$deviceId"
                to="."
                search={({ workspace }) => ({ workspace, tab: each === 'checks' ? undefined : each })}
                className={sections.section}
                activeOptions={{ exact: true, explicitUndefined: true }}
                aria-current={each === tab ? 'page' : undefined}
                resetScroll={false}
              >
                {TAB_WORDS[each]}
                {each === 'apps' && device.appsCount !== null && ` ${device.appsCount}`}
              </Link>
            ))}
          </nav>
          {children}
        </div>
        <aside className={classes.side}>
          <Identity device={device} />
          <Panel title="Belongs to">
            <div className={classes.about}>
              <Facts
                facts={[
                  ['Owner', <Owner key="owner" of={device} />],
                  device.assetId === null
                    ? null
                    : [
                        'Asset',
                        <Link key="asset" to="/assets/$assetId" params={{ assetId: device.assetId }}>
                          {device.asset?.name ?? `Asset ${device.assetId}`}
                        </Link>,
                      ],
                  [
                    'Connection',
                    <Link
                      key="connection"
                      to="/connections/$connectionId"
                      params={{ connectionId: device.connectionId }}
                      search={{ tab: 'devices' }}
                    >
                      {connection?.clientAlias ?? `Connection ${device.connectionId}`}
                    </Link>,
                  ],
                  connection === undefined || (connection.health === null && connection.state === 'ACTIVE')
                    ? null
                    : ['Its health', <HealthChip key="health" of={connection} />],
                  ['Reported by', device.sourceType === 'AGENT' ? 'the agent' : 'a script or an MDM'],
                ]}
              />
            </div>
          </Panel>
        </aside>
      </div>
    </Page>
  );
}

function Identity({ device }: { device: Device }) {
  const macs = (device.identifiers ?? []).filter(({ type }) => type === 'MAC_ADDRESS');
  const text = (value: string | null) => (value === null ? <span className={classes.dim}>not reported</span> : value);
  return (
    <Panel title="Identity">
      <div className={classes.about}>
        <Facts
          facts={[
            ['Serial number', text(device.serialNumber)],
            [
              macs.length > 1 ? 'MAC addresses' : 'MAC address',
              text(macs.length === 0 ? device.macAddress : macs.map(({ identifier }) => identifier).join('\n')),
            ],
            ['External id', text(device.externalId)],
            ['Model', text(device.model)],
            ['System', device.osVersion],
            ['First seen', <RelativeTime key="created" at={device.createdAt} />],
          ]}
        />
      </div>
    </Panel>
  );
}

/** The checks: how each stands, since when, why, and what to do. */
export function ChecksPanel({ device }: { device: Device }) {
  return (
    <Panel title="Checks" aside="Judged by the last report, which counts for 30 days.">
      <ul className={classes.checks}>
        {(device.complianceChecks ?? []).map((check) => (
          <li key={check.type} className={classes.check}>
            <h3>{CHECK_WORDS[check.type]}</h3>
            <span>
              <ComplianceChip status={check.status} />
            </span>
            <div className={classes.why}>
              <Why check={check} device={device} />
            </div>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Why({ check, device }: { check: Check; device: Device }) {
  const reported = REPORTED.find((each) => each.check === check.type);
  const said = (reported?.said(device) ?? []).filter(([, value]) => value !== null);
  const since = check.since !== null && (
    <>
      {' '}
      since <RelativeTime at={check.since} />
    </>
  );
  return (
    <>
      {check.basis === 'REPORTED' && (
        <>
          <span className={classes.code}>{said.map(([field, value]) => `${field}: ${String(value)}`).join(', ')}</span>
          {since}
          {check.status === 'PASS' && (
            <span className={classes.sub}>
              counts until a report says otherwise, or <RelativeTime at={check.expiresAt} />
            </span>
          )}
        </>
      )}
      {check.basis === 'NOT_REPORTED' && (
        <>
          Reports do not tell{since}.
          <span className={classes.sub}>
            Have the report say it: <span className={classes.code}>{reported?.said(device)[0]?.[0]}</span>
          </span>
        </>
      )}
      {check.basis === 'DOCUMENT' && (
        <>
          A document proves it{since}.
          <span className={classes.sub}>
            counts until a later report says otherwise, or <RelativeTime at={check.expiresAt} />
          </span>
        </>
      )}
      {check.basis === 'REPORT_EXPIRED' && (
        <>
          The last report is too old{since}.
          <span className={classes.sub}>Have the device report again; what it said before counts no more.</span>
        </>
      )}
      {check.status === 'FAIL' && <p className={`${classes.sub} ${classes.advice}`}>{ADVICE[check.type]}</p>}
    </>
  );
}

/** What the last report said of each protection, with its explanation. */
export function ReportPanel({ device }: { device: Device }) {
  return (
    <Panel title="What was reported" aside={<RelativeTime at={device.lastCheckedAt} />}>
      <ul className={classes.reported}>
        {REPORTED.map(({ word, said, explanation }) => (
          <li key={word}>
            <div className={classes.said}>
              <b>{word}</b>
              {said(device).map(([field, value]) => (
                <span key={field} className={classes.code}>
                  {field}: {value === null ? <span className={classes.dim}>not reported</span> : String(value)}
                </span>
              ))}
            </div>
            <Explanation of={explanation(device)} word={word} />
          </li>
        ))}
      </ul>
    </Panel>
  );
}

function Explanation({ of, word }: { of: unknown; word: string }) {
  if (of === null || of === undefined) return null;
  if (typeof of === 'string') return <p className={classes.text}>{of}</p>;
  return <JsonView value={of} label={`Explanation: ${word}`} />;
}
