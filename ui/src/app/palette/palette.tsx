import { CloseButton, Loader, Modal, VisuallyHidden } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { type KeyboardEvent, useId, useLayoutEffect, useMemo, useRef, useState } from 'react';
import { useCommands } from '@/app/palette/commands';
import { type Entry, entryOf, narrowed } from '@/app/palette/entries';
import { searchQuery } from '@/shared/api/search';
import classes from '@/app/palette/palette.module.css';

const TYPING_PAUSE = 120;
/** How many of each group stand there before anything is typed. */
const AT_FIRST = 9;

/** Finds pages, actions and things by what they are called. */
export function Palette({ close, workspaceId }: { close: () => void; workspaceId: number | undefined }) {
  return (
    <Modal.Root opened onClose={close} size={640} yOffset="8vh" transitionProps={{ duration: 0 }}>
      <Modal.Overlay backgroundOpacity={0.4} />
      <Modal.Content aria-label="Search and actions">
        <div className={classes.content}>
          <Finder close={close} workspaceId={workspaceId} />
        </div>
      </Modal.Content>
    </Modal.Root>
  );
}

function Finder({ close, workspaceId }: { close: () => void; workspaceId: number | undefined }) {
  const router = useRouter();
  const list = useId();
  const [typed, setTyped] = useState('');
  const field = useRef<HTMLInputElement>(null);
  // At once: the next key is meant for it.
  useLayoutEffect(() => {
    field.current?.focus();
  }, []);
  const [chosen, setChosen] = useState(0);
  const text = typed.trim();
  const [wanted] = useDebouncedValue(text, TYPING_PAUSE);
  const commands = useCommands(workspaceId);
  const search = useQuery({
    ...searchQuery(workspaceId ?? 0, wanted),
    enabled: wanted !== '' && workspaceId !== undefined,
  });
  const exists = useMemo(() => new Set(Object.keys(router.routesByPath).map((path) => path.split('/')[1])), [router]);

  const found = text === '' ? [] : (search.data?.data ?? []).map(entryOf);
  const entries = [
    ...(text === '' ? firstOfEach(commands) : narrowed(commands, text)),
    ...found.filter(({ go }) => 'run' in go || exists.has(go.href.split('/')[1])),
  ];
  const at = Math.min(chosen, entries.length - 1);
  const busy = text !== '' && (search.isFetching || wanted !== text);

  const take = (entry: Entry | undefined) => {
    if (entry === undefined) return;
    close();
    if ('run' in entry.go) entry.go.run();
    else router.history.push(inWorkspace(entry.go.href, router.state.location.search));
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const steps: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const step = steps[event.key];
    if (step !== undefined && entries.length > 0) {
      event.preventDefault();
      const next = at + step;
      const last = entries.length - 1;
      const one = Math.abs(step) === 1;
      const to = next > last ? (one ? 0 : last) : next < 0 ? (one ? last : 0) : next;
      setChosen(to);
      document.getElementById(`${list}-${to}`)?.scrollIntoView({ block: 'nearest' });
    }
    if (event.key === 'Enter' && !event.nativeEvent.isComposing) {
      event.preventDefault();
      // What is still being looked for is not what was meant.
      if (!(busy && at === -1)) take(entries[at]);
    }
  };

  return (
    <>
      <div className={classes.field}>
        {busy ? <Loader size={16} aria-hidden /> : <IconSearch size={18} stroke={1.6} aria-hidden />}
        <input
          ref={field}
          className={classes.input}
          data-autofocus
          type="text"
          role="combobox"
          aria-label="Search pages, actions and things"
          aria-expanded={entries.length > 0}
          aria-controls={list}
          aria-autocomplete="list"
          {...(at >= 0 ? { 'aria-activedescendant': `${list}-${at}` } : {})}
          autoComplete="off"
          spellCheck={false}
          maxLength={200}
          placeholder="Search, or say what to do"
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            setChosen(0);
          }}
          onKeyDown={onKeyDown}
        />
        <CloseButton size="sm" aria-label="Close the search" onClick={close} />
      </div>
      <div id={list} role="listbox" aria-label="Found" className={classes.list} tabIndex={-1}>
        {grouped(entries).map(({ group, members }) => (
          <div key={group} role="group" aria-label={group}>
            <div className={classes.group} aria-hidden>
              {group}
            </div>
            {members.map(({ entry, index }) => (
              <div
                key={entry.id}
                id={`${list}-${index}`}
                role="option"
                aria-selected={index === at}
                className={classes.option}
                onMouseMove={() => {
                  if (index !== at) setChosen(index);
                }}
                onClick={() => {
                  take(entry);
                }}
              >
                <span className={classes.word}>{entry.word}</span>
                {entry.detail !== undefined && entry.detail !== '' && (
                  <span className={classes.detail}>{entry.detail}</span>
                )}
              </div>
            ))}
          </div>
        ))}
      </div>
      {entries.length === 0 && (
        <p className={classes.nothing}>
          {busy ? 'Looking …' : search.error === null ? `Nothing is called “${text}”.` : search.error.message}
        </p>
      )}
      <VisuallyHidden role="status">
        {busy || text === '' ? '' : entries.length === 1 ? 'One found' : `${entries.length} found`}
      </VisuallyHidden>
      <footer className={classes.hints} aria-hidden>
        <span>
          <kbd>↑</kbd> <kbd>↓</kbd> choose
        </span>
        <span>
          <kbd>Enter</kbd> open
        </span>
        <span>
          <kbd>Esc</kbd> close
        </span>
      </footer>
    </>
  );
}

type Member = { entry: Entry; index: number };

/** The entries under the names of their groups, in the order in which these first occur. */
function grouped(entries: readonly Entry[]): { group: string; members: Member[] }[] {
  const groups = new Map<string, Member[]>();
  entries.forEach((entry, index) => {
    const members = groups.get(entry.group);
    if (members === undefined) groups.set(entry.group, [{ entry, index }]);
    else members.push({ entry, index });
  });
  return [...groups].map(([group, members]) => ({ group, members }));
}

function firstOfEach(entries: readonly Entry[]): Entry[] {
  const counts = new Map<string, number>();
  return entries.filter(({ group }) => {
    const before = counts.get(group) ?? 0;
    counts.set(group, before + 1);
    return before < AT_FIRST;
  });
}

/** An address that stays in the workspace that is shown. */
function inWorkspace(href: string, search: { workspace?: number | undefined }): string {
  const url = new URL(href, window.location.origin);
  if (search.workspace !== undefined && !url.searchParams.has('workspace'))
    url.searchParams.set('workspace', String(search.workspace));
  return url.pathname + url.search;
}
