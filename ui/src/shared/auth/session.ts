const listeners = new Set<() => void>();

/** Calls a listener when the server no longer knows who asks. Returns how to stop it. */
export function onSignedOut(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Tells that a request was refused because nobody is signed in. */
export function tellSignedOut(): void {
  for (const listener of listeners) listener();
}

/**
 * Where a sign-in leads back to: a path of this server, else its first page. An
 * address of another server is none, however it is written.
 */
export function returnPath(wanted: string | undefined, origin: string): string {
  if (wanted === undefined || !wanted.startsWith('/')) return '/';
  let url: URL;
  try {
    url = new URL(wanted, origin);
  } catch {
    return '/';
  }
  if (url.origin !== origin || url.pathname === '/sign-in') return '/';
  return url.pathname + url.search;
}
