import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { Asset } from '@/shared/api/assets';
import { useMay } from '@/shared/auth/may';
import { CHECK_WORDS } from '@/shared/format/compliance';
import { classWords, typeWord } from '@/features/assets/asset-words';
import { Address } from '@/shared/ui/address';
import { ComplianceChip } from '@/shared/ui/compliance-chip';
import { Facts } from '@/shared/ui/facts';
import { Page, Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import classes from '@/features/assets/assets.module.css';

/** One asset: what it is, who answers for it, and the device that it may be. */
export function AssetPage({
  asset,
  edit,
  remove,
  custom,
  children,
}: {
  asset: Asset;
  edit?: () => void;
  remove?: () => void;
  /** The custom fields. */
  custom: ReactNode;
  children: ReactNode;
}) {
  const may = useMay();
  const { device } = asset;
  return (
    <Page
      title={asset.name}
      above={
        <Link to="/assets" activeOptions={{ exact: true }}>
          Assets
        </Link>
      }
      below={
        <>
          <span>{typeWord(asset)}</span>
          <span>{classWords(asset).join(', ')}</span>
          {asset.removedAt !== null && (
            <span>
              removed <RelativeTime at={asset.removedAt} />
            </span>
          )}
        </>
      }
      actions={
        <>
          {edit !== undefined && (
            <Button size="xs" variant="default" onClick={edit}>
              Edit
            </Button>
          )}
          {remove !== undefined && (
            <Button size="xs" variant="default" onClick={remove}>
              Delete
            </Button>
          )}
        </>
      }
    >
      <div className={classes.columns}>
        <div className={classes.main}>
          <Panel title="What it is">
            <div className={classes.about}>
              <p className={classes.text}>{asset.description}</p>
            </div>
          </Panel>
          <Panel title="Notes">
            <div className={classes.about}>
              {asset.notes === null || asset.notes === '' ? (
                <p className={`${classes.text} ${classes.dim}`}>None.</p>
              ) : (
                <p className={classes.text}>{asset.notes}</p>
              )}
            </div>
          </Panel>
          {device !== null && (
            <Panel
              title="Its device"
              aside={
                <Link to="/devices/$deviceId" params={{ deviceId: device.id }}>
                  {device.displayName}
                </Link>
              }
            >
              <ul className={classes.checks}>
                {(asset.complianceChecks ?? []).map(({ type, status }) => (
                  <li key={type} className={classes.check}>
                    <h3>{CHECK_WORDS[type]}</h3>
                    <span>
                      <ComplianceChip status={status} />
                    </span>
                  </li>
                ))}
              </ul>
            </Panel>
          )}
          {children}
        </div>
        <aside className={classes.side}>
          <Panel title="About">
            <div className={classes.about}>
              <Facts
                facts={[
                  [
                    'Owner',
                    <span key="owner">
                      {asset.owner !== undefined && may('personnel-get') ? (
                        <Link to="/personnel" search={{ q: asset.owner.email }}>
                          {asset.owner.displayName}
                        </Link>
                      ) : (
                        (asset.owner?.displayName ?? `User ${asset.ownerId}`)
                      )}
                      {asset.owner !== undefined && asset.owner.email !== asset.owner.displayName && (
                        <Address of={asset.owner.email} />
                      )}
                    </span>,
                  ],
                  asset.externalOwnerId === null ? null : ['Owner’s id elsewhere', asset.externalOwnerId],
                  asset.externalId === null ? null : ['External id', asset.externalId],
                  asset.uniqueId === null ? null : ['Serial number or the like', asset.uniqueId],
                  [
                    'Comes from',
                    asset.assetProvider === 'AGENT'
                      ? 'the agent'
                      : asset.associatedId === null
                        ? 'people or scripts'
                        : 'an MDM connection',
                  ],
                  ['Created', <RelativeTime key="created" at={asset.createdAt} />],
                  ['Changed', <RelativeTime key="updated" at={asset.updatedAt} />],
                ]}
              />
            </div>
          </Panel>
          {custom}
          {asset.associatedId !== null && (
            <p className={classes.sub}>
              Name, type, owner, serial number and external id follow the device. It goes when the device is deleted.
            </p>
          )}
        </aside>
      </div>
    </Page>
  );
}
