import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import type { TestDetail } from '@/shared/api/types';
import { counted } from '@/shared/format/number';
import { RecordLink } from '@/shared/ui/record-link';
import { RelativeTime } from '@/shared/ui/relative-time';
import classes from '@/features/tests/diagnosis.module.css';

type Group = NonNullable<TestDetail['groups']>[number];

/** What the result means, and what to do about it. Nothing while all is well. */
export function Diagnosis({ test, mayEdit }: { test: TestDetail; mayEdit: boolean }) {
  if (test.checkStatus === 'DISABLED') {
    return (
      <Note tone="ready">
        The test is disabled: it is not evaluated and counts for no control.
        {test.disabledReason && ` Reason: ${test.disabledReason}.`}
      </Note>
    );
  }
  const reasons = (test.resultReason ?? '').split(',').filter((each) => each !== '');
  const groups = test.groups ?? [];
  const edit = mayEdit && (
    <Link to="/tests/$testId/edit" params={{ testId: test.testId }}>
      Edit the test
    </Link>
  );
  const notes = reasons.flatMap((reason): ReactNode[] => {
    switch (reason) {
      case 'NOT_RUN':
        return [
          <Note key={reason} tone="ready">
            {test.version === null
              ? 'The test was never published, so it has no verdict yet. Run the draft to see what it would say.'
              : 'The first pass over all records is going on. The verdict comes when it is done.'}
          </Note>,
        ];
      case 'NO_DATA':
        return groups
          .filter((group) => of(group, reason))
          .map((group) => <NoData key={group.name} group={group} edit={edit} />);
      case 'STALE':
        return groups
          .flatMap((group) => group.staleResources)
          .filter((resource, at, all) => all.findIndex((each) => each.resourceId === resource.resourceId) === at)
          .map((resource) => (
            <Note key={resource.resourceId} tone="error">
              The data of{' '}
              <RecordLink connectionId={resource.connectionId} resourceId={resource.resourceId}>
                {resource.resourceName}
              </RecordLink>{' '}
              was last confirmed <RelativeTime at={resource.freshAt} />; its limit is{' '}
              {counted(resource.freshnessHours ?? 0, 'hour')}. Push it anew, and look whether its collector still runs.
            </Note>
          ));
      case 'SCHEMA_DRIFT':
        return groups
          .filter((group) => of(group, reason))
          .map((group) => (
            <Note key={group.name} tone="error">
              The schema of <ResourceLink group={group} /> has no {named(group.missingProperties)} any more, which the
              rule asks for. Bring it back in the schema, or change the rule. {edit}
            </Note>
          ));
      case 'RULE_ERROR':
        return groups
          .filter((group) => of(group, reason))
          .map((group) => (
            <Note key={group.name} tone="error">
              {group.counts.errors > 0
                ? `The rule cannot be evaluated on ${counted(group.counts.errors, 'record')} of `
                : 'The rule cannot be evaluated over '}
              <ResourceLink group={group} />. {edit}
            </Note>
          ));
      default:
        return [];
    }
  });
  return notes.length === 0 ? null : <div className={classes.notes}>{notes}</div>;
}

const of = (group: Group, reason: string) => (group.resultReason ?? '').split(',').includes(reason);

function named(properties: string[]): string {
  return properties.length === 0 ? 'property' : properties.map((each) => `“${each}”`).join(', ');
}

function ResourceLink({ group }: { group: Group }) {
  return (
    <RecordLink connectionId={group.connectionId} resourceId={group.resourceId}>
      {group.resourceName}
    </RecordLink>
  );
}

function NoData({ group, edit }: { group: Group; edit: ReactNode }) {
  return (
    <Note tone="error">
      {group.counts.records === 0 ? (
        <>
          <ResourceLink group={group} /> has no records, so nothing is proved. Push its data.
        </>
      ) : group.counts.excluded > 0 && group.counts.outOfScope + group.counts.excluded === group.counts.records ? (
        <>
          Every record in scope of <ResourceLink group={group} /> is excluded, so nothing is proved.
        </>
      ) : (
        <>
          None of the {counted(group.counts.records, 'record')} of <ResourceLink group={group} /> is in scope, so
          nothing is proved. Look at the filter of the test. {edit}
        </>
      )}
    </Note>
  );
}

function Note({ tone, children }: { tone: 'error' | 'ready'; children: ReactNode }) {
  return (
    <p className={classes.note} data-tone={tone}>
      {children}
    </p>
  );
}
