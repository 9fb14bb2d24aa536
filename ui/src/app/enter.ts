import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { authQuery } from '@/shared/api/auth';

/** Goes to a page once somebody has signed in, knowing nothing of who was there before. */
export function useEnter(): (path: string) => Promise<void> {
  const queries = useQueryClient();
  const router = useRouter();
  return async (path) => {
    queries.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== 'auth' });
    await queries.query({ ...authQuery(), staleTime: 0 });
    router.history.push(path);
  };
}
