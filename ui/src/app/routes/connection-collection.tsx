import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { CollectionForm } from '@/features/connections/collection/collection-form';
import { CollectionTab, NoCollection } from '@/features/connections/collection/collection-tab';
import {
  actOnCollection,
  collectionQuery,
  deleteCollection,
  putCollection,
  recipeQuery,
  tryCollection,
} from '@/shared/api/collections';
import type { ResourceAt } from '@/shared/api/connections';
import { planQuery } from '@/shared/api/tests';
import type { Collection, Resource } from '@/shared/api/types';
import { useMay } from '@/shared/auth/may';
import { notifyDone, notifyFailed } from '@/shared/ui/notify';
import { Loaded } from '@/shared/ui/states';

const FROM = '/signed-in/connections/$connectionId';

function usePlan(schedule: string) {
  return useQuery(planQuery(schedule));
}

function useRecipe(recipe: string) {
  return useQuery(recipeQuery(recipe));
}

/** How the records of a resource are collected. */
export function ConnectionCollection({ at, resource }: { at: ResourceAt; resource: Resource }) {
  const { edit } = useSearch({ from: FROM });
  const may = useMay();
  const open = useOpen();
  const collection = useQuery({ ...collectionQuery(at), enabled: resource.collected });
  const mayEdit = may('custom-connections-put');
  const editing = mayEdit && edit === 'collection';
  if (!resource.collected) {
    return editing ? (
      <Form at={at} collection={undefined} />
    ) : (
      <NoCollection
        begin={
          mayEdit
            ? () => {
                open(true);
              }
            : undefined
        }
      />
    );
  }
  return (
    <Loaded query={collection} label="the collection">
      {(data) =>
        editing ? (
          <Form at={at} collection={data} />
        ) : (
          <Shown at={at} collection={data} records={resource.recordCount} mayEdit={mayEdit} />
        )
      }
    </Loaded>
  );
}

/** Opens and closes the form, which is a state of the address. */
function useOpen(): (opened: boolean) => void {
  const navigate = useNavigate({ from: '/connections/$connectionId' });
  return (opened) => {
    void navigate({
      search: (now) => ({ ...now, edit: opened ? ('collection' as const) : undefined }),
      resetScroll: false,
    });
  };
}

function useAgain(): () => Promise<unknown> {
  const queries = useQueryClient();
  return () => Promise.all(['resources', 'connections'].map((key) => queries.invalidateQueries({ queryKey: [key] })));
}

function Shown({
  at,
  collection,
  records,
  mayEdit,
}: {
  at: ResourceAt;
  collection: Collection;
  records: number;
  mayEdit: boolean;
}) {
  const again = useAgain();
  const open = useOpen();
  const acting = useMutation({
    mutationFn: (action: Parameters<typeof actOnCollection>[1]) => actOnCollection(at, action),
    onSuccess: (_, action) => {
      if (action === 'pause') {
        notifyDone('The schedule is paused.', () => actOnCollection(at, 'resume').then(again));
      }
    },
    onError: notifyFailed,
    onSettled: again,
  });
  return (
    <CollectionTab
      collection={collection}
      records={records}
      may={mayEdit}
      act={acting.mutate}
      acting={acting.isPending}
      edit={() => {
        open(true);
      }}
      remove={async () => {
        await deleteCollection(at);
        await again();
        notifyDone('Plumbline collects these records no more.');
      }}
    />
  );
}

function Form({ at, collection }: { at: ResourceAt; collection: Collection | undefined }) {
  const queries = useQueryClient();
  const again = useAgain();
  const open = useOpen();
  const trying = useMutation({
    mutationFn: (change: Parameters<typeof tryCollection>[1]) => tryCollection(at, change),
  });
  const save = useMutation({
    mutationFn: (change: Parameters<typeof putCollection>[1]) => putCollection(at, change),
    onSuccess: async () => {
      await again();
      open(false);
      notifyDone(collection === undefined ? 'Plumbline collects these records now.' : 'The collection is saved.');
    },
  });
  return (
    <CollectionForm
      collection={collection}
      useRecipe={useRecipe}
      check={(recipe) => queries.query(recipeQuery(recipe))}
      usePlan={usePlan}
      save={{
        ...save,
        mutate: (change) => {
          trying.reset();
          save.mutate(change);
        },
      }}
      trying={{
        ...trying,
        mutate: (change) => {
          save.reset();
          trying.mutate(change);
        },
      }}
      trial={trying.data}
      close={() => {
        open(false);
      }}
    />
  );
}
