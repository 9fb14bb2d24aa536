import { useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { KeyPage } from '@/features/key/key-page';
import { checkKey } from '@/shared/api/organisation';
import { keepKey, useKeyState } from '@/shared/auth/key';

/** Shows its pages once there is a key, and asks for one until then. */
export function KeyGate({ children }: { children: ReactNode }) {
  const { key, refused } = useKeyState();
  const queries = useQueryClient();
  if (key !== null) return children;
  return (
    <KeyPage
      key={String(refused)}
      refused={refused}
      accept={async (typed) => {
        await checkKey(typed);
        queries.clear();
        keepKey(typed);
      }}
    />
  );
}
