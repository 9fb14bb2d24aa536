const STORED_AS = 'plumbline.single-keys';

/** Whether single keys do something. People who speak to their computer may want them off. */
export function hasSingleKeys(): boolean {
  return localStorage.getItem(STORED_AS) !== 'off';
}

export function setSingleKeys(on: boolean): void {
  if (on) localStorage.removeItem(STORED_AS);
  else localStorage.setItem(STORED_AS, 'off');
}

/** Where `g` and a letter lead. */
export const JUMPS: readonly { key: string; to: string; word: string }[] = [
  { key: 'h', to: '/', word: 'Home' },
  { key: 'c', to: '/connections', word: 'Connections' },
  { key: 'm', to: '/tests', word: 'Monitoring' },
  { key: 'x', to: '/exclusions', word: 'Exclusions' },
  { key: 'f', to: '/frameworks', word: 'Frameworks' },
  { key: 'k', to: '/controls', word: 'Controls' },
  { key: 'e', to: '/events', word: 'Events' },
  { key: 's', to: '/settings', word: 'Settings' },
  { key: 'd', to: '/docs', word: 'API reference' },
];

export type Pressed =
  | { does: 'palette' | 'help' | 'filter' }
  | { does: 'jump'; to: string }
  /** Nothing yet: the next key decides. */
  | { does: 'wait' }
  | null;

type Key = Pick<KeyboardEvent, 'key' | 'metaKey' | 'ctrlKey' | 'altKey' | 'shiftKey' | 'target' | 'repeat'>;

/** Whether somebody types: then a letter is a letter. */
function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.matches('input, textarea, select, [role="textbox"], [role="dialog"] *'))
  );
}

/** What a key asks for. `waiting` says that `g` came just before. */
export function pressed(event: Key, waiting: boolean, singleKeys: boolean): Pressed {
  const { key, metaKey, ctrlKey, altKey } = event;
  if ((metaKey || ctrlKey) && !altKey && !event.shiftKey && key.toLowerCase() === 'k') return { does: 'palette' };
  if (!singleKeys || metaKey || ctrlKey || altKey || event.repeat || isTyping(event.target)) return null;
  if (waiting) {
    const jump = JUMPS.find((each) => each.key === key.toLowerCase());
    return jump === undefined ? null : { does: 'jump', to: jump.to };
  }
  switch (key) {
    case 'g':
      return { does: 'wait' };
    case '?':
      return { does: 'help' };
    case '/':
      return { does: 'filter' };
    default:
      return null;
  }
}

/** What the keyboard of this machine has beside the K. */
export const COMMAND_KEY = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';
