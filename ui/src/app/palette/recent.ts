const STORED_AS = 'plumbline.recent';
const KEPT = 6;

export type Visit = { title: string; href: string };

/** The pages that this tab was on, the last one first. They are gone with the tab. */
export function recentVisits(): Visit[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(STORED_AS) ?? '[]');
    return Array.isArray(kept) ? (kept as Visit[]) : [];
  } catch {
    return [];
  }
}

/** Notes a visit; the address without its query tells pages apart. */
export function withVisit(visits: readonly Visit[], visit: Visit): Visit[] {
  const path = (href: string) => href.replace(/\?.*$/, '');
  return [visit, ...visits.filter((each) => path(each.href) !== path(visit.href))].slice(0, KEPT);
}

export function noteVisit(visit: Visit): void {
  sessionStorage.setItem(STORED_AS, JSON.stringify(withVisit(recentVisits(), visit)));
}

export function forgetVisits(): void {
  sessionStorage.removeItem(STORED_AS);
}
