import type { CatalogEntry } from '@/shared/api/catalog';

export type Kind = CatalogEntry['kind'];

/** Who brings the data. */
export const KINDS: Record<Kind, { word: string; text: string }> = {
  STANDARD: { word: 'Pulled', text: 'Plumbline collects the data by itself.' },
  PARTNER: { word: 'From a partner', text: 'Somebody else pushes the data.' },
  CUSTOM: {
    word: 'You push',
    text: 'Your pipeline or a script pushes the data, or Plumbline reads a file that you make.',
  },
};

export const KIND_CHOICES = (['STANDARD', 'PARTNER', 'CUSTOM'] as const).map((value) => ({
  value,
  label: KINDS[value].word,
}));

export const COLLECTORS: Record<string, string> = {
  http: 'over HTTP',
  sql: 'from a database',
  command: 'from a program',
  file: 'from files',
  osquery: 'with osquery',
};
