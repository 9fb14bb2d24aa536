import { useQuery } from '@tanstack/react-query';
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';
import { useCallback, useState } from 'react';
import { InWorkspace } from '@/app/workspace';
import { BuilderPage, type BuilderState } from '@/features/builder/builder-page';
import { printJson } from '@/features/builder/exact';
import type { Form } from '@/features/builder/history';
import { newLogic } from '@/features/builder/logic';
import { ruleLanguageQuery } from '@/shared/api/editing';
import { conditionsQuery, editedTestQuery, resourceChoicesQuery, type SavedTest } from '@/shared/api/rules';
import { Loaded } from '@/shared/ui/states';

const NEW = '/signed-in/tests/new';
const EDIT = '/signed-in/tests/$testId/edit';

export function NewTestRoute() {
  return <InWorkspace>{(workspaceId) => <NewTest key={workspaceId} workspaceId={workspaceId} />}</InWorkspace>;
}

export function EditTestRoute() {
  const { testId } = useParams({ from: EDIT });
  return (
    <InWorkspace>
      {(workspaceId) => <EditTest key={`${workspaceId} ${testId}`} workspaceId={workspaceId} testId={testId} />}
    </InWorkspace>
  );
}

function NewTest({ workspaceId }: { workspaceId: number }) {
  const { resource, ...state } = useSearch({ from: NEW });
  const [start] = useState<Form>(() => ({ name: '', description: '', logic: newLogic(resource) }));
  return <Builder workspaceId={workspaceId} opened={undefined} version={undefined} start={start} state={state} />;
}

function EditTest({ workspaceId, testId }: { workspaceId: number; testId: number }) {
  const state = useSearch({ from: EDIT });
  const edited = useQuery(editedTestQuery({ workspaceId, testId }));
  return (
    <Loaded query={edited} label="the test" page="Edit a test">
      {({ test, version }) => (
        <Opened test={test} version={version}>
          {(first) => <Builder workspaceId={workspaceId} {...first} state={state} />}
        </Opened>
      )}
    </Loaded>
  );
}

// What is edited begins as it was first read: a later answer must not take it away.
function Opened({
  test,
  version,
  children,
}: {
  test: SavedTest;
  version: number | undefined;
  children: (first: { opened: SavedTest; version: number | undefined; start: Form }) => React.ReactNode;
}) {
  const [first] = useState(() => ({ opened: test, version, start: formOf(test) }));
  return children(first);
}

function formOf(test: SavedTest): Form {
  return {
    name: test.name,
    description: test.description,
    logic: test.draftLogic ?? test.logic ?? newLogic(undefined),
  };
}

function Builder({
  workspaceId,
  opened,
  version,
  start,
  state,
}: {
  workspaceId: number;
  opened: SavedTest | undefined;
  version: number | undefined;
  start: Form;
  state: BuilderState;
}) {
  const navigate = useNavigate();
  const language = useQuery(ruleLanguageQuery());
  const resources = useQuery(resourceChoicesQuery());
  const conditions = useQuery(conditionsQuery(workspaceId));
  const setState = (change: BuilderState) =>
    void navigate({
      to: '.',
      search: (search: object) => ({ ...search, ...change }),
      replace: true,
      resetScroll: false,
    });
  const editing = useCallback(
    (testId: number) => void navigate({ to: '/tests/$testId/edit', params: { testId }, replace: true }),
    [navigate],
  );
  const published = useCallback(
    (testId: number) => void navigate({ to: '/tests/$testId', params: { testId } }),
    [navigate],
  );
  const title = opened === undefined ? 'New test' : `Edit: ${opened.name}`;
  return (
    <Loaded query={language} label="the rule language" page={title}>
      {(spoken) => (
        <Loaded query={resources} label="the connections" page={title}>
          {(choices) => (
            <BuilderPage
              workspaceId={workspaceId}
              opened={opened}
              version={version}
              start={start}
              inForce={opened?.version == null ? undefined : printJson(opened.logic)}
              language={spoken}
              resources={choices}
              conditions={conditions.data?.data ?? []}
              state={state}
              setState={setState}
              today={new Date().toISOString().slice(0, 10)}
              formOf={formOf}
              editing={editing}
              published={published}
            />
          )}
        </Loaded>
      )}
    </Loaded>
  );
}
