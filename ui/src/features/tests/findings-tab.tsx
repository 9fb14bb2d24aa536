import { Button, TextInput } from '@mantine/core';
import { useNavigate } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { ExclusionPolicy } from '@/shared/api/exclusion-policy';
import type { Exclusion, NewExclusion } from '@/shared/api/exclusions';
import type { KeysetRows } from '@/shared/api/keyset-rows';
import type { FindingFilter } from '@/shared/api/tests';
import type { Finding, TestDetail } from '@/shared/api/types';
import { count, counted } from '@/shared/format/number';
import { dayInWords } from '@/shared/format/time';
import { Filters, SearchField } from '@/shared/ui/filters';
import { Marked } from '@/shared/ui/marked';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { BulkBar } from '@/shared/ui/selection';
import { Empty, Failure } from '@/shared/ui/states';
import { type VirtualColumn, VirtualTable } from '@/shared/ui/virtual-table';
import { ExcludeDialog } from '@/features/tests/exclude-dialog';
import { FindingDrawer } from '@/features/tests/finding-drawer';
import classes from '@/features/tests/findings-tab.module.css';

const RECORD: VirtualColumn<Finding> = {
  id: 'record',
  header: 'Record',
  cell: (finding) => (
    <>
      <span className={classes.name}>{finding.resourceName}</span>
      {finding.recordId !== null && finding.recordId !== finding.resourceName && (
        <span className={classes.id}>{finding.recordId}</span>
      )}
    </>
  ),
};

const CONNECTION: VirtualColumn<Finding> = {
  id: 'connection',
  header: 'Connection',
  width: 190,
  wideOnly: true,
  cell: (finding) => finding.providerName,
};

const CAUSE: VirtualColumn<Finding> = {
  id: 'cause',
  header: 'Why',
  width: 420,
  wideOnly: true,
  cell: (finding) => (
    <span className={classes.cause} title={finding.causeText.join('\n')}>
      <Marked text={finding.causeText[0] ?? ''} />
      {finding.causeText.length > 1 && ` (and ${finding.causeText.length - 1} more)`}
    </span>
  ),
};

const FAILING: VirtualColumn<Finding>[] = [
  RECORD,
  CAUSE,
  CONNECTION,
  {
    id: 'since',
    header: 'Failing since',
    width: 130,
    end: true,
    sort: 'since',
    cell: (finding) => <RelativeTime at={finding.failedSince} never="unknown" />,
  },
];

const COLUMNS = { failing: FAILING, passing: [RECORD, CONNECTION], errors: [RECORD, CAUSE, CONNECTION] };

export type FindingsKind = keyof typeof COLUMNS;

function titleOf(kind: FindingsKind, { counts }: TestDetail): string {
  if (kind === 'failing') return 'Failing records';
  if (kind === 'errors') return 'Records that cannot be evaluated';
  return counts.satisfying === undefined ? 'Passing records' : 'Records that satisfy the conditions';
}

/** The records that fail or pass a test, or are in error: searched, ordered, opened, excluded. */
export function FindingsTab({
  kind,
  test,
  rows,
  filter,
  today,
  opened,
  policy,
  exclude,
  excluded,
  more,
}: {
  kind: FindingsKind;
  test: TestDetail;
  rows: KeysetRows<Finding>;
  filter: FindingFilter;
  /** As YYYY-MM-DD in UTC. */
  today: string;
  /** The findings of the record that is open, undefined while none is. */
  opened: { recordId: string; findings: Finding[] | undefined; error: Error | null } | undefined;
  policy: ExclusionPolicy | undefined;
  /** Left out where one may not. */
  exclude: ((exclusion: NewExclusion) => Promise<Exclusion>) | undefined;
  /** Told once after some records were excluded. */
  excluded: (exclusions: Exclusion[]) => void;
  more?: ReactNode;
}) {
  const navigate = useNavigate({ from: '/tests/$testId' });
  const [selected, setSelected] = useState<ReadonlyMap<string, Finding>>(new Map());
  const [excluding, setExcluding] = useState<Finding[]>([]);
  const failing = kind === 'failing';
  const { q, asOf, sortDir = 'DESC' } = filter;
  const past = asOf !== undefined;
  const title = titleOf(kind, test);
  const set = (change: FindingFilter & { finding?: string | undefined }) => {
    setSelected(new Map());
    void navigate({ search: (search) => ({ ...search, ...change }), replace: true });
  };
  const open = (recordId: string | undefined) =>
    void navigate({ search: (search) => ({ ...search, finding: recordId }), resetScroll: false });
  const may = failing && !past && exclude !== undefined;

  const choose = (keys: ReadonlySet<string>) => {
    const known = new Map([...selected].filter(([key]) => keys.has(key)));
    // What was just chosen is in sight, so it can be read.
    for (let at = 0; known.size < keys.size && at < rows.known; at++) {
      const row = rows.row(at);
      if (row !== undefined && keys.has(row.id)) known.set(row.id, row);
    }
    setSelected(known);
  };
  const chosen = [...selected.values()].filter((finding) => finding.recordId !== null);

  return (
    <>
      <Filters label={`Narrow the list: ${title.toLowerCase()}`}>
        {!past && (
          <SearchField
            label="Search records"
            value={q}
            onChange={(value) => {
              set({ q: value });
            }}
          />
        )}
        {failing && (
          <label className={classes.day}>
            As of the end of
            <TextInput
              type="date"
              size="xs"
              max={today}
              value={asOf ?? ''}
              onChange={(event) => {
                const day = event.currentTarget.value;
                set({ asOf: day === '' ? undefined : day, q: undefined });
              }}
            />
          </label>
        )}
        {more}
      </Filters>
      {past && (
        <p className={classes.past}>
          As it was at the end of {dayInWords(asOf)} (UTC), with the records and the logic of then.{' '}
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => {
              set({ asOf: undefined });
            }}
          >
            Back to now
          </Button>
        </p>
      )}
      {rows.error !== null && <Failure error={rows.error} retry={rows.refetch} />}
      {rows.ended && rows.known === 0 ? (
        <Nothing kind={kind} test={test} narrowed={q !== undefined} past={past} />
      ) : (
        <Panel
          title={title}
          aside={
            rows.total === null
              ? rows.ended
                ? counted(rows.known, 'record')
                : undefined
              : counted(rows.total, 'record')
          }
        >
          {may && (
            <BulkBar
              chosen={chosen.length}
              unit="record"
              clear={() => {
                setSelected(new Map());
              }}
            >
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => {
                  setExcluding(chosen);
                }}
              >
                Exclude…
              </Button>
            </BulkBar>
          )}
          <VirtualTable
            label={title}
            unit="record"
            columns={COLUMNS[kind]}
            rows={rows}
            rowKey={(finding) => finding.id}
            rowName={(finding) => finding.resourceName}
            sorted={{ by: 'since', descending: sortDir === 'DESC' }}
            onSort={({ descending }) => {
              set({ sortDir: descending ? undefined : 'ASC' });
            }}
            onOpen={(finding) => {
              if (finding.recordId !== null) open(finding.recordId);
            }}
            opened={opened?.findings?.[0]?.id}
            {...(may ? { selected: new Set(selected.keys()), onSelect: choose } : {})}
          />
        </Panel>
      )}
      <FindingDrawer
        test={test}
        opened={opened}
        close={() => {
          open(undefined);
        }}
        exclude={
          may
            ? (findings) => {
                setExcluding(findings);
              }
            : undefined
        }
      />
      {exclude !== undefined && (
        <ExcludeDialog
          findings={excluding}
          policy={policy}
          exclude={exclude}
          now={Date.parse(`${today}T00:00:00Z`)}
          close={(made) => {
            setExcluding([]);
            if (made.length === 0) return;
            setSelected(new Map());
            if (opened !== undefined) open(undefined);
            excluded(made);
          }}
        />
      )}
    </>
  );
}

const NONE = {
  failing: 'No record fails',
  passing: 'No record passes',
  errors: 'Every record in scope can be evaluated',
};

function Nothing({
  kind,
  test,
  narrowed,
  past,
}: {
  kind: FindingsKind;
  test: TestDetail;
  narrowed: boolean;
  past: boolean;
}) {
  if (narrowed) return <Empty title="No record has this text in its name or id" />;
  if (past) return <Empty title="No record failed then" />;
  if (test.checkResultStatus === 'READY') {
    return <Empty title="There is no verdict yet">Publish the test, or wait until its first pass is done.</Empty>;
  }
  if (test.counts.inScope === 0 && test.counts.excluded === 0) {
    return <Empty title="No record is in scope, so none is tested" />;
  }
  return (
    <Empty title={NONE[kind]}>
      {kind === 'failing' &&
        test.counts.excluded > 0 &&
        `${count(test.counts.excluded)} excluded, see the tab Excluded.`}
    </Empty>
  );
}
