import { Button, Input, SegmentedControl, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { orNull } from '@/features/settings/form';
import { SettingsFrame } from '@/features/settings/frame';
import {
  type CustomField,
  type CustomFieldChange,
  type CustomFieldKind,
  customFieldQuery,
} from '@/shared/api/custom-fields';
import { counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { FormDialog } from '@/shared/ui/form-dialog';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { RowActions, RowButton } from '@/shared/ui/row-actions';
import { Empty, Failure, Loaded, Loading } from '@/shared/ui/states';
import { type Column, Rows } from '@/shared/ui/table';
import { useTexts } from '@/shared/ui/use-texts';
import classes from '@/features/settings/settings.module.css';

type List = { data: { data: CustomField[] } | undefined; error: Error | null; refetch: () => unknown };

const KINDS = [
  { kind: 'ASSET', things: 'Assets', one: 'asset', many: 'assets' },
  { kind: 'PERSONNEL', things: 'Personnel', one: 'person', many: 'people' },
] as const;

/** The fields that the organisation defines for its assets and personnel. */
export function CustomFieldsPage({
  may,
  lists,
  save,
  remove,
}: {
  may: (scope: string) => boolean;
  lists: Record<CustomFieldKind, List>;
  /** Changes a field, or makes one of a kind when none is named. */
  save: (field: CustomField | null, kind: CustomFieldKind, change: CustomFieldChange) => Promise<unknown>;
  remove: (field: CustomField) => Promise<unknown>;
}) {
  const [open, setOpen] = useState<{ field: CustomField | null }>();
  const [leaving, setLeaving] = useState<CustomField>();
  const manages = may('custom-fields-put');
  const define = manages && (
    <Button
      size="xs"
      leftSection={<IconPlus size={14} aria-hidden />}
      onClick={() => {
        setOpen({ field: null });
      }}
    >
      Define a field
    </Button>
  );
  const columns: Column<CustomField>[] = [
    {
      id: 'name',
      header: 'Field',
      cell: ({ name, description }) => (
        <>
          {name}
          {description !== null && (
            <Text size="xs" c="dimmed" component="div">
              {description}
            </Text>
          )}
        </>
      ),
    },
    { id: 'values', header: 'Values', cell: ({ choices }) => (choices.length === 0 ? 'any text' : choices.join(', ')) },
    { id: 'changed', header: 'Changed', cell: ({ updatedAt }) => <RelativeTime at={updatedAt} />, wideOnly: true },
  ];
  if (manages)
    columns.push({
      id: 'act',
      header: 'Action',
      end: true,
      cell: (field) => (
        <RowActions>
          <RowButton
            label={`Edit ${field.name}`}
            act={() => {
              setOpen({ field });
            }}
          >
            Edit
          </RowButton>
          <RowButton
            label={`Delete ${field.name}`}
            act={() => {
              setLeaving(field);
            }}
          >
            Delete
          </RowButton>
        </RowActions>
      ),
    });
  const none = KINDS.every(({ kind }) => lists[kind].data?.data.length === 0);
  return (
    <SettingsFrame title="Custom fields" may={may} actions={none ? undefined : define}>
      {none ? (
        <Empty title="No custom fields yet" actions={define}>
          Define what you want to note of every asset or person, such as a cost centre. Tests can look at it.
        </Empty>
      ) : (
        <>
          {KINDS.map(({ kind, things, many }) => (
            <Loaded key={kind} query={lists[kind]} label={`the fields of ${many}`}>
              {({ data }) => (
                <Panel title={things}>
                  {data.length === 0 ? (
                    <Text size="sm" c="dimmed" className={classes.body ?? ''}>
                      No field of {many} is defined.
                    </Text>
                  ) : (
                    <Rows label={`Fields of ${many}`} columns={columns} rows={data} rowKey={({ id }) => id} />
                  )}
                </Panel>
              )}
            </Loaded>
          ))}
        </>
      )}
      {open !== undefined && (
        <FieldDialog
          field={open.field}
          save={(kind, change) => save(open.field, kind, change)}
          close={() => {
            setOpen(undefined);
          }}
        />
      )}
      {leaving !== undefined && (
        <Confirm
          opened
          close={() => {
            setLeaving(undefined);
          }}
          title={`Delete ${leaving.name}?`}
          action="Delete the field"
          act={() => remove(leaving)}
        >
          <Vanishing field={leaving} />
        </Confirm>
      )}
    </SettingsFrame>
  );
}

function FieldDialog({
  field,
  save,
  close,
}: {
  field: CustomField | null;
  save: (kind: CustomFieldKind, change: CustomFieldChange) => Promise<unknown>;
  close: () => void;
}) {
  const [kind, setKind] = useState<CustomFieldKind>(field?.kind ?? 'ASSET');
  const { input, doing, fields } = useTexts(
    { name: field?.name ?? '', description: field?.description ?? '', choices: (field?.choices ?? []).join('\n') },
    ({ name, description, choices }) =>
      save(kind, {
        name,
        description: orNull(description),
        choices: choices.split('\n').filter((choice) => choice.trim() !== ''),
      }),
    close,
  );
  return (
    <FormDialog
      title={field === null ? 'Define a field' : `Edit ${field.name}`}
      close={close}
      action={field === null ? 'Define' : 'Save'}
      doing={doing}
      fields={fields}
    >
      <Stack gap={12}>
        {field === null && (
          <div>
            <Input.Label component="div" display="block" mb={4} id="field-kind">
              A field of
            </Input.Label>
            <SegmentedControl
              size="xs"
              aria-labelledby="field-kind"
              value={kind}
              data={KINDS.map(({ kind: value, things }) => ({ value, label: things }))}
              onChange={setKind}
            />
          </div>
        )}
        <TextInput
          label="Name"
          required
          data-autofocus
          {...(field === null ? {} : { description: 'Tests name a field by its name: they do not follow a new one.' })}
          {...input('name')}
        />
        <TextInput label="Description" {...input('description')} />
        <Textarea
          label="Choices"
          description={`One in each line. Leave it empty for any text.${field === null ? '' : ' Values that stand stay as they are.'}`}
          autosize
          minRows={3}
          maxRows={12}
          {...input('choices')}
        />
      </Stack>
    </FormDialog>
  );
}

/** What goes with a field. */
function Vanishing({ field }: { field: CustomField }) {
  const { data, error } = useQuery(customFieldQuery(field.id));
  if (error !== null) return <Failure error={error} />;
  if (data === undefined) return <Loading label="the values" rows={1} />;
  const { valueCount = 0 } = data;
  const of = KINDS.find(({ kind }) => kind === field.kind) ?? KINDS[0];
  if (valueCount === 0) return <>Nothing has a value of it. Tests that name it find nothing there any more.</>;
  return (
    <>
      {counted(valueCount, of.one, of.many)} {valueCount === 1 ? 'loses its value' : 'lose their values'}; what those
      were stays in the history. Tests that name the field find nothing there any more.
    </>
  );
}
