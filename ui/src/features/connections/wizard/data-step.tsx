import { Button, FileButton, Group, SegmentedControl, Stack, Text } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { useState } from 'react';
import { ApiError } from '@/shared/api/errors';
import { jsonText } from '@/shared/api/json';
import type { CheckedSchema, Inference } from '@/shared/api/types';
import { count, counted } from '@/shared/format/number';
import { JsonField } from '@/shared/ui/json-field';
import { Rows } from '@/shared/ui/table';
import { DIRECTORY, type Draft } from '@/features/connections/wizard/draft';
import classes from '@/features/connections/wizard/wizard.module.css';

type Asked<Data> = { data: Data | undefined; error: Error | null; isFetching: boolean };

export function DataStep({
  draft,
  set,
  inference,
  checked,
}: {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  inference: Asked<Inference>;
  checked: Asked<CheckedSchema>;
}) {
  return (
    <Stack gap={14}>
      <SegmentedControl
        w="fit-content"
        aria-label="Where the schema comes from"
        value={draft.source}
        data={[
          { value: 'sample', label: 'Sample data' },
          { value: 'schema', label: 'JSON Schema' },
        ]}
        onChange={(source) => {
          set({ source: source === 'schema' ? 'schema' : 'sample' });
        }}
      />
      {draft.source === 'sample' ? (
        <Sample draft={draft} set={set} inference={inference} />
      ) : (
        <Schema draft={draft} set={set} checked={checked} />
      )}
    </Stack>
  );
}

function Sample({
  draft,
  set,
  inference,
}: {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  inference: Asked<Inference>;
}) {
  const [over, setOver] = useState(false);
  const [unread, setUnread] = useState<string>();
  const take = (file: File | null | undefined) => {
    if (!file) return;
    file.text().then(
      (sample) => {
        setUnread(undefined);
        set({ sample });
      },
      () => {
        setUnread(`${file.name} cannot be read.`);
      },
    );
  };
  const { data, error } = inference;
  return (
    <div className={classes.split}>
      <div
        className={classes.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => {
          setOver(false);
        }}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          take(event.dataTransfer.files[0]);
        }}
      >
        <JsonField
          label="Sample data"
          description="One record, an array of them, or one a line. A few dozen real ones are best. They are not stored."
          placeholder={'{"id": "u-1", "email": "ada@example.com", "mfaEnabled": true}'}
          lines
          height={360}
          value={draft.sample}
          error={unread ?? (draft.sample.trim() === '' ? undefined : error?.message)}
          onChange={(sample) => {
            set({ sample });
          }}
        />
        <Group gap={8} mt={8}>
          <FileButton onChange={take} accept=".json,.ndjson,.jsonl,.txt,application/json">
            {(button) => (
              <Button
                {...button}
                size="xs"
                variant="default"
                leftSection={<IconFileUpload size={14} stroke={1.8} aria-hidden />}
              >
                Take a file
              </Button>
            )}
          </FileButton>
          <Button
            size="xs"
            variant="default"
            onClick={() => {
              set({ sample: DIRECTORY.sample });
            }}
          >
            Take an example
          </Button>
        </Group>
      </div>
      <section className={classes.found} aria-label="What the sample shows">
        <div className={classes.foundHead} role="status">
          {data === undefined
            ? 'What the sample shows appears here.'
            : `${counted(data.samples, 'record')}, ${counted(data.properties.length, 'property', 'properties')}`}
        </div>
        {data !== undefined && (
          <>
            <Rows
              label="Properties of the sample"
              rows={data.properties}
              rowKey={(property) => property.path}
              columns={[
                {
                  id: 'path',
                  header: 'Property',
                  cell: (property) => <span className={classes.mono}>{property.path.slice(1)}</span>,
                },
                {
                  id: 'types',
                  header: 'Types',
                  cell: (property) =>
                    property.types.map(({ type }) => type).join(' or ') +
                    (property.format === undefined ? '' : ` (${property.format})`),
                },
                {
                  id: 'present',
                  header: 'Present',
                  end: true,
                  cell: (property) => `${count(property.present)} of ${count(data.samples)}`,
                },
                {
                  id: 'examples',
                  header: 'Examples',
                  wideOnly: true,
                  cell: (property) => <span className={classes.mono}>{property.examples.slice(0, 2).join(', ')}</span>,
                },
              ]}
            />
            <Group p={10} justify="flex-end">
              <Button
                size="compact-xs"
                variant="subtle"
                onClick={() => {
                  set({ source: 'schema', schema: jsonText(data.schema) });
                }}
              >
                Refine as JSON Schema
              </Button>
            </Group>
          </>
        )}
      </section>
    </div>
  );
}

function Schema({
  draft,
  set,
  checked: { data, error },
}: {
  draft: Draft;
  set: (change: Partial<Draft>) => void;
  checked: Asked<CheckedSchema>;
}) {
  const refused = draft.schema.trim() !== '' && error instanceof ApiError ? error : undefined;
  return (
    <div className={classes.split}>
      <JsonField
        label="JSON Schema"
        description="Of one record. Draft 7 and later; properties that it does not name stay allowed unless it forbids them."
        height={420}
        value={draft.schema}
        placeholder={'{"type": "object", "properties": {"email": {"type": "string"}}, "required": ["email"]}'}
        error={draft.schema.trim() === '' ? undefined : error?.message}
        fault={refused === undefined ? undefined : { pointer: refused.pointer ?? '', message: refused.message }}
        onChange={(schema) => {
          set({ schema });
        }}
      />
      <section className={classes.found} aria-label="What the schema declares">
        <div className={classes.foundHead} role="status">
          {data === undefined
            ? 'What the schema declares appears here.'
            : `The schema is fine: ${counted(data.properties.length, 'property', 'properties')}`}
        </div>
        {data === undefined ? (
          <Text p={14} size="sm" c="dimmed">
            The server checks it while you type.
          </Text>
        ) : (
          <Rows
            label="Properties of the schema"
            rows={data.properties}
            rowKey={(property) => property.name}
            columns={[
              {
                id: 'name',
                header: 'Property',
                cell: (property) => <span className={classes.mono}>{property.name}</span>,
              },
              { id: 'types', header: 'Types', cell: (property) => property.types.join(' or ') || 'any' },
              { id: 'required', header: 'Required', cell: (property) => (property.required ? 'yes' : 'no') },
            ]}
          />
        )}
      </section>
    </div>
  );
}
