import { Link } from '@tanstack/react-router';
import type { Test } from '@/shared/api/types';
import { count } from '@/shared/format/number';
import { LinkButton } from '@/shared/ui/link-button';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { ResultChip } from '@/shared/ui/result-chip';
import { Empty } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';

/** Leads to the builder, with a new test over the resource. */
export function NewTest({ resourceId }: { resourceId: number }) {
  return (
    // The builder's page is another area of the app.
    <LinkButton size="xs" to={'/tests/new' as '/tests'} search={{ resource: resourceId } as object}>
      Write a test
    </LinkButton>
  );
}

/** The tests that look at a resource, with their results. */
export function TestsOver({ tests, resourceId, mayCreate }: { tests: Test[]; resourceId: number; mayCreate: boolean }) {
  if (tests.length === 0) {
    return (
      <Empty title="No test looks at this data yet">
        A test says what has to be true of every record, and tells which record breaks it since when.
        {mayCreate && (
          <div>
            <br />
            <NewTest resourceId={resourceId} />
          </div>
        )}
      </Empty>
    );
  }
  return (
    <Panel title="Tests over this data">
      <Rows
        label="Tests over this data"
        rows={tests}
        rowKey={(test) => test.testId}
        columns={[
          {
            id: 'name',
            header: 'Test',
            cell: (test) => (
              <Link to="/tests/$testId" params={{ testId: test.testId }}>
                {test.name}
              </Link>
            ),
          },
          {
            id: 'result',
            header: 'Result',
            cell: (test) => <ResultChip result={test.checkResultStatus} reason={test.resultReason} />,
          },
          { id: 'failing', header: 'Failing', end: true, cell: (test) => count(test.counts.failing) },
          {
            id: 'checked',
            header: 'Last check',
            end: true,
            wideOnly: true,
            cell: (test) => <RelativeTime at={test.lastCheckAt} />,
          },
        ]}
      />
    </Panel>
  );
}
