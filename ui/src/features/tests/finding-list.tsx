import { Link } from '@tanstack/react-router';
import type { Cause, Finding } from '@/shared/api/types';
import { cut, jsonLine } from '@/shared/api/json';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/tests/finding-list.module.css';

const VALUE = 1_000;

/** Failing records, each with its cause in the server's words and, opened, condition by condition. */
export function FailingRecords({ findings }: { findings: Finding[] }) {
  return (
    <ul className={classes.list}>
      {findings.map((finding) => (
        <li key={finding.id} className={classes.finding}>
          <div className={classes.head}>
            <RecordName finding={finding} />
            <span className={classes.meta}>
              <ResourceLink finding={finding} /> · failing since{' '}
              <RelativeTime at={finding.failedSince} never="unknown" />
            </span>
          </div>
          {finding.causeText.map((text, at) => (
            <p key={at} className={classes.cause}>
              {text}
            </p>
          ))}
          {finding.cause.length > 0 && (
            <details className={classes.details}>
              <summary>Conditions</summary>
              <CauseTable causes={finding.cause} of={finding.resourceName} />
            </details>
          )}
        </li>
      ))}
    </ul>
  );
}

export function PassingRecords({ findings }: { findings: Finding[] }) {
  return (
    <Rows
      label="Passing records"
      rows={findings}
      rowKey={(finding) => finding.id}
      columns={[
        { id: 'record', header: 'Record', cell: (finding) => <RecordName finding={finding} /> },
        { id: 'id', header: 'Id', wideOnly: true, cell: (finding) => finding.recordId },
        { id: 'connection', header: 'Connection', cell: (finding) => <ResourceLink finding={finding} /> },
      ]}
    />
  );
}

function RecordName({ finding }: { finding: Finding }) {
  return (
    <span className={classes.record}>
      {finding.recordId ? (
        <Link
          to="/connections/$connectionId/resources/$resourceId"
          params={{ connectionId: finding.connectionId, resourceId: finding.resourceId }}
          search={{ record: finding.recordId }}
        >
          {finding.resourceName}
        </Link>
      ) : (
        finding.resourceName
      )}
      {finding.recordId !== finding.resourceName && <span className={classes.id}>{finding.recordId}</span>}
    </span>
  );
}

function ResourceLink({ finding }: { finding: Finding }) {
  return (
    <Link
      to="/connections/$connectionId/resources/$resourceId"
      params={{ connectionId: finding.connectionId, resourceId: finding.resourceId }}
    >
      {finding.providerName}
    </Link>
  );
}

function CauseTable({ causes, of }: { causes: Cause[]; of: string }) {
  return (
    <Rows
      label={`Conditions of ${of}`}
      rows={causes.map((cause, at) => ({ ...cause, at }))}
      rowKey={(cause) => cause.at}
      columns={[
        { id: 'fact', header: 'Fact', cell: (cause) => <code>{cause.fact}</code> },
        { id: 'path', header: 'Path', cell: (cause) => (cause.path ? <code>{cause.path}</code> : '–') },
        { id: 'operator', header: 'Operator', cell: (cause) => <code>{cause.operator}</code> },
        { id: 'expected', header: 'Expected', cell: (cause) => <code>{cut(jsonLine(cause.value), VALUE)}</code> },
        { id: 'actual', header: 'Actual', cell: (cause) => <code>{actual(cause)}</code> },
        {
          id: 'holds',
          header: 'Holds',
          cell: (cause) => `${cause.result ? 'yes' : 'no'}${cause.reason ? ` (${cause.reason})` : ''}`,
        },
      ]}
    />
  );
}

// The server leaves the value out when the record does not have the fact.
function actual(cause: Cause): string {
  return cause.factResult === undefined ? 'absent' : cut(jsonLine(cause.factResult), VALUE);
}
