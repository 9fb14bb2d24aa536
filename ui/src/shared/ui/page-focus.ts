let wanted = false;

/** The next page that shows itself takes the focus to its title. */
export function wantTitleFocus(): void {
  wanted = true;
}

/**
 * Moves the focus to a page's title after a navigation, so that a screen reader says where one is and
 * the next Tab goes into the page. Where somebody types already, the focus stays.
 */
export function takeTitleFocus(title: HTMLElement | null): void {
  if (!wanted || title === null) return;
  wanted = false;
  const now = document.activeElement;
  if (now instanceof HTMLElement && now.matches('input, textarea, select, [contenteditable="true"]')) return;
  title.focus({ preventScroll: true });
}

/** A title that goes while it has the focus, as when data came, leaves it to the next one. */
export function leaveTitleFocus(title: HTMLElement | null): void {
  if (title !== null && document.activeElement === title) wanted = true;
}
