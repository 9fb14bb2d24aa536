import type { ImportKind, ImportRow } from '@/shared/api/imports';
import { counted } from '@/shared/format/number';

/** What a file is of, in words. */
export const KINDS: Record<
  ImportKind,
  {
    title: string;
    list: string;
    to: '/personnel' | '/assets';
    below: string;
    kept: string;
    see: string;
    unit: (n: number) => string;
  }
> = {
  personnel: {
    title: 'Import personnel',
    list: 'Personnel',
    to: '/personnel',
    below: 'People from a CSV file. You see what would change before anything does.',
    kept: 'They sign in here, or follow an HR system, and are called as they or it says.',
    see: 'See the people',
    unit: (n) => counted(n, 'person', 'people'),
  },
  assets: {
    title: 'Import assets',
    list: 'Assets',
    to: '/assets',
    below: 'Assets from a CSV file. You see what would change before anything does.',
    kept: 'They follow the reports of the device.',
    see: 'See the assets',
    unit: (n) => counted(n, 'asset'),
  },
};

export type Shown = 'new' | 'changed' | 'refused';

/** How the rows of a preview are narrowed, with the server's word for it. */
export const SHOWN: readonly {
  value: Shown;
  title: string;
  outcome: 'CREATED' | 'UPDATED' | 'REFUSED';
}[] = [
  { value: 'new', title: 'New', outcome: 'CREATED' },
  { value: 'changed', title: 'Changed', outcome: 'UPDATED' },
  { value: 'refused', title: 'Refused', outcome: 'REFUSED' },
];

/** What a row comes to, in a word. */
export function outcomeWord({ does }: ImportRow): string {
  if (does === undefined) return 'Refused';
  return { CREATED: 'New', UPDATED: 'Changed', UNCHANGED: 'As before' }[does.outcome];
}

/** The server's words without the marks around names. */
export const said = (message: string) => message.replaceAll('`', '');
