import { Button, MultiSelect, SegmentedControl, TagsInput, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconPlus } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { type Group, type GroupForm, type GroupList, groupPreviewQuery, type GroupRule } from '@/shared/api/groups';
import { Told } from '@/shared/api/errors';
import type { Connection } from '@/shared/api/types';
import { useMay } from '@/shared/auth/may';
import { counted } from '@/shared/format/number';
import { Confirm } from '@/shared/ui/confirm';
import { FormDialog } from '@/shared/ui/form-dialog';
import { errorAt } from '@/shared/ui/form-errors';
import { Page, Panel } from '@/shared/ui/page';
import { RowActions, RowButton } from '@/shared/ui/row-actions';
import { Sections } from '@/shared/ui/sections';
import { Empty, Loaded } from '@/shared/ui/states';
import { type Column, Rows } from '@/shared/ui/table';
import { PEOPLE_SECTIONS } from '@/features/personnel/sections';
import classes from '@/features/personnel/personnel.module.css';

const people = (count: number) => counted(count, 'person', 'people');

/** Named sets of people, of which the personnel scopes of workspaces are made. */
export function GroupsPage({
  list,
  sources,
  save,
  remove,
}: {
  list: { data: GroupList | undefined; error: Error | null; refetch: () => unknown };
  /** The HR systems that a rule may name. */
  sources: readonly Connection[];
  /** Changes the group, or creates one when none is named. */
  save: (group: Group | null, form: GroupForm) => Promise<unknown>;
  remove: (group: Group) => Promise<unknown>;
}) {
  const may = useMay()('personnel-groups-put');
  const [open, setOpen] = useState<{ group: Group | null }>();
  const [leaving, setLeaving] = useState<Group>();
  const sourceName = (id: number) => sources.find((each) => each.id === id)?.clientAlias ?? `connection ${String(id)}`;
  const columns: Column<Group>[] = [
    {
      id: 'name',
      header: 'Group',
      cell: ({ id, name }) => (
        <Link to="/personnel" search={{ group: id }} className={classes.name}>
          {name}
        </Link>
      ),
    },
    { id: 'people', header: 'People', end: true, cell: ({ personnelCount }) => personnelCount.toLocaleString('en') },
    { id: 'rule', header: 'Who belongs to it', cell: ({ rule }) => inWords(rule, sourceName), wideOnly: true },
    {
      id: 'scope',
      header: 'In scope of',
      cell: ({ workspaces }) => (workspaces.length === 0 ? '–' : workspaces.map(({ name }) => name).join(', ')),
      wideOnly: true,
    },
  ];
  if (may) {
    columns.push({
      id: 'act',
      header: 'Action',
      end: true,
      cell: (group) => (
        <RowActions>
          <RowButton
            label={`Edit ${group.name}`}
            act={() => {
              setOpen({ group });
            }}
          >
            Edit
          </RowButton>
          <RowButton
            label={`Delete ${group.name}`}
            act={() => {
              setLeaving(group);
            }}
          >
            Delete
          </RowButton>
        </RowActions>
      ),
    });
  }
  const create = may && (
    <Button
      size="xs"
      leftSection={<IconPlus size={14} aria-hidden />}
      onClick={() => {
        setOpen({ group: null });
      }}
    >
      Create a group
    </Button>
  );
  return (
    <Page
      title="Groups"
      below="Named sets of people. A workspace can be about the people of some groups only."
      actions={list.data !== undefined && list.data.data.length > 0 && create}
    >
      <Sections label="Personnel" sections={PEOPLE_SECTIONS} />
      <Loaded query={list} label="groups">
        {({ data }) =>
          data.length === 0 ? (
            <Empty title="There are no groups yet" actions={create}>
              A group has people by a rule, such as everybody with one of some job titles, or people you choose one by
              one. Under Settings, Workspaces, a workspace can be limited to groups.
            </Empty>
          ) : (
            <Panel title="Groups" aside={counted(data.length, 'group', 'groups')}>
              <Rows label="Groups" columns={columns} rows={data} rowKey={({ id }) => id} />
            </Panel>
          )
        }
      </Loaded>
      {open !== undefined && (
        <GroupDialog
          group={open.group}
          sources={sources}
          save={(form) => save(open.group, form)}
          close={() => {
            setOpen(undefined);
          }}
        />
      )}
      <Confirm
        opened={leaving !== undefined}
        close={() => {
          setLeaving(undefined);
        }}
        title={`Delete ${leaving?.name ?? 'the group'}?`}
        action="Delete the group"
        act={() => (leaving === undefined ? Promise.resolve() : remove(leaving))}
      >
        <Text size="sm">
          {people(leaving?.personnelCount ?? 0)} {leaving?.personnelCount === 1 ? 'belongs' : 'belong'} to it. They
          stay; the group goes, and tests that name it find nobody in it any more.
        </Text>
      </Confirm>
    </Page>
  );
}

function inWords(rule: GroupRule | null, sourceName: (id: number) => string): string {
  if (rule === null) return 'Chosen one by one';
  const said = [
    rule.jobTitles === undefined ? '' : `title is ${rule.jobTitles.join(' or ')}`,
    rule.emailDomains === undefined ? '' : `address at ${rule.emailDomains.join(' or ')}`,
    rule.connectionIds === undefined ? '' : `from ${rule.connectionIds.map(sourceName).join(' or ')}`,
  ]
    .filter((part) => part !== '')
    .join(', and ');
  return said.charAt(0).toUpperCase() + said.slice(1);
}

const FIELDS = ['name', 'jobTitles', 'emailDomains', 'connectionIds'] as const;
const TYPING_PAUSE = 300;

function GroupDialog({
  group,
  sources,
  save,
  close,
}: {
  group: Group | null;
  sources: readonly Connection[];
  save: (form: GroupForm) => Promise<unknown>;
  close: () => void;
}) {
  const [name, setName] = useState(group?.name ?? '');
  const [by, setBy] = useState<'rule' | 'hand'>(group !== null && group.rule === null ? 'hand' : 'rule');
  const [titles, setTitles] = useState<string[]>(group?.rule?.jobTitles ?? []);
  const [domains, setDomains] = useState<string[]>(group?.rule?.emailDomains ?? []);
  const [from, setFrom] = useState<string[]>((group?.rule?.connectionIds ?? []).map(String));
  const rule: GroupRule = {};
  if (titles.length > 0) rule.jobTitles = titles;
  if (domains.length > 0) rule.emailDomains = domains;
  if (from.length > 0) rule.connectionIds = from.map(Number);
  const doing = useMutation({
    mutationFn: () =>
      by === 'rule' && Object.keys(rule).length === 0
        ? Promise.reject(new Told('Fill in at least one part of the rule, or choose people one by one.'))
        : save({ name, rule: by === 'rule' ? rule : null }),
    onSuccess: close,
  });
  const refused = (field: (typeof FIELDS)[number]) => errorAt(doing.error, FIELDS, field) ?? null;
  return (
    <FormDialog
      title={group === null ? 'Create a group' : `Edit ${group.name}`}
      close={close}
      action={group === null ? 'Create' : 'Save'}
      doing={doing}
      fields={FIELDS}
    >
      <TextInput
        label="Name"
        required
        data-autofocus
        value={name}
        error={refused('name')}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <SegmentedControl
        aria-label="Who belongs to it"
        value={by}
        data={[
          { value: 'rule', label: 'By a rule' },
          { value: 'hand', label: 'Chosen one by one' },
        ]}
        onChange={(value) => {
          setBy(value === 'hand' ? 'hand' : 'rule');
        }}
      />
      {by === 'rule' ? (
        <>
          <TagsInput
            label="Job title is one of"
            description="In any case. Press Enter after each."
            value={titles}
            error={refused('jobTitles')}
            onChange={setTitles}
          />
          <TagsInput
            label="Address is at one of"
            description="Domains such as example.com."
            value={domains}
            error={refused('emailDomains')}
            onChange={setDomains}
          />
          {sources.length > 0 && (
            <MultiSelect
              label="Comes from one of"
              description="HR systems."
              data={sources.map(({ id, clientAlias }) => ({
                value: String(id),
                label: clientAlias ?? `Connection ${String(id)}`,
              }))}
              value={from}
              error={refused('connectionIds')}
              onChange={setFrom}
            />
          )}
          <RulePreview rule={rule} was={group?.personnelCount} />
        </>
      ) : (
        <Text size="sm">
          {group !== null && group.rule !== null
            ? `The ${people(group.personnelCount)} of the rule stay in the group. From then on you add and remove people yourself.`
            : 'You add and remove people under People: choose them there.'}
        </Text>
      )}
    </FormDialog>
  );
}

/** Says in numbers what a rule means. */
function RulePreview({ rule, was }: { rule: GroupRule; was: number | undefined }) {
  const [asked] = useDebouncedValue(rule, TYPING_PAUSE);
  const some = Object.keys(asked).length > 0;
  const preview = useQuery({ ...groupPreviewQuery(asked), enabled: some });
  return (
    <Text size="sm" role="status">
      {!some || preview.data === undefined
        ? 'Every part that you fill in must be true of a person.'
        : `The rule is true of ${people(preview.data.personnelCount)}${was === undefined ? '' : `; ${was.toLocaleString('en')} belong to the group now`}.`}
    </Text>
  );
}
