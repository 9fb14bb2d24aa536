import { Button } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import { InWorkspace } from '@/app/workspace';
import { keyCommand, pushCalls } from '@/features/connections/calls';
import { AboutStep } from '@/features/connections/wizard/about-step';
import { DataStep } from '@/features/connections/wizard/data-step';
import { DetailsStep } from '@/features/connections/wizard/details-step';
import { DIRECTORY, type Draft, keepDraft, keptDraft, recordToSend } from '@/features/connections/wizard/draft';
import { FirstStep } from '@/features/connections/wizard/first-step';
import { KeyStep } from '@/features/connections/wizard/key-step';
import { type Step, STEPS } from '@/features/connections/wizard/steps';
import { WizardPage } from '@/features/connections/wizard/wizard-page';
import { checkSchema, connectionQuery, createConnection, inferSchema, recordRows } from '@/shared/api/connections';
import { fieldOf } from '@/shared/api/field-of';
import { jsonText } from '@/shared/api/json';
import { createKey, keysQuery } from '@/shared/api/keys';
import { live } from '@/shared/api/live';
import { workspacesQuery } from '@/shared/api/organisation';
import type { ApiKey, Connection } from '@/shared/api/types';
import { useMay } from '@/shared/auth/may';
import { LinkButton } from '@/shared/ui/link-button';
import { Failure, Loaded } from '@/shared/ui/states';

const TYPING_PAUSE = 350;
const SCOPES = ['custom-connections-data-post', 'custom-connections-get'];
const ALL_KEYS = 500;
const FIELDS = ['name', 'description', 'workspaceIds', 'displayNameKey', 'freshnessHours', 'schema'] as const;
const STEP_OF: Record<(typeof FIELDS)[number], Step> = {
  name: 'about',
  description: 'about',
  workspaceIds: 'about',
  schema: 'data',
  displayNameKey: 'details',
  freshnessHours: 'details',
};

export function NewConnectionRoute() {
  return <InWorkspace>{(workspaceId) => <Wizard workspaceId={workspaceId} />}</InWorkspace>;
}

function Wizard({ workspaceId }: { workspaceId: number }) {
  const { step = 'about', sample, connection, resource } = useSearch({ from: '/signed-in/connections/new' });
  const [draft, setDraft] = useState<Draft>(() => {
    const kept = keptDraft(connection);
    const begun = sample === 'directory' && kept.name === '' ? DIRECTORY : kept;
    return begun.workspaceIds.length === 0 ? { ...begun, workspaceIds: [workspaceId] } : begun;
  });
  const [key, setKey] = useState<ApiKey>();
  const set = (change: Partial<Draft>) => {
    const next = { ...draft, ...change };
    keepDraft(next);
    setDraft(next);
  };
  if (connection !== undefined && resource !== undefined) {
    return (
      <Made
        at={{ connectionId: connection, resourceId: resource }}
        step={step === 'first' ? 'first' : 'key'}
        draft={draft}
        made={key}
        keep={setKey}
      />
    );
  }
  return <Form step={step === 'key' || step === 'first' ? 'about' : step} draft={draft} set={set} />;
}

function Form({ step, draft, set }: { step: Step; draft: Draft; set: (change: Partial<Draft>) => void }) {
  const navigate = useNavigate({ from: '/connections/new' });
  const queries = useQueryClient();
  const workspaces = useQuery(workspacesQuery());
  const [sample] = useDebouncedValue(draft.sample.trim(), TYPING_PAUSE);
  const [schema] = useDebouncedValue(draft.schema.trim(), TYPING_PAUSE);
  const inference = useQuery({
    queryKey: ['inference', sample],
    queryFn: ({ signal }) => inferSchema(sample, signal),
    enabled: draft.source === 'sample' && sample !== '',
    staleTime: Infinity,
  });
  const checked = useQuery({
    queryKey: ['checked schema', schema],
    queryFn: ({ signal }) => checkSchema(schema, signal),
    enabled: draft.source === 'schema' && schema !== '',
    staleTime: Infinity,
  });
  const found = draft.source === 'sample' ? inference.data : checked.data;
  const suggested = found?.displayNameKeys ?? [];
  const displayNameKey = suggested.includes(draft.displayNameKey) ? draft.displayNameKey : (suggested[0] ?? '');
  const go = (next: Step) => void navigate({ search: (search) => ({ ...search, step: next }) });
  const create = useMutation({
    mutationFn: () =>
      createConnection({
        name: draft.name.trim(),
        description: draft.description.trim() === '' ? null : draft.description.trim(),
        workspaceIds: draft.workspaceIds,
        schema: draft.source === 'schema' ? draft.schema : jsonText(inference.data?.schema),
        displayNameKey,
        freshnessHours: draft.freshnessHours,
      }),
    onSuccess: async (made: Connection) => {
      await queries.invalidateQueries({ queryKey: ['connections'] });
      set({ made: made.id });
      const resource = made.customResources?.[0]?.id;
      await navigate({
        search: (search) => ({ ...search, step: 'key', connection: made.id, resource }),
        replace: true,
      });
    },
    onError: (error) => {
      const field = fieldOf(error, FIELDS);
      if (field !== undefined) go(STEP_OF[field]);
    },
  });
  const at = fieldOf(create.error, FIELDS);
  const errors = at === undefined ? {} : { [at]: create.error?.message };
  const ready: Partial<Record<Step, boolean>> = {
    about: draft.name.trim() !== '' && draft.workspaceIds.length > 0,
    data: found !== undefined,
    details: displayNameKey !== '' && draft.name.trim() !== '',
  };
  const before = STEPS[STEPS.indexOf(step) - 1];
  const after = STEPS[STEPS.indexOf(step) + 1];
  const examples = new Map(
    (inference.data?.properties ?? []).map(({ path, examples: seen }) => [path.slice(1), seen[0]]),
  );
  return (
    <WizardPage
      step={step}
      made={false}
      narrow={step !== 'data'}
      buttons={
        <>
          {before === undefined ? (
            <LinkButton variant="default" to="/connections">
              Cancel
            </LinkButton>
          ) : (
            <Button
              variant="default"
              onClick={() => {
                go(before);
              }}
            >
              Back
            </Button>
          )}
          {step === 'details' ? (
            <Button
              loading={create.isPending}
              disabled={ready.details !== true}
              onClick={() => {
                create.mutate();
              }}
            >
              Create the connection
            </Button>
          ) : (
            <Button
              disabled={ready[step] !== true}
              onClick={() => {
                if (after !== undefined) go(after);
              }}
            >
              Continue
            </Button>
          )}
        </>
      }
    >
      {create.error !== null && at === undefined && <Failure error={create.error} />}
      {step === 'about' && (
        <AboutStep draft={draft} set={set} workspaces={workspaces.data?.data ?? []} errors={errors} />
      )}
      {step === 'data' && <DataStep draft={draft} set={set} inference={inference} checked={checked} />}
      {step === 'details' && (
        <DetailsStep
          draft={{ ...draft, displayNameKey }}
          set={set}
          errors={errors}
          names={suggested.map((name) => ({
            name,
            example:
              draft.source === 'sample' ? examples.get(name.replaceAll('~', '~0').replaceAll('/', '~1')) : undefined,
          }))}
        />
      )}
    </WizardPage>
  );
}

function Made({
  at,
  step,
  draft,
  made,
  keep,
}: {
  at: { connectionId: number; resourceId: number };
  step: 'key' | 'first';
  draft: Draft;
  made: ApiKey | undefined;
  keep: (key: ApiKey) => void;
}) {
  const navigate = useNavigate({ from: '/connections/new' });
  const queries = useQueryClient();
  const may = useMay();
  const connection = useQuery(connectionQuery(at.connectionId));
  const keys = useQuery({
    ...keysQuery({ size: ALL_KEYS, requires: SCOPES }),
    enabled: step === 'key' && may('api-keys-get'),
  });
  const make = useMutation({
    mutationFn: (name: string) => createKey({ name, scopes: SCOPES }),
    onSuccess: async (key) => {
      keep(key);
      await queries.invalidateQueries({ queryKey: ['keys'] });
    },
  });
  const resource = connection.data?.customResources?.find((each) => each.id === at.resourceId);
  const rows = recordRows(at, { sort: 'createdAt', sortDir: 'DESC' });
  const first = useQuery({
    queryKey: [...rows.queryKey, 'newest'],
    queryFn: ({ signal }) => rows.read({ size: 1 }, signal),
    enabled: step === 'first' && (resource?.recordCount ?? 0) > 0,
    ...live,
  });
  const go = (next: Step) => void navigate({ search: (search) => ({ ...search, step: next }) });
  return (
    <WizardPage
      step={step}
      made
      narrow={step === 'key'}
      buttons={
        step === 'key' ? (
          <>
            <span />
            <Button
              variant={made === undefined ? 'default' : 'filled'}
              onClick={() => {
                go('first');
              }}
            >
              {made === undefined ? 'Continue with a key that there is' : 'Continue'}
            </Button>
          </>
        ) : (
          <>
            <Button
              variant="default"
              onClick={() => {
                go('key');
              }}
            >
              Back
            </Button>
            <LinkButton variant="default" to="/connections/$connectionId" params={{ connectionId: at.connectionId }}>
              To the connection
            </LinkButton>
          </>
        )
      }
    >
      <Loaded query={connection} label="the connection">
        {() =>
          resource === undefined ? null : step === 'key' ? (
            <KeyStep
              name={`${draft.name === '' ? resource.name : draft.name}: sends records`.slice(0, 191)}
              keys={keys.data?.data}
              made={made}
              make={make.mutate}
              making={make.isPending}
              error={make.error}
              mayMake={may('api-keys-post')}
            />
          ) : (
            <FirstStep
              connectionId={at.connectionId}
              resource={resource}
              first={first.data?.data[0]}
              keyCommand={keyCommand(made?.key)}
              calls={pushCalls({
                ...at,
                origin: window.location.origin,
                record: recordToSend(draft, resource.displayNameKey),
                recordId: 'r-1',
              })}
              mayTest={may('monitors-post-monitor')}
            />
          )
        }
      </Loaded>
    </WizardPage>
  );
}
