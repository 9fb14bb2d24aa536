import type { Section } from '@/shared/ui/sections';

/** The sides of personnel: who there is, and how they come here. */
export const PEOPLE_SECTIONS: readonly Section[] = [
  { to: '/personnel', word: 'People' },
  { to: '/personnel/groups', word: 'Groups' },
  { to: '/personnel/syncs', word: 'Identity sync' },
];
