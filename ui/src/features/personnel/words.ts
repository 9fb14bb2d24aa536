import type { EmploymentStatus, PeopleSummary, PersonFilter } from '@/shared/api/personnel';

export const STATUS_WORDS: Record<EmploymentStatus, string> = {
  CURRENT_EMPLOYEE: 'Employee',
  CURRENT_CONTRACTOR: 'Contractor',
  FUTURE_HIRE: 'Future hire',
  FORMER_EMPLOYEE: 'Former employee',
  FORMER_CONTRACTOR: 'Former contractor',
  SPECIAL_FORMER_EMPLOYEE: 'Former employee, special case',
  SPECIAL_FORMER_CONTRACTOR: 'Former contractor, special case',
  SERVICE_ACCOUNT: 'Service account',
  OUT_OF_SCOPE: 'Out of scope',
  UNKNOWN: 'Not known',
};

export const STATUSES = (Object.keys(STATUS_WORDS) as EmploymentStatus[]).map((value) => ({
  value,
  label: STATUS_WORDS[value],
}));

export type Look = 'current' | 'fails' | 'unknown' | 'device' | 'scope' | 'former';

const CURRENT: EmploymentStatus[] = ['CURRENT_EMPLOYEE', 'CURRENT_CONTRACTOR'];
const standing = ({ compliance }: PeopleSummary, status: 'FAIL' | 'MISCONFIGURED') =>
  compliance.find(({ complianceStatus }) => complianceStatus === status)?.count ?? 0;

/** What somebody should look at first, each with what the server lists for it. */
export const LOOKS: readonly {
  value: Look;
  title: string;
  text: string;
  grave: boolean;
  count: (summary: PeopleSummary) => number;
  filter: PersonFilter;
}[] = [
  {
    value: 'current',
    title: 'Current people',
    text: 'Employees and contractors who work here now.',
    grave: false,
    count: ({ current }) => current,
    filter: { 'employmentStatus[]': CURRENT },
  },
  {
    value: 'fails',
    title: 'A check fails',
    text: 'They work here, and a check of theirs fails.',
    grave: true,
    count: (summary) => standing(summary, 'FAIL'),
    filter: { 'employmentStatus[]': CURRENT, 'complianceStatus[]': ['FAIL'] },
  },
  {
    value: 'unknown',
    title: 'Not known',
    text: 'None fails, but one is not known.',
    grave: true,
    count: (summary) => standing(summary, 'MISCONFIGURED'),
    filter: { 'employmentStatus[]': CURRENT, 'complianceStatus[]': ['MISCONFIGURED'] },
  },
  {
    value: 'device',
    title: 'Without a device',
    text: 'They work here, and no device of theirs reports.',
    grave: true,
    count: ({ withoutDevice }) => withoutDevice,
    filter: { 'employmentStatus[]': CURRENT, hasDevice: false },
  },
  {
    value: 'former',
    title: 'Former people',
    text: 'They left. Their access should be gone.',
    grave: false,
    count: ({ former }) => former,
    filter: {
      'employmentStatus[]': [
        'FORMER_EMPLOYEE',
        'FORMER_CONTRACTOR',
        'SPECIAL_FORMER_EMPLOYEE',
        'SPECIAL_FORMER_CONTRACTOR',
      ],
    },
  },
  {
    value: 'scope',
    title: 'Out of scope',
    text: 'No checks apply, for a reason that was given.',
    grave: false,
    count: ({ statuses }) => statuses.find(({ employmentStatus }) => employmentStatus === 'OUT_OF_SCOPE')?.count ?? 0,
    filter: { 'employmentStatus[]': ['OUT_OF_SCOPE'] },
  },
];
