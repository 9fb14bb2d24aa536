import type { Me } from '@/shared/api/types';

const STORED_AS = 'plumbline.recent';
const KEPT = 6;

export type Visit = { title: string; href: string };

/** Who signs in after somebody else in the same tab sees nothing of where that one was. */
const storedAs = (me: Me) => `${STORED_AS}.${me.kind}.${me.user?.id ?? me.key?.id ?? 0}`;

/** The pages that somebody was on in this tab, the last one first. They are gone with the tab. */
export function recentVisits(me: Me): Visit[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(storedAs(me)) ?? '[]');
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

export function noteVisit(me: Me, visit: Visit): void {
  sessionStorage.setItem(storedAs(me), JSON.stringify(withVisit(recentVisits(me), visit)));
}

export function forgetVisits(me: Me): void {
  sessionStorage.removeItem(storedAs(me));
}
