import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Page } from '@/shared/ui/page';
import classes from '@/features/settings/settings.module.css';

export const SETTINGS = [
  { to: '/settings/organisation', word: 'Organisation', scope: 'company-settings-get-info' },
  { to: '/settings/workspaces', word: 'Workspaces', scope: 'workspaces-get' },
  { to: '/settings/people', word: 'People and roles', scope: 'users-get' },
  { to: '/settings/keys', word: 'API keys', scope: 'api-keys-get' },
  { to: '/settings/notifications', word: 'Notifications', scope: 'notifications-get' },
  { to: '/settings/custom-fields', word: 'Custom fields', scope: 'custom-fields-get' },
  { to: '/settings/policies', word: 'Policies', scope: 'settings-get' },
  { to: '/settings/ai-provider', word: 'AI provider', scope: 'settings-get' },
] as const;

/** The frame of a settings page: the list of all of them beside it. */
export function SettingsFrame({
  title,
  may,
  actions,
  children,
}: {
  title: string;
  may: (scope: string) => boolean;
  actions?: ReactNode;
  children: ReactNode;
}) {
  return (
    <Page title={title} actions={actions}>
      <div className={classes.layout}>
        <nav className={classes.list} aria-label="Settings">
          {SETTINGS.filter(({ scope }) => may(scope)).map(({ to, word }) => (
            <Link key={to} to={to} className={classes.link} activeProps={{ 'data-active': true }}>
              {word}
            </Link>
          ))}
        </nav>
        <div>{children}</div>
      </div>
    </Page>
  );
}
