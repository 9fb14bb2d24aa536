import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';

/** Leads to a resource, with one of its records open if one is named. */
export function RecordLink({
  connectionId,
  resourceId,
  recordId,
  children,
}: {
  connectionId: number;
  resourceId: number;
  recordId?: string | null | undefined;
  children: ReactNode;
}) {
  return (
    <Link
      to="/connections/$connectionId/resources/$resourceId"
      params={{ connectionId, resourceId }}
      search={recordId ? { record: recordId } : {}}
    >
      {children}
    </Link>
  );
}
