import { useQuery } from '@tanstack/react-query';
import { lookAtLink } from '@/shared/api/auth';

/** What a one-time link is for. */
export function useLink(token: string | null) {
  return useQuery({
    queryKey: ['auth', 'link', token],
    queryFn: () => lookAtLink(token ?? ''),
    enabled: token !== null,
    gcTime: 0,
  });
}
