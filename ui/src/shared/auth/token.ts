import { useSyncExternalStore } from 'react';

/** The token that a fragment such as `#token=…` carries, or null. */
export function tokenInFragment(fragment: string): string | null {
  const token = new URLSearchParams(fragment.replace(/^#/, '')).get('token')?.trim();
  return token ? token : null;
}

let taken: string | null = null;
let links = 0;
const listeners = new Set<() => void>();

/**
 * Takes the token of a one-time link out of the address bar and the tab's
 * history. Says whether there was one.
 */
export function takeTokenFromAddress(location: Location, history: History): boolean {
  const token = tokenInFragment(location.hash);
  if (token === null) return false;
  taken = token;
  links += 1;
  history.replaceState(history.state, '', location.pathname + location.search);
  for (const listener of listeners) listener();
  return true;
}

/** The token of the link that this page was opened with. */
export function linkToken(): string | null {
  return taken;
}

/** Forgets the token once it is used. */
export function forgetToken(): void {
  taken = null;
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Counts the links that were opened in this tab: with a new one its page begins anew. */
export function useLinks(): number {
  return useSyncExternalStore(subscribe, () => links);
}
