import { ActionIcon, AppShell, Burger, Group, useComputedColorScheme, useMantineColorScheme } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { IconMoon, IconSun } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet } from '@tanstack/react-router';
import { LiveLayer } from '@/app/live-layer';
import { PaletteHost } from '@/app/palette/host';
import { LoadingBar, useTitleFocus } from '@/app/navigation';
import { PAGES, type PageLink } from '@/app/pages';
import { UserMenu } from '@/app/user-menu';
import { WorkspacePicker } from '@/app/workspace';
import { authQuery } from '@/shared/api/auth';
import classes from '@/app/shell.module.css';

/** The frame around every page: the way to the others, the colour scheme, who is signed in. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure(false);
  const { data: auth } = useQuery(authQuery());
  const signedIn = auth?.signedIn === true;
  useTitleFocus();
  return (
    <AppShell
      header={{ height: 48 }}
      navbar={{ width: 200, breakpoint: 'sm', collapsed: { mobile: !opened, desktop: !signedIn } }}
      padding={{ base: 'sm', sm: 'lg' }}
      transitionDuration={0}
    >
      <a href="#main" className={classes.skip}>
        Skip to the page
      </a>
      <LoadingBar />
      <AppShell.Header className={classes.header ?? ''}>
        <Group gap={8} wrap="nowrap">
          {signedIn && (
            <Burger
              opened={opened}
              onClick={toggle}
              hiddenFrom="sm"
              size="sm"
              aria-label={opened ? 'Close the menu' : 'Open the menu'}
              aria-expanded={opened}
            />
          )}
          <Link to="/" className={classes.brand}>
            <img src="/icon.svg" alt="" width={22} height={22} />
            Plumbline
          </Link>
        </Group>
        <Group gap={8} wrap="nowrap">
          {signedIn && <PaletteHost />}
          {signedIn && <WorkspacePicker />}
          <SchemeToggle />
          {signedIn && <UserMenu />}
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar ?? ''} mod={{ closed: !opened, away: !signedIn }} aria-label="Pages">
        {(signedIn ? PAGES : []).map(({ word, pages }, at) => (
          <section key={at} className={classes.group} aria-label={word}>
            {word !== undefined && <div className={classes.groupName}>{word}</div>}
            {pages.map((page) => (
              <NavLink key={page.to} page={page} onClick={close} />
            ))}
          </section>
        ))}
      </AppShell.Navbar>
      <AppShell.Main id="main" tabIndex={-1} className={classes.main ?? ''}>
        <LiveLayer />
        <Outlet />
      </AppShell.Main>
    </AppShell>
  );
}

function NavLink({ page: { to, word, icon: Icon, exact = false }, onClick }: { page: PageLink; onClick: () => void }) {
  return (
    <Link
      to={to}
      className={classes.link}
      activeOptions={{ exact, includeSearch: false }}
      activeProps={{ 'data-active': true }}
      onClick={onClick}
    >
      <Icon size={18} stroke={1.6} aria-hidden />
      {word}
    </Link>
  );
}

function SchemeToggle() {
  const { setColorScheme } = useMantineColorScheme();
  const other = useComputedColorScheme('light') === 'dark' ? 'light' : 'dark';
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      className={classes.tool ?? ''}
      aria-label={`Use the ${other} colour scheme`}
      title={`Use the ${other} colour scheme`}
      onClick={() => {
        setColorScheme(other);
      }}
    >
      {other === 'light' ? <IconSun size={18} stroke={1.6} /> : <IconMoon size={18} stroke={1.6} />}
    </ActionIcon>
  );
}
