import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { CollectionForm, type Suggestion } from '@/features/connections/collection/collection-form';
import { CollectionTab, NoCollection, RunSteps } from '@/features/connections/collection/collection-tab';
import { type CatalogDetail, catalogEntryQuery } from '@/shared/api/catalog';
import {
  actOnCollection,
  collectionQuery,
  deleteCollection,
  putCollection,
  recipeQuery,
  tryCollection,
} from '@/shared/api/collections';
import type { ResourceAt } from '@/shared/api/connections';
import { syncRunQuery } from '@/shared/api/sync-runs';
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
export function ConnectionCollection({
  at,
  resource,
  slug,
}: {
  at: ResourceAt;
  resource: Resource;
  /** The entry of the catalogue that the connection was made from. */
  slug: string | null;
}) {
  const { edit } = useSearch({ from: FROM });
  const may = useMay();
  const open = useOpen();
  // What is being deleted must not be asked for again.
  const [going, setGoing] = useState(false);
  const collection = useQuery({ ...collectionQuery(at), enabled: resource.collected && !going });
  const mayEdit = may('custom-connections-put');
  const editing = mayEdit && edit === 'collection';
  const entry = useQuery({ ...catalogEntryQuery(slug ?? ''), enabled: slug !== null && !resource.collected });
  if (!resource.collected) {
    if (editing && slug === null) return <Form at={at} collection={undefined} suggested={undefined} />;
    return editing ? (
      <Loaded query={entry} label="the recipe">
        {(data) => <Form at={at} collection={undefined} suggested={suggestionOf(data)} />}
      </Loaded>
    ) : (
      <NoCollection
        system={entry.data?.recipe == null ? undefined : entry.data.name}
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
          <Form at={at} collection={data} suggested={undefined} />
        ) : (
          <Shown at={at} collection={data} records={resource.recordCount} mayEdit={mayEdit} going={setGoing} />
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
  going,
}: {
  at: ResourceAt;
  collection: Collection;
  records: number;
  mayEdit: boolean;
  going: (is: boolean) => void;
}) {
  const queries = useQueryClient();
  const again = useAgain();
  const open = useOpen();
  const runId = collection.running?.runId ?? collection.lastRun?.runId ?? undefined;
  const run = useQuery({ ...syncRunQuery(at.connectionId, runId ?? 0), enabled: runId !== undefined });
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
        going(true);
        try {
          await deleteCollection(at);
        } catch (error) {
          going(false);
          throw error;
        }
        queries.removeQueries({ queryKey: collectionQuery(at).queryKey });
        await again();
        notifyDone('Plumbline collects these records no more.');
      }}
    >
      {run.data !== undefined && <RunSteps run={run.data} />}
    </CollectionTab>
  );
}

/** The recipe that the catalogue has for a system. */
function suggestionOf({ name, recipe, schedule }: CatalogDetail): Suggestion | undefined {
  return recipe === null ? undefined : { name, recipe, schedule: schedule ?? undefined };
}

function Form({
  at,
  collection,
  suggested,
}: {
  at: ResourceAt;
  collection: Collection | undefined;
  suggested: Suggestion | undefined;
}) {
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
      suggested={suggested}
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
