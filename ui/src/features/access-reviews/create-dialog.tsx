import { MultiSelect, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { createReview, type NewReview, type Review } from '@/shared/api/access-reviews';
import { accountSummaryQuery, type AccountView } from '@/shared/api/accounts';
import { usersQuery } from '@/shared/api/users';
import { useMay } from '@/shared/auth/may';
import { counted } from '@/shared/format/number';
import { FormDialog } from '@/shared/ui/form-dialog';
import { errorAt } from '@/shared/ui/form-errors';

const FIELDS = ['name', 'connectionIds', 'reviewerIds', 'dueAt'] as const;
const USERS = 500;

/** Begins an access review of the accounts as they are now. */
export function CreateDialog({
  workspaceId,
  views,
  close,
  done,
}: {
  workspaceId: number;
  views: readonly { value: AccountView; label: string }[];
  close: () => void;
  done: (review: Review) => void;
}) {
  const [name, setName] = useState('');
  const [view, setView] = useState<AccountView>();
  const [connections, setConnections] = useState<string[]>([]);
  const [reviewers, setReviewers] = useState<string[]>([]);
  const [dueAt, setDueAt] = useState('');
  const mayUsers = useMay()('users-get');
  const summary = useQuery(accountSummaryQuery(workspaceId));
  const users = useQuery({ ...usersQuery({ state: 'ACTIVE', size: USERS }), enabled: mayUsers });
  const create = useMutation({
    mutationFn: () => {
      const body: NewReview = {
        name,
        ...(connections.length === 0 ? {} : { connectionIds: connections.map(Number) }),
        ...(view === undefined ? {} : { filter: { category: view } }),
        ...(reviewers.length === 0 ? {} : { reviewerIds: reviewers.map(Number) }),
        ...(dueAt === '' ? {} : { dueAt }),
      };
      return createReview(workspaceId, body);
    },
    onSuccess: done,
  });
  const named = new Map(
    (summary.data?.resources ?? [])
      .filter(({ categories }) => view === undefined || categories.includes(view))
      .map(({ connectionId, connectionName }) => [String(connectionId), connectionName]),
  );
  const error = (field: (typeof FIELDS)[number]) => errorAt(create.error, FIELDS, field) ?? null;
  return (
    <FormDialog title="New access review" close={close} action="Begin the review" doing={create} fields={FIELDS}>
      <TextInput
        label="Name"
        placeholder="Access of the first quarter"
        required
        data-autofocus
        value={name}
        error={error('name')}
        onChange={(event) => {
          setName(event.currentTarget.value);
        }}
      />
      <Select
        label="View"
        placeholder="All accounts"
        data={[...views]}
        clearable
        clearButtonProps={{ 'aria-label': 'Clear: View' }}
        value={view ?? null}
        onChange={(chosen) => {
          setView(views.find(({ value }) => value === chosen)?.value);
          setConnections([]);
        }}
      />
      <MultiSelect
        label="Connections"
        description="All of them if you choose none."
        data={[...named].map(([value, label]) => ({ value, label }))}
        searchable
        clearable
        clearButtonProps={{ 'aria-label': 'Clear: Connections' }}
        value={connections}
        error={error('connectionIds')}
        onChange={setConnections}
      />
      {mayUsers && (
        <MultiSelect
          label="Reviewers"
          description="Only they decide. Everybody who may if you choose nobody."
          data={(users.data?.data ?? []).map(({ id, displayName }) => ({ value: String(id), label: displayName }))}
          searchable
          clearable
          clearButtonProps={{ 'aria-label': 'Clear: Reviewers' }}
          value={reviewers}
          error={error('reviewerIds')}
          onChange={setReviewers}
        />
      )}
      <TextInput
        type="date"
        label="Due"
        description="The end of this day (UTC)."
        value={dueAt}
        error={error('dueAt')}
        onChange={(event) => {
          setDueAt(event.currentTarget.value);
        }}
      />
      {summary.data !== undefined && (
        <span>
          {counted(summary.data.all.accounts, 'account')} in the data now. Those out of scope are left out, and what
          comes later is not part of the review.
        </span>
      )}
    </FormDialog>
  );
}
