import { queryOptions, useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import type { Document } from '@/features/reference/document';
import { ReferencePage } from '@/features/reference/reference-page';
import { refusalOf } from '@/shared/api/errors';
import { Loaded } from '@/shared/ui/states';

const documentQuery = queryOptions({
  queryKey: ['openapi'],
  queryFn: async ({ signal }) => {
    const response = await fetch('/public/openapi.json', { signal });
    const text = await response.text();
    if (!response.ok) throw refusalOf(response, text);
    return JSON.parse(text) as Document;
  },
  staleTime: Infinity,
});

export function ReferenceRoute() {
  const { operation, q = '' } = useSearch({ from: '/docs' });
  const navigate = useNavigate({ from: '/docs' });
  const document = useQuery(documentQuery);
  return (
    <Loaded query={document} label="the API reference" page="API reference">
      {(data) => (
        <ReferencePage
          document={data}
          origin={window.location.origin}
          opened={operation}
          text={q}
          search={(text) =>
            void navigate({
              search: (search) => ({ ...search, q: text === '' ? undefined : text }),
              replace: true,
              resetScroll: false,
            })
          }
        />
      )}
    </Loaded>
  );
}
