import type { Account, AccountChange, AccountFilter, AccountSummary, AccountView } from '@/shared/api/accounts';

export const VIEWS: readonly { value: AccountView; label: string }[] = [
  { value: 'USER_ACCESS_REVIEW', label: 'Access reviews' },
  { value: 'BACKGROUND_CHECK', label: 'Background checks' },
  { value: 'INFRASTRUCTURE', label: 'Infrastructure' },
  { value: 'OBSERVABILITY', label: 'Observability' },
  { value: 'VERSION_CONTROL', label: 'Version control' },
];

export const STATUSES: readonly { value: Account['status']; label: string }[] = [
  { value: 'ACTIVE', label: 'Active' },
  { value: 'INACTIVE', label: 'Switched off' },
  { value: 'REMOVED', label: 'Removed' },
];

export const SCOPES = [
  { value: 'in', label: 'In scope' },
  { value: 'out', label: 'Out of scope' },
] as const;

export const KINDS = [
  { value: 'service', label: 'Service accounts' },
  { value: 'people', label: 'Other accounts' },
] as const;

export type Look = 'leavers' | 'nobody' | 'factor' | 'removed';

/** What somebody should look at first, each with what the server lists for it. */
export const LOOKS: readonly {
  value: Look;
  title: string;
  text: string;
  grave: boolean;
  count: (tally: AccountSummary['all']) => number;
  filter: AccountFilter;
}[] = [
  {
    value: 'leavers',
    title: 'Leavers with access',
    text: 'The person is gone, the account still works.',
    grave: true,
    count: ({ leavers }) => leavers,
    filter: { leaver: true },
  },
  {
    value: 'nobody',
    title: 'Nobody’s accounts',
    text: 'In scope, with neither a person nor an owner.',
    grave: true,
    count: ({ unlinked }) => unlinked,
    filter: { linked: false, serviceAccount: false, inScope: true },
  },
  {
    value: 'factor',
    title: 'No second factor',
    text: 'Known to sign in with a password alone.',
    grave: true,
    count: ({ withoutMfa }) => withoutMfa,
    filter: { mfa: false, status: 'ACTIVE' },
  },
  {
    value: 'removed',
    title: 'Removed',
    text: 'Gone from the data: proof that access was revoked.',
    grave: false,
    count: ({ removed }) => removed,
    filter: { status: 'REMOVED' },
  },
];

/** What a person is called, or who answers for the account. */
export function holderName({ person, serviceAccount }: Pick<Account, 'person' | 'serviceAccount'>): string | undefined {
  return person?.name ?? person?.email ?? serviceAccount?.owner;
}

/** The change that brings back what people had said of an account. */
export function asBefore(was: Account): AccountChange {
  const { person, serviceAccount, inScope, scopeReason, evidence } = was;
  return {
    person:
      person === null || person.automatic
        ? null
        : person.userId === null
          ? { email: person.email ?? '' }
          : { userId: person.userId },
    serviceAccount,
    inScope,
    ...(scopeReason === null ? {} : { scopeReason }),
    evidence:
      evidence === null
        ? null
        : { note: evidence.note, at: evidence.at, ...(evidence.url === null ? {} : { url: evidence.url }) },
  };
}
