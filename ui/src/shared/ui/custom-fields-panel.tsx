import { Button, Select, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import {
  type CustomField,
  type CustomFieldKind,
  customFieldsQuery,
  type FieldSetting,
  type FieldValue,
} from '@/shared/api/custom-fields';
import { ApiError } from '@/shared/api/errors';
import { useMay } from '@/shared/auth/may';
import { Facts } from '@/shared/ui/facts';
import { FormDialog } from '@/shared/ui/form-dialog';
import { sentence } from '@/shared/ui/form-errors';
import { notifyDone } from '@/shared/ui/notify';
import { Panel } from '@/shared/ui/page';
import classes from '@/shared/ui/custom-fields-panel.module.css';

/** The custom fields of an asset or a person, and the way to change them. Nothing where none are defined. */
export function CustomFieldsPanel({
  kind,
  name,
  values,
  scope,
  save,
}: {
  kind: CustomFieldKind;
  /** What the asset or the person is called. */
  name: string;
  values: readonly FieldValue[];
  /** What one must be allowed to change them. */
  scope: string;
  save: (settings: FieldSetting[]) => Promise<unknown>;
}) {
  const may = useMay();
  const known = useQuery({ ...customFieldsQuery(kind), enabled: may('custom-fields-get') });
  const [open, setOpen] = useState(false);
  if (values.length === 0) return null;
  const defined = known.data?.data ?? [];
  return (
    <Panel
      title="Custom fields"
      aside={
        may(scope) && (known.data !== undefined || !may('custom-fields-get')) ? (
          <Button
            size="compact-xs"
            variant="default"
            aria-label="Edit the custom fields"
            onClick={() => {
              setOpen(true);
            }}
          >
            Edit
          </Button>
        ) : undefined
      }
    >
      <div className={classes.about}>
        <Facts facts={values.map(({ name: field, value }) => [field, value ?? '–'] as const)} />
      </div>
      {open && (
        <ValuesDialog
          name={name}
          values={values}
          defined={defined}
          close={() => {
            setOpen(false);
          }}
          save={async (settings) => {
            await save(settings);
            notifyDone(`The custom fields of ${name} are saved.`, () =>
              save(
                settings.map(({ id }) => ({
                  id,
                  value: values.find(({ customFieldId }) => customFieldId === id)?.value ?? null,
                })),
              ),
            );
          }}
        />
      )}
    </Panel>
  );
}

function ValuesDialog({
  name,
  values,
  defined,
  save,
  close,
}: {
  name: string;
  values: readonly FieldValue[];
  defined: readonly CustomField[];
  save: (settings: FieldSetting[]) => Promise<unknown>;
  close: () => void;
}) {
  const [texts, setTexts] = useState<Readonly<Record<number, string>>>({});
  const doing = useMutation({ mutationFn: save, onSuccess: close });
  const said = placeOf(doing.error, doing.variables);
  return (
    <FormDialog
      title={`Custom fields of ${name}`}
      close={close}
      action="Save"
      doing={{
        error: doing.error,
        isPending: doing.isPending,
        mutate: () => {
          const settings = values
            .filter(({ customFieldId: id, value }) => (texts[id] ?? value ?? '') !== (value ?? ''))
            .map(({ customFieldId: id }) => ({ id, value: texts[id] || null }));
          if (settings.length === 0) close();
          else doing.mutate(settings);
        },
      }}
      fields={said === undefined ? [] : ['customFields']}
    >
      <Stack gap={12}>
        {values.map(({ customFieldId: id, name: label, value }) => {
          const { choices = [], description = null } = defined.find((field) => field.id === id) ?? {};
          const set = (text: string) => {
            setTexts((before) => ({ ...before, [id]: text }));
          };
          const look = {
            label,
            description,
            error: said === id && doing.error !== null ? sentence(doing.error) : null,
          };
          const text = texts[id] ?? value ?? '';
          if (choices.length === 0)
            return (
              <TextInput
                key={id}
                {...look}
                value={text}
                onChange={({ currentTarget }) => {
                  set(currentTarget.value);
                }}
              />
            );
          // A value that stands may stay when it is no choice any more.
          const offered = value === null || choices.includes(value) ? choices : [value, ...choices];
          return (
            <Select
              key={id}
              {...look}
              data={offered}
              value={text === '' ? null : text}
              placeholder="None"
              clearable
              clearButtonProps={{ 'aria-label': `Clear ${label}` }}
              onChange={(chosen) => {
                set(chosen ?? '');
              }}
            />
          );
        })}
      </Stack>
    </FormDialog>
  );
}

/** The field that a refusal is about: its pointer counts what was sent. */
function placeOf(error: Error | null, sent: readonly FieldSetting[] | undefined): number | undefined {
  const place = error instanceof ApiError ? /^\/customFields\/(\d+)/.exec(error.pointer ?? '')?.[1] : undefined;
  return place === undefined ? undefined : sent?.[Number(place)]?.id;
}
