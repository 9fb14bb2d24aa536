import type { Connection } from '@/shared/api/types';

export function connectionName(connection: Connection): string {
  return connection.clientAlias ?? `Connection ${connection.id}`;
}

const PROVIDERS = {
  CUSTOM: 'Custom',
  IDENTITY: 'Identity',
  SINGLE_SIGN_ON: 'Single sign-on',
  ENTERPRISE_SSO: 'Enterprise single sign-on',
  MFA: 'Multi-factor sign-in',
  HRIS: 'People (HRIS)',
  MDM: 'Devices (MDM)',
  EDR: 'Endpoint detection',
  INFRASTRUCTURE: 'Infrastructure',
  CSPM: 'Cloud security posture',
  VERSION_CONTROL: 'Version control',
  CODEBASE: 'Code scanning',
  VULNERABILITY: 'Vulnerabilities',
  OBSERVABILITY: 'Observability',
  TICKETING: 'Tickets',
  SECURITY_TRAINING: 'Security training',
  BACKGROUND_CHECK: 'Background checks',
  USER_ACCESS_REVIEW: 'Access reviews',
  COMMUNICATION: 'Communication',
  DIGITAL_SIGNATURE: 'Signatures',
  EXTERNAL_POLICY: 'Policies',
  SECURITY_REVIEWS: 'Security reviews',
  PRIVACY: 'Privacy',
  PROCUREMENT: 'Procurement',
  CRM: 'Customers (CRM)',
  AUDITS: 'Audits',
  AUTOMATION_TOOLS: 'Automation',
  CYBER_INSURANCE: 'Cyber insurance',
} as const;

export const PROVIDER_TYPES = Object.keys(PROVIDERS) as (keyof typeof PROVIDERS)[];

const words: Record<string, string> = PROVIDERS;

/** The categories of a connection in words; one that this page does not know is shown as it is. */
export function categories(connection: Connection): string {
  if (connection.kind === 'BUILT_IN') return 'Built in';
  return connection.providerTypes.map((type) => words[type] ?? type).join(', ');
}

export const PROVIDER_CHOICES = PROVIDER_TYPES.map((value) => ({ value, label: PROVIDERS[value] }));

/** Who made it, as people call them. */
export function createdBy(connection: Connection): string {
  if (connection.kind === 'BUILT_IN') return 'Plumbline';
  const user = connection.createdByUser;
  if (user === undefined) return 'an API key';
  const name = [user.firstName, user.lastName].filter(Boolean).join(' ');
  return name === '' ? user.email : name;
}
