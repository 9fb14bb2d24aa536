import type { Connection } from '@/shared/api/types';

export function connectionName(connection: Connection): string {
  return connection.clientAlias ?? `Connection ${connection.id}`;
}
