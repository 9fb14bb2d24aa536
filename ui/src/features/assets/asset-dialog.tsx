import { Input, MultiSelect, SegmentedControl, SimpleGrid, Stack, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Asset, AssetChange, AssetClass, AssetType } from '@/shared/api/assets';
import { usersQuery } from '@/shared/api/users';
import { useMay } from '@/shared/auth/may';
import { CLASSES, TYPES } from '@/features/assets/asset-words';
import { FormDialog } from '@/shared/ui/form-dialog';
import { errorAt } from '@/shared/ui/form-errors';
import { type SearchOption, SearchSelect } from '@/shared/ui/search-select';

const FOUND = 20;
const FIELDS = [
  'name',
  'description',
  'assetClassTypes',
  'assetType',
  'ownerId',
  'notes',
  'removedAt',
  'externalId',
  'externalOwnerId',
  'uniqueId',
] as const;
type Field = (typeof FIELDS)[number];
type Text = 'name' | 'description' | 'notes' | 'removedAt' | 'externalId' | 'externalOwnerId' | 'uniqueId';

const day = (at: string | null | undefined): string => at?.slice(0, 10) ?? '';

/** Makes an asset, or changes one. What a device decides is left out. */
export function AssetDialog({
  asset,
  save,
  close,
}: {
  /** The asset that is changed, none for a new one. */
  asset?: Asset;
  save: (change: AssetChange) => Promise<unknown>;
  close: () => void;
}) {
  const ofDevice = asset !== undefined && asset.associatedId !== null;
  const [texts, setTexts] = useState<Record<Text, string>>({
    name: asset?.name ?? '',
    description: asset?.description ?? '',
    notes: asset?.notes ?? '',
    removedAt: day(asset?.removedAt),
    externalId: asset?.externalId ?? '',
    externalOwnerId: asset?.externalOwnerId ?? '',
    uniqueId: asset?.uniqueId ?? '',
  });
  const [kinds, setKinds] = useState<string[]>(
    (asset?.assetClassTypes ?? []).map(({ assetClassType }) => assetClassType),
  );
  const [type, setType] = useState<AssetType>(asset?.assetType ?? 'PHYSICAL');
  const [owner, setOwner] = useState<SearchOption | undefined>(
    asset === undefined
      ? undefined
      : { value: String(asset.ownerId), label: asset.owner?.displayName ?? `User ${asset.ownerId}` },
  );
  const doing = useMutation({
    mutationFn: () => {
      const own: AssetChange = {
        description: texts.description,
        notes: texts.notes || null,
        assetClassTypes: kinds as AssetClass[],
        externalOwnerId: texts.externalOwnerId || null,
        // A day that was not touched keeps its hour.
        ...(texts.removedAt === day(asset?.removedAt) ? {} : { removedAt: texts.removedAt || null }),
      };
      if (ofDevice) return save(own);
      return save({
        ...own,
        name: texts.name,
        assetType: type,
        externalId: texts.externalId || null,
        uniqueId: texts.uniqueId || null,
        ...(owner === undefined ? {} : { ownerId: Number(owner.value) }),
      });
    },
    onSuccess: close,
  });
  const said = (field: Field) => errorAt(doing.error, FIELDS, field);
  const input = (field: Text) => ({
    value: texts[field],
    error: said(field),
    onChange: ({ currentTarget: { value } }: { currentTarget: { value: string } }) => {
      setTexts((before) => ({ ...before, [field]: value }));
    },
  });
  return (
    <FormDialog
      title={asset === undefined ? 'New asset' : `Edit ${asset.name}`}
      size="lg"
      close={close}
      action={asset === undefined ? 'Create' : 'Save'}
      doing={doing}
      fields={FIELDS}
    >
      <Stack gap={12}>
        {ofDevice ? (
          <Text size="sm" c="dimmed">
            Name, type, owner, serial number and external id follow the device and are kept by the server.
          </Text>
        ) : (
          <TextInput label="Name" required data-autofocus {...input('name')} />
        )}
        <Textarea
          label="Description"
          description="What it is and what it is for."
          required
          autosize
          maxRows={6}
          {...input('description')}
        />
        <MultiSelect
          label="Classes"
          required
          data={[...CLASSES]}
          value={kinds}
          onChange={setKinds}
          error={said('assetClassTypes')}
          searchable
          hidePickedOptions
        />
        {!ofDevice && (
          <>
            <div>
              <Input.Label component="div" display="block" mb={4} id="asset-type">
                Type
              </Input.Label>
              <SegmentedControl
                size="xs"
                aria-labelledby="asset-type"
                value={type}
                data={[...TYPES]}
                onChange={(value) => {
                  setType(value);
                }}
              />
            </div>
            <OwnerField owner={owner} set={setOwner} error={said('ownerId')} />
          </>
        )}
        <Textarea label="Notes" autosize maxRows={6} {...input('notes')} />
        <SimpleGrid cols={{ base: 1, xs: 2 }} spacing={12}>
          {!ofDevice && (
            <>
              <TextInput label="External id" {...input('externalId')} />
              <TextInput label="Serial number or the like" {...input('uniqueId')} />
            </>
          )}
          <TextInput label="Owner’s id elsewhere" {...input('externalOwnerId')} />
          <TextInput type="date" label="Removed on" {...input('removedAt')} />
        </SimpleGrid>
      </Stack>
    </FormDialog>
  );
}

function OwnerField({
  owner,
  set,
  error,
}: {
  owner: SearchOption | undefined;
  set: (owner: SearchOption | undefined) => void;
  error: string | undefined;
}) {
  const may = useMay();
  const [search, setSearch] = useState('');
  const users = useQuery({ ...usersQuery({ q: search, size: FOUND }), enabled: may('users-get') });
  const options = (users.data?.data ?? []).map(({ id, displayName, email }) => ({
    value: String(id),
    label: displayName === email ? email : `${displayName} (${email})`,
  }));
  return (
    <SearchSelect
      label="Owner"
      required
      description="Who answers for it: a user of Plumbline."
      options={options}
      chosen={owner}
      error={error ?? null}
      onSearch={setSearch}
      onChange={(value) => {
        set(options.find((each) => each.value === value));
      }}
    />
  );
}
