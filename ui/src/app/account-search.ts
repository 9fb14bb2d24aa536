import { idOf, oneOf, type RawSearch, text } from '@/app/search';
import type { ReviewSearch } from '@/features/access-reviews/review-page';
import type { ReviewsSearch } from '@/features/access-reviews/reviews-page';
import type { AccountsSearch } from '@/features/accounts/accounts-page';
import { given } from '@/shared/api/given';

/** A number of the query, read before or not. */
function id(value: unknown): number | undefined {
  const number = typeof value === 'number' ? value : idOf(text(value) ?? '');
  return Number.isNaN(number) ? undefined : number;
}

export function accountsSearch(raw: RawSearch): AccountsSearch {
  return given({
    view: oneOf(raw.view, [
      'USER_ACCESS_REVIEW',
      'BACKGROUND_CHECK',
      'INFRASTRUCTURE',
      'OBSERVABILITY',
      'VERSION_CONTROL',
    ]),
    look: oneOf(raw.look, ['leavers', 'nobody', 'factor', 'removed']),
    q: text(raw.q),
    connection: id(raw.connection),
    status: oneOf(raw.status, ['ACTIVE', 'INACTIVE', 'REMOVED']),
    kind: oneOf(raw.kind, ['service', 'people']),
    scope: oneOf(raw.scope, ['in', 'out']),
    sort: oneOf(raw.sort, ['createdAt', 'updatedAt', 'name', 'lastActiveAt']),
    sortDir: oneOf(raw.sortDir, ['ASC', 'DESC']),
    cursor: text(raw.cursor),
    account: id(raw.account),
  });
}

export function reviewsSearch(raw: RawSearch): ReviewsSearch {
  return given({
    q: text(raw.q),
    state: oneOf(raw.state, ['IN_PROGRESS', 'OVERDUE', 'SIGNED_OFF']),
    cursor: text(raw.cursor),
    create: oneOf(raw.create, ['yes']),
  });
}

export function reviewSearch(raw: RawSearch): ReviewSearch {
  return given({
    show: oneOf(raw.show, ['PENDING', 'KEEP', 'REVOKE', 'CHANGE', 'OPEN']),
    q: text(raw.q),
    item: id(raw.item),
  });
}
