import { Button, Group, SegmentedControl, Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { ApiError } from '@/shared/api/errors';
import { cut, jsonLine, jsonText } from '@/shared/api/json';
import type { Attribute, Attributes, SchemaDetail, SchemaOutcome } from '@/shared/api/types';
import { count, counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { JsonField } from '@/shared/ui/json-field';
import { JsonView } from '@/shared/ui/json-view';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Loaded } from '@/shared/ui/states';
import classes from '@/features/connections/connection.module.css';

type Query<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

export function SchemaTab({
  schema,
  attributes,
  mayEdit,
  put,
}: {
  schema: Query<SchemaDetail>;
  attributes: Query<Attributes>;
  mayEdit: boolean;
  put: (text: string, how: { dryRun?: boolean; requireValid?: boolean }) => Promise<SchemaOutcome>;
}) {
  const [view, setView] = useState('tree');
  const [text, setText] = useState<string>();
  return (
    <Loaded query={schema} label="the schema">
      {(data) =>
        text !== undefined ? (
          <SchemaEditor
            text={text}
            change={setText}
            put={put}
            close={() => {
              setText(undefined);
            }}
          />
        ) : (
          <>
            <Group justify="space-between" mb={12}>
              <SegmentedControl
                size="xs"
                aria-label="How the schema is shown"
                value={view}
                onChange={setView}
                data={[
                  { value: 'tree', label: 'Properties' },
                  { value: 'json', label: 'JSON Schema' },
                ]}
              />
              {mayEdit && (
                <Button
                  size="xs"
                  variant="default"
                  onClick={() => {
                    setText(jsonText(data.schema));
                  }}
                >
                  Edit the schema
                </Button>
              )}
            </Group>
            <div className={classes.grid}>
              {view === 'json' ? (
                <JsonView value={data.schema} label="schema as JSON" />
              ) : (
                <Panel title="Properties">
                  <div className={classes.padded}>
                    <Loaded query={attributes} label="properties">
                      {(found) => <Tree attributes={found.attributes} of={found.sample.records} />}
                    </Loaded>
                  </div>
                </Panel>
              )}
              <Panel title="Versions" aside={`now version ${data.version}`}>
                <ul className={classes.events}>
                  {data.versions.map((version) => (
                    <li key={version.version}>
                      Version {version.version}{' '}
                      <small>
                        <RelativeTime at={version.createdAt} /> by {version.author.name}
                      </small>
                    </li>
                  ))}
                </ul>
              </Panel>
            </div>
          </>
        )
      }
    </Loaded>
  );
}

const VALUES = 3;
const VALUE = 40;

function Tree({ attributes, of }: { attributes: Attribute[]; of: number }) {
  return (
    <ul className={classes.tree}>
      {attributes.map((attribute) => (
        <li key={attribute.pointer}>
          <div className={classes.property}>
            <span className={classes.mono}>{attribute.name === '' ? 'each element' : attribute.name}</span>
            <small>
              {attribute.types.join(' or ') || 'any'}
              {attribute.format !== undefined && ` (${attribute.format})`}
              {attribute.required && ', required'}
              {!attribute.declared && ', seen but not in the schema'}
            </small>
            {of > 0 && (
              <small>
                in {count(attribute.present)} of {count(of)}
              </small>
            )}
            {attribute.values.length > 0 && (
              <small className={classes.mono}>
                {attribute.values
                  .slice(0, VALUES)
                  .map((value) => cut(jsonLine(value), VALUE))
                  .join(', ')}
              </small>
            )}
          </div>
          {attribute.children.length > 0 && <Tree attributes={attribute.children} of={of} />}
          {attribute.elements !== undefined && <Tree attributes={[attribute.elements]} of={of} />}
        </li>
      ))}
    </ul>
  );
}

function SchemaEditor({
  text,
  change,
  put,
  close,
}: {
  text: string;
  change: (text: string) => void;
  put: (text: string, how: { dryRun?: boolean; requireValid?: boolean }) => Promise<SchemaOutcome>;
  close: () => void;
}) {
  const [outcome, setOutcome] = useState<{ of: string; found: SchemaOutcome }>();
  const [error, setError] = useState<Error>();
  const [doing, setDoing] = useState<'check' | 'save'>();
  const [anyway, setAnyway] = useState(false);
  const current = outcome?.of === text ? outcome.found : undefined;
  const breaks = current !== undefined && (current.invalidRecords > 0 || current.tests.length > 0);
  const failed = (refused: unknown) => {
    setError(refused instanceof Error ? refused : new Error(String(refused)));
  };
  const check = async (): Promise<SchemaOutcome | undefined> => {
    try {
      const found = await put(text, { dryRun: true });
      setOutcome({ of: text, found });
      return found;
    } catch (refused) {
      failed(refused);
      return undefined;
    }
  };
  const run = async (what: 'check' | 'save') => {
    setDoing(what);
    setError(undefined);
    const found = await check();
    if (what === 'save' && found?.invalidRecords === 0 && found.tests.length === 0) {
      await put(text, { requireValid: true }).then(close, failed);
    }
    setDoing(undefined);
  };
  return (
    <div className={classes.grid}>
      <div>
        <JsonField
          label="JSON Schema"
          description="New records have to satisfy it. Stored ones are checked before it comes into force."
          height={480}
          value={text}
          error={error?.message}
          fault={
            error instanceof ApiError
              ? { pointer: (error.pointer ?? '').replace(/^\/schema/, ''), message: error.message }
              : undefined
          }
          onChange={change}
        />
        <Group justify="flex-end" gap={8} mt={12}>
          <Button variant="default" onClick={close}>
            Cancel
          </Button>
          <Button variant="default" loading={doing === 'check'} onClick={() => void run('check')}>
            Check
          </Button>
          {breaks ? (
            <Button
              color="red"
              onClick={() => {
                setAnyway(true);
              }}
            >
              Save anyway
            </Button>
          ) : (
            <Button loading={doing === 'save'} onClick={() => void run('save')}>
              Save the schema
            </Button>
          )}
        </Group>
      </div>
      <section
        className={classes.outcome}
        data-bad={breaks || undefined}
        aria-label="What the check found"
        role="status"
      >
        {current === undefined ? (
          <Text size="sm" c="dimmed">
            The check reads every stored record and every test over them, and changes nothing.
          </Text>
        ) : (
          <Outcome outcome={current} />
        )}
      </section>
      <Confirm
        opened={anyway}
        close={() => {
          setAnyway(false);
        }}
        title="Save a schema that does not fit?"
        action="Save the schema"
        act={() => put(text, {}).then(close)}
      >
        <Text size="sm">
          {counted(current?.invalidRecords ?? 0, 'stored record')} {current?.invalidRecords === 1 ? 'does' : 'do'} not
          satisfy it and will stay as {current?.invalidRecords === 1 ? 'it is' : 'they are'}.
          {(current?.tests.length ?? 0) > 0 &&
            ` ${counted(current?.tests.length ?? 0, 'test')} will have no verdict any more.`}
        </Text>
      </Confirm>
    </div>
  );
}

function Outcome({ outcome }: { outcome: SchemaOutcome }) {
  return (
    <>
      <Text size="sm" fw={600}>
        {outcome.invalidRecords === 0
          ? `All ${counted(outcome.records, 'stored record')} satisfy it.`
          : `${count(outcome.invalidRecords)} of ${counted(outcome.records, 'stored record')} do not satisfy it, so it was not saved.`}
      </Text>
      {outcome.examples.length > 0 && (
        <ul className={classes.verdicts}>
          {outcome.examples.map((example) => (
            <li key={example.recordId}>
              <Link
                from="/connections/$connectionId"
                to="."
                search={({ workspace, resource }) => ({
                  workspace,
                  resource,
                  tab: 'records' as const,
                  record: example.recordId,
                })}
              >
                {example.recordId}
              </Link>
              <span className={classes.mono}>{example.message}</span>
            </li>
          ))}
        </ul>
      )}
      <Text size="sm" fw={600} mt={12}>
        {outcome.tests.length === 0
          ? 'Every test keeps the properties that it uses.'
          : `${counted(outcome.tests.length, 'test')} would have no verdict any more:`}
      </Text>
      {outcome.tests.length > 0 && (
        <ul className={classes.verdicts}>
          {outcome.tests.map((test) => (
            <li key={`${test.workspaceId} ${test.testId}`}>
              <Link to="/tests/$testId" params={{ testId: test.testId }} search={{ workspace: test.workspaceId }}>
                {test.testName}
              </Link>
              <span className={classes.mono}>{test.properties.join(', ')}</span>
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
