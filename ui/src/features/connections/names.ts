import type { Connection } from '@/shared/api/types';

export function connectionName(connection: Connection): string {
  return connection.clientAlias ?? `Connection ${connection.id}`;
}

const PROVIDERS: Record<string, string> = { CUSTOM: 'Custom', MDM: 'Devices (MDM)', HRIS: 'People (HRIS)' };

/** The categories of a connection in words; one that this page does not know is shown as it is. */
export function categories(connection: Connection): string {
  return connection.providerTypes.map((type) => PROVIDERS[type] ?? type).join(', ');
}

export const PROVIDER_CHOICES = (['CUSTOM', 'MDM', 'HRIS'] as const).map((value) => ({
  value,
  label: PROVIDERS[value] ?? value,
}));

/** Who made it, as people call them. */
export function createdBy(connection: Connection): string {
  const user = connection.createdByUser;
  if (user === undefined) return 'an API key';
  const name = [user.firstName, user.lastName].filter(Boolean).join(' ');
  return name === '' ? user.email : name;
}
