import { UnstyledButton } from '@mantine/core';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter, useSearch } from '@tanstack/react-router';
import { lazy, Suspense, useEffect, useState } from 'react';
import { COMMAND_KEY, hasSingleKeys, pressed } from '@/app/palette/keys';
import { noteVisit } from '@/app/palette/recent';
import { meQuery } from '@/shared/auth/may';
import { workspacesQuery } from '@/shared/api/organisation';
import classes from '@/app/palette/host.module.css';

const loadPalette = () => import('@/app/palette/palette');
const Palette = lazy(() => loadPalette().then(({ Palette }) => ({ default: Palette })));
const KeysHelp = lazy(() => import('@/app/palette/help').then(({ KeysHelp }) => ({ default: KeysHelp })));

/** How long `g` waits for the letter after it. */
const TOGETHER = 1_500;

/** When the palette is fetched: after the page that was asked for. */
const SOON = 1_500;

/** The button that opens the palette, and the keys that do something everywhere. */
export function PaletteHost() {
  const router = useRouter();
  const { workspace } = useSearch({ from: '__root__' });
  const { data: workspaces } = useQuery(workspacesQuery());
  const shown = workspace ?? (workspaces?.data.find((each) => each.primary) ?? workspaces?.data[0])?.id;
  const { data: me } = useQuery(meQuery());
  const [open, setOpen] = useState<'palette' | 'help' | null>(null);

  useEffect(() => {
    let began = Number.NEGATIVE_INFINITY;
    const onKey = (event: KeyboardEvent) => {
      if (event.defaultPrevented) return;
      const does = pressed(event, event.timeStamp - began < TOGETHER, hasSingleKeys());
      began = Number.NEGATIVE_INFINITY;
      switch (does?.does) {
        case undefined:
          return;
        case 'wait':
          began = event.timeStamp;
          return;
        case 'jump':
          if (!(does.to in router.routesByPath)) return;
          void router.navigate({ to: does.to });
          break;
        case 'filter': {
          const field = document.querySelector<HTMLElement>('#main [data-page-filter]');
          if (field === null) return;
          field.focus();
          break;
        }
        case 'palette':
          setOpen((now) => (now === 'palette' ? null : 'palette'));
          break;
        case 'help':
          setOpen('help');
          break;
      }
      event.preventDefault();
    };
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', onKey);
    };
  }, [router]);

  // What is typed while the palette is on its way would be lost.
  useEffect(() => {
    const soon = setTimeout(() => void loadPalette(), SOON);
    return () => {
      clearTimeout(soon);
    };
  }, []);

  // A page names itself a moment after it is there.
  useEffect(
    () =>
      router.subscribe('onBeforeNavigate', ({ fromLocation }) => {
        const title = document.title.replace(/ · Plumbline$/, '');
        if (me !== undefined && fromLocation !== undefined && title !== '' && title !== 'Plumbline')
          noteVisit(me, { title, href: fromLocation.href });
      }),
    [router, me],
  );

  const close = () => {
    setOpen(null);
  };
  return (
    <>
      <UnstyledButton
        className={classes.button ?? ''}
        aria-label="Search and actions"
        aria-keyshortcuts="Control+K Meta+K"
        onClick={() => {
          setOpen('palette');
        }}
        onPointerEnter={() => void loadPalette()}
      >
        <IconSearch size={16} stroke={1.8} aria-hidden />
        <span className={classes.word}>Search</span>
        <kbd className={classes.keys}>{COMMAND_KEY === '⌘' ? '⌘K' : 'Ctrl K'}</kbd>
      </UnstyledButton>
      <Suspense fallback={null}>
        {open === 'palette' && <Palette close={close} workspaceId={shown} />}
        {open === 'help' && <KeysHelp close={close} />}
      </Suspense>
    </>
  );
}
