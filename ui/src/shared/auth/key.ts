import { useSyncExternalStore } from 'react';

const STORED_AS = 'plumbline.key';

export type KeyState = {
  /** The API key in use, or null when the page has to ask for one. */
  key: string | null;
  /** Whether the server has just refused the key that was in use. */
  refused: boolean;
};

let state: KeyState = { key: sessionStorage.getItem(STORED_AS), refused: false };
const listeners = new Set<() => void>();

function set(next: KeyState): void {
  state = next;
  if (next.key === null) sessionStorage.removeItem(STORED_AS);
  else sessionStorage.setItem(STORED_AS, next.key);
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function currentKey(): KeyState {
  return state;
}

/** Keeps the key for this browser tab until it is closed or the key forgotten. */
export function keepKey(key: string): void {
  set({ key, refused: false });
}

export function forgetKey(): void {
  set({ key: null, refused: false });
}

/** Drops the key that a request was refused with, unless another has come meanwhile. */
export function refuseKey(key: string): void {
  if (state.key === key) set({ key: null, refused: true });
}

export function useKeyState(): KeyState {
  return useSyncExternalStore(subscribe, currentKey);
}

/** The key that a fragment such as `#key=plk_...` carries, or null. */
export function keyInFragment(fragment: string): string | null {
  const key = new URLSearchParams(fragment.replace(/^#/, '')).get('key')?.trim();
  return key ? key : null;
}

/**
 * Takes over the key that the address carries in its fragment, and removes it
 * from the address bar and from the tab's history. Says whether there was one.
 */
export function takeKeyFromAddress(location: Location, history: History): boolean {
  const key = keyInFragment(location.hash);
  if (key === null) return false;
  history.replaceState(history.state, '', location.pathname + location.search);
  set({ key, refused: false });
  return true;
}
