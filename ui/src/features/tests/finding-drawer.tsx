import { Button, CopyButton } from '@mantine/core';
import type { Cause, Finding, TestDetail } from '@/shared/api/types';
import { cut, jsonLine } from '@/shared/api/json';
import { Facts } from '@/shared/ui/facts';
import { Marked } from '@/shared/ui/marked';
import { RecordLink } from '@/shared/ui/record-link';
import { RelativeTime } from '@/shared/ui/relative-time';
import { DrawerPart, SideDrawer } from '@/shared/ui/side-drawer';
import { Empty, Failure, Loading } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import { ticketText } from '@/features/tests/ticket';
import classes from '@/features/tests/finding-drawer.module.css';

const VALUE = 1_000;

/** Why one record fails, condition by condition, and what can be done about it. */
export function FindingDrawer({
  test,
  opened,
  close,
  exclude,
}: {
  test: TestDetail;
  opened: { recordId: string; findings: Finding[] | undefined; error: Error | null } | undefined;
  close: () => void;
  exclude: ((findings: Finding[]) => void) | undefined;
}) {
  const findings = opened?.findings ?? [];
  const [first] = findings;
  return (
    <SideDrawer
      opened={opened !== undefined}
      close={close}
      title={first?.resourceName ?? opened?.recordId ?? ''}
      actions={
        first !== undefined && (
          <>
            {exclude !== undefined && (
              <Button
                size="xs"
                onClick={() => {
                  exclude([first]);
                }}
              >
                Exclude…
              </Button>
            )}
            {first.causeText.length > 0 && (
              <CopyButton value={ticketText(test, findings, window.location.href)}>
                {({ copied, copy }) => (
                  <Button size="xs" variant="default" onClick={copy}>
                    {copied ? 'Copied' : 'Copy as ticket'}
                  </Button>
                )}
              </CopyButton>
            )}
          </>
        )
      }
    >
      {opened?.error ? (
        <Failure error={opened.error} />
      ) : opened !== undefined && opened.findings === undefined ? (
        <Loading label="the finding" rows={4} />
      ) : first === undefined ? (
        <Empty title="This record is not in the list any more" />
      ) : (
        <>
          <Facts
            facts={[
              [
                'Record',
                <RecordLink
                  key="record"
                  connectionId={first.connectionId}
                  resourceId={first.resourceId}
                  recordId={first.recordId}
                >
                  {first.recordId ?? first.resourceName}
                </RecordLink>,
              ],
              ['Connection', first.providerName],
              first.failedSince === null
                ? null
                : ['Failing since', <RelativeTime key="since" at={first.failedSince} />],
            ]}
          />
          {findings.map((finding) => (
            <FindingPart key={finding.id} finding={finding} />
          ))}
        </>
      )}
    </SideDrawer>
  );
}

function FindingPart({ finding }: { finding: Finding }) {
  if (finding.causeText.length === 0 && finding.cause.length === 0) return null;
  return (
    <DrawerPart title="Why it fails">
      <ul className={classes.causes}>
        {finding.causeText.map((text, at) => (
          <li key={at}>
            <Marked text={text} />
          </li>
        ))}
      </ul>
      {finding.cause.length > 0 && <CauseTable causes={finding.cause} of={finding.resourceName} />}
    </DrawerPart>
  );
}

function CauseTable({ causes, of }: { causes: Cause[]; of: string }) {
  return (
    <Rows
      label={`Conditions of ${of}`}
      rows={causes.map((cause, at) => ({ ...cause, at }))}
      rowKey={(cause) => cause.at}
      columns={[
        {
          id: 'fact',
          header: 'Attribute',
          cell: (cause) => (
            <code className={classes.code}>
              {cause.fact}
              {cause.path && ` ${cause.path}`}
            </code>
          ),
        },
        { id: 'operator', header: 'Operator', cell: (cause) => <code className={classes.code}>{cause.operator}</code> },
        {
          id: 'expected',
          header: 'Expected',
          cell: (cause) => <code className={classes.code}>{cut(jsonLine(cause.value), VALUE)}</code>,
        },
        { id: 'actual', header: 'Actual', cell: (cause) => <code className={classes.code}>{actual(cause)}</code> },
      ]}
    />
  );
}

// The server leaves the value out when the record does not have the fact.
function actual(cause: Cause): string {
  const value = cause.factResult === undefined ? 'absent' : cut(jsonLine(cause.factResult), VALUE);
  return cause.reason ? `${value} (${cause.reason})` : value;
}
