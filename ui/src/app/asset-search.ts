import { idOf, oneOf, type RawSearch, text } from '@/app/search';
import { CLASSES } from '@/features/assets/asset-words';
import type { AssetsSearch } from '@/features/assets/assets-page';
import type { DeviceTab } from '@/features/assets/device-page';
import type { DevicesSearch } from '@/features/assets/devices-page';
import type { AppKind } from '@/shared/api/devices';
import { given } from '@/shared/api/given';

/** A number of the query, read before or not. */
function id(value: unknown): number | undefined {
  const number = typeof value === 'number' ? value : idOf(text(value) ?? '');
  return Number.isNaN(number) ? undefined : number;
}

export function devicesSearch(raw: RawSearch): DevicesSearch {
  return given({
    q: text(raw.q),
    connection: id(raw.connection),
    look: oneOf(raw.look, ['passes', 'fails', 'unknown', 'stale']),
    check: oneOf(raw.check, ['PASSWORD_MANAGER', 'HDD_ENCRYPTION', 'ANTIVIRUS', 'AUTO_UPDATES', 'LOCK_SCREEN']),
    source: oneOf(raw.source, ['CUSTOM', 'AGENT']),
    platform: oneOf(raw.platform, ['MACOS', 'WINDOWS', 'LINUX', 'UNIX', 'ANDROID']),
    sort: oneOf(raw.sort, ['createdAt', 'updatedAt']),
    sortDir: oneOf(raw.sortDir, ['ASC', 'DESC']),
    cursor: text(raw.cursor),
    connect: oneOf(raw.connect, ['yes']),
  });
}

export type DeviceSearch = {
  tab?: DeviceTab | undefined;
  q?: string | undefined;
  kind?: AppKind | undefined;
};

export function deviceSearch(raw: RawSearch): DeviceSearch {
  return given({
    tab: oneOf(raw.tab, ['apps', 'report', 'history']),
    q: text(raw.q),
    kind: oneOf(raw.kind, ['BROWSER_EXTENSION', 'WINDOWS_SERVICE']),
  });
}

export function assetsSearch(raw: RawSearch): AssetsSearch {
  return given({
    q: text(raw.q),
    class: oneOf(
      raw.class,
      CLASSES.map(({ value }) => value),
    ),
    type: oneOf(raw.type, ['PHYSICAL', 'VIRTUAL']),
    owner: id(raw.owner),
    kind: oneOf(raw.kind, ['devices', 'others']),
    state: oneOf(raw.state, ['present', 'removed']),
    sort: oneOf(raw.sort, ['createdAt', 'updatedAt', 'name']),
    sortDir: oneOf(raw.sortDir, ['ASC', 'DESC']),
    cursor: text(raw.cursor),
    create: oneOf(raw.create, ['yes']),
  });
}
