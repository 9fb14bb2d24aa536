import { idIn, oneOf, type RawSearch, text } from '@/app/search';
import type { PeopleSearch } from '@/features/personnel/people-page';
import { STATUSES } from '@/features/personnel/words';
import { given } from '@/shared/api/given';

export function peopleSearch(raw: RawSearch): PeopleSearch {
  return given({
    look: oneOf(raw.look, ['current', 'fails', 'unknown', 'device', 'former', 'scope']),
    q: text(raw.q),
    status: oneOf(
      raw.status,
      STATUSES.map(({ value }) => value),
    ),
    standing: oneOf(raw.standing, ['PASS', 'FAIL', 'MISCONFIGURED', 'EXCLUDED']),
    by: oneOf(raw.by, ['hand']),
    group: idIn(raw.group),
    device: oneOf(raw.device, ['yes', 'no']),
    sort: oneOf(raw.sort, ['createdAt', 'updatedAt', 'name', 'startDate']),
    sortDir: oneOf(raw.sortDir, ['ASC', 'DESC']),
  });
}
