import {
  IconApi,
  IconBox,
  IconChecklist,
  IconDevices,
  IconHistory,
  IconListCheck,
  IconShieldCheck,
  IconShieldOff,
  IconUserCheck,
  IconUsers,
  IconUsersGroup,
  IconLayoutDashboard,
  IconPlugConnected,
  IconSettings,
  type Icon,
} from '@tabler/icons-react';
import type { LinkProps } from '@tanstack/react-router';

export type PageLink = {
  to: NonNullable<LinkProps['to']>;
  word: string;
  icon: Icon;
  /** Only the address itself is this page, not what lies below it. */
  exact?: boolean;
};

/** The pages of the navigation, in groups. */
export const PAGES: readonly { word?: string; pages: readonly PageLink[] }[] = [
  {
    pages: [
      { to: '/', word: 'Home', icon: IconLayoutDashboard, exact: true },
      { to: '/connections', word: 'Connections', icon: IconPlugConnected },
      { to: '/tests', word: 'Monitoring', icon: IconChecklist },
    ],
  },
  {
    word: 'People and assets',
    pages: [
      { to: '/personnel', word: 'Personnel', icon: IconUsers },
      { to: '/devices', word: 'Devices', icon: IconDevices },
      { to: '/assets', word: 'Assets', icon: IconBox },
    ],
  },
  {
    word: 'Access',
    pages: [
      { to: '/accounts', word: 'Accounts', icon: IconUsersGroup },
      { to: '/access-reviews', word: 'Access reviews', icon: IconUserCheck },
    ],
  },
  {
    word: 'Governance',
    pages: [
      { to: '/controls', word: 'Controls', icon: IconShieldCheck },
      { to: '/frameworks', word: 'Frameworks', icon: IconListCheck },
      { to: '/exclusions', word: 'Exclusions', icon: IconShieldOff },
      { to: '/events', word: 'Events', icon: IconHistory },
    ],
  },
  { word: 'Administration', pages: [{ to: '/settings', word: 'Settings', icon: IconSettings }] },
  { word: 'For programs', pages: [{ to: '/docs', word: 'API reference', icon: IconApi }] },
];
