import type { Hit } from '@/shared/api/search';

/** A line of the palette. */
export type Entry = {
  id: string;
  group: string;
  word: string;
  /** What stands beside it, small. */
  detail?: string | undefined;
  /** Other words by which it is found. */
  also?: string | undefined;
  /** Where it leads, or what it does. */
  go: { href: string } | { run: () => void };
};

const GROUPS: Record<Hit['kind'], string> = {
  test: 'Tests',
  control: 'Controls',
  requirement: 'Requirements',
  framework: 'Frameworks',
  connection: 'Connections',
  resource: 'Resources',
  record: 'Records',
  exclusion: 'Exclusions',
  person: 'People',
  device: 'Devices',
  asset: 'Assets',
};

/** The page of a hit. */
export function hrefOf(hit: Hit): string {
  const { connectionId = 0, resourceId = 0, testId = 0, frameworkId = 0, id = 0 } = hit;
  switch (hit.kind) {
    case 'test':
    case 'exclusion':
      return `/tests/${testId}`;
    case 'control':
      return `/controls/${id}`;
    case 'requirement':
    case 'framework':
      return `/frameworks/${frameworkId}`;
    case 'person':
      return `/personnel/${id}`;
    case 'connection':
      return `/connections/${connectionId}`;
    case 'resource':
      return `/connections/${connectionId}/resources/${resourceId}`;
    case 'device':
      return `/devices/${id}`;
    case 'asset':
      return `/assets/${id}`;
    case 'record':
      return `/connections/${connectionId}/resources/${resourceId}?${new URLSearchParams({ record: hit.recordId ?? '' })}`;
  }
}

export function entryOf(hit: Hit): Entry {
  // People, devices and assets are called by name: their address or number stands beside it.
  const named = hit.code !== undefined && !['person', 'device', 'asset'].includes(hit.kind);
  const name = named ? `${hit.code} ${hit.title}` : hit.title;
  const id = [hit.recordId, named ? undefined : hit.code].find((each) => each !== undefined && each !== hit.title);
  return {
    id: `${hit.kind}-${hit.id ?? 0}-${hit.resourceId ?? 0}-${hit.recordId ?? ''}`,
    group: GROUPS[hit.kind],
    word: name,
    detail: [id, hit.detail].filter((part) => part !== undefined && part !== '').join(' · '),
    go: { href: hrefOf(hit) },
  };
}

/** The entries that have all the words, in their order. */
export function narrowed(entries: readonly Entry[], text: string): Entry[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  return entries.filter(({ word, also = '' }) => {
    const name = `${word} ${also}`.toLowerCase();
    return words.every((each) => name.includes(each));
  });
}
