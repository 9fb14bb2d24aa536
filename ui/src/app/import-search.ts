import { idOf, oneOf, type RawSearch, text } from '@/app/search';
import { SHOWN } from '@/features/imports/kinds';
import type { ImportSearch } from '@/features/imports/preview';
import { given } from '@/shared/api/given';

export function importSearch(raw: RawSearch): ImportSearch {
  const line = typeof raw.line === 'number' ? raw.line : idOf(text(raw.line) ?? '');
  return given({
    show: oneOf(
      raw.show,
      SHOWN.map(({ value }) => value),
    ),
    skip: oneOf(raw.skip, ['yes']),
    line: Number.isNaN(line) ? undefined : line,
  });
}
