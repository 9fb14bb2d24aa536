import { Button, Group, Progress, Switch } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ImportKind, type ImportResult, type ImportRow, MOST_ERRORS } from '@/shared/api/imports';
import type { KeysetRows } from '@/shared/api/keyset-rows';
import { count, counted } from '@/shared/format/number';
import { CountCards, CountCardText, countCard } from '@/shared/ui/count-cards';
import { LinkButton } from '@/shared/ui/link-button';
import { Panel } from '@/shared/ui/page';
import { Failure } from '@/shared/ui/states';
import { Verdict } from '@/shared/ui/verdict';
import { VirtualTable } from '@/shared/ui/virtual-table';
import { KINDS, said, type Shown, SHOWN } from '@/features/imports/kinds';
import { RowDrawer, rowColumns } from '@/features/imports/rows';
import classes from '@/features/imports/import.module.css';

export type ImportSearch = {
  show?: Shown | undefined;
  /** Whether rows that cannot be taken are left out. */
  skip?: 'yes' | undefined;
  /** The line that is open. */
  line?: number | undefined;
};

type Change = (change: ImportSearch) => void;

type Saving = { begin: () => void; pending: boolean };

/** A file on its way, and then in the hands of the server. */
export function Way({ label, then, over }: { label: string; then: string; over: number }) {
  const sent = over >= 1;
  return (
    <div className={classes.way} role="status">
      <span>{sent ? then : label} …</span>
      <Progress.Root>
        <Progress.Section
          value={sent ? 100 : Math.round(over * 100)}
          animated={sent}
          aria-label={sent ? then : label}
        />
      </Progress.Root>
    </div>
  );
}

/** What the server says of a file, and what can be done with it. */
export function Preview({
  kind,
  search,
  whole,
  settled,
  rows,
  apply,
  saving,
}: {
  kind: ImportKind;
  search: ImportSearch;
  whole: ImportResult;
  /** Whether the whole is what was asked for, not yet what was asked for before. */
  settled: boolean;
  rows: KeysetRows<ImportRow>;
  /** Takes the file in; over is how much of it is sent, undefined while nothing is. */
  apply: { begin: () => void; error: Error | null; over: number | undefined };
  saving: Saving;
}) {
  const navigate = useNavigate();
  const set: Change = (change) =>
    void navigate({
      to: '.',
      search: ((before: ImportSearch) => ({ ...before, ...change })) as never,
      replace: true,
      resetScroll: false,
    });
  if (whole.numRows === 0) return <Unread whole={whole} />;
  const changing = whole.numCreated + whole.numUpdated;
  const figures: Record<Shown, number> = {
    new: whole.numCreated,
    changed: whole.numUpdated,
    refused: whole.numRefused,
  };
  return (
    <>
      <Verdict
        tone={!whole.canApply ? 'bad' : changing === 0 ? 'none' : 'good'}
        label="What the server says of the file"
      >
        <span className={classes.verdict}>
          <b>{verdictOf(whole, kind)}</b>
          {whole.ignoredColumns.length > 0 && (
            <span className={classes.sub}>Columns that do not count: {whole.ignoredColumns.join(', ')}.</span>
          )}
        </span>
        {whole.canApply && settled && changing > 0 && apply.over === undefined && (
          <Button size="xs" onClick={apply.begin}>
            Import {KINDS[kind].unit(changing)}
          </Button>
        )}
      </Verdict>
      {apply.over !== undefined && (
        <Way label="Sending the file" then="The server takes it in, all in one step" over={apply.over} />
      )}
      {apply.error !== null && <Failure error={apply.error} />}
      <Figures figures={figures} unchanged={whole.numUnchanged} search={search} />
      {(whole.numRefused > 0 || search.skip === 'yes') && (
        <div className={classes.tools}>
          <Switch
            size="sm"
            label="Leave out the rows that cannot be taken"
            checked={search.skip === 'yes'}
            disabled={apply.over !== undefined}
            onChange={(event) => {
              set({ skip: event.currentTarget.checked ? 'yes' : undefined });
            }}
          />
          {whole.numRefused > 0 && <SaveErrors refused={whole.numRefused} saving={saving} />}
        </div>
      )}
      {rows.error !== null && <Failure error={rows.error} retry={rows.refetch} />}
      {rows.ended && rows.known === 0 ? (
        <Panel title="Rows">
          <p className={classes.none}>
            {search.show === undefined ? 'No row changes anything.' : 'No row is like that.'}
          </p>
        </Panel>
      ) : (
        <Panel title="Rows" aside={rows.total !== null && counted(rows.total, 'row')}>
          <VirtualTable
            label="Rows of the file"
            unit="row"
            columns={rowColumns}
            rows={rows}
            rowKey={({ line }) => String(line)}
            opened={search.line === undefined ? undefined : String(search.line)}
            onOpen={({ line }) => {
              set({ line });
            }}
          />
        </Panel>
      )}
      <RowDrawer
        kind={kind}
        row={openRow(rows, search.line)}
        close={() => {
          set({ line: undefined });
        }}
      />
    </>
  );
}

function openRow(rows: KeysetRows<ImportRow>, line: number | undefined): ImportRow | undefined {
  for (let at = 0; line !== undefined && at < rows.known; at++) {
    const row = rows.row(at);
    if (row?.line === line) return row;
  }
  return undefined;
}

/** What becomes of a file, in a sentence. */
function verdictOf({ canApply, numCreated, numUpdated, numRefused }: ImportResult, kind: ImportKind): string {
  const out = numRefused === 0 ? '' : ` ${counted(numRefused, 'row')} ${numRefused === 1 ? 'is' : 'are'} left out.`;
  if (!canApply)
    return `${counted(numRefused, 'row')} cannot be taken, so nothing would be imported. Mend ${
      numRefused === 1 ? 'it' : 'them'
    } in the file, or leave ${numRefused === 1 ? 'it' : 'them'} out.`;
  if (numCreated + numUpdated === 0) return `The file changes nothing.${out}`;
  return `${KINDS[kind].unit(numCreated)} would be new, ${count(numUpdated)} changed.${out}`;
}

function Figures({
  figures,
  unchanged,
  search,
}: {
  figures: Record<Shown, number>;
  unchanged: number;
  search: ImportSearch;
}) {
  return (
    <CountCards label="What becomes of the rows">
      {SHOWN.map(({ value, title }) => (
        <Link
          key={value}
          to="."
          search={
            ((before: ImportSearch) => ({
              ...before,
              line: undefined,
              show: search.show === value ? undefined : value,
            })) as never
          }
          replace
          resetScroll={false}
          activeOptions={{ exact: true, explicitUndefined: true }}
          {...countCard({ current: search.show === value, grave: value === 'refused' && figures[value] > 0 })}
        >
          <CountCardText figure={figures[value]} title={title} text={TEXTS[value]} />
        </Link>
      ))}
      <div {...countCard({ current: false, grave: false })}>
        <CountCardText figure={unchanged} title="As before" text="They say what is there already." />
      </div>
    </CountCards>
  );
}

const TEXTS: Record<Shown, string> = {
  new: 'They are not here yet.',
  changed: 'Fields become what the file says.',
  refused: 'They cannot be taken as they are.',
};

function SaveErrors({ refused, saving }: { refused: number; saving: Saving }) {
  return (
    <Button
      size="xs"
      variant="default"
      loading={saving.pending}
      leftSection={<IconDownload size={14} stroke={1.8} aria-hidden />}
      onClick={saving.begin}
    >
      {refused > MOST_ERRORS ? `Download the first ${count(MOST_ERRORS)} errors` : 'Download the errors'}
    </Button>
  );
}

/** Why a file cannot be read at all, in the server's words. */
function Unread({ whole }: { whole: ImportResult }) {
  return (
    <>
      <Verdict tone="bad" label="What the server says of the file">
        <b>The file cannot be read. Nothing would be imported.</b>
      </Verdict>
      <Panel title="What is wrong">
        <ul className={classes.problems}>
          {whole.errors.map(({ line, column, message }, at) => (
            <li key={at}>
              {line !== null && <b>Line {line}</b>}
              {column !== null && <code>{column}</code>}
              <span>{said(message)}</span>
            </li>
          ))}
          {whole.moreErrors > 0 && <li>And {count(whole.moreErrors)} more.</li>}
        </ul>
      </Panel>
    </>
  );
}

/** What became of a file. */
export function Done({ kind, whole, saving }: { kind: ImportKind; whole: ImportResult; saving: Saving }) {
  const { unit, to, see } = KINDS[kind];
  return (
    <Verdict tone="good" label="What was imported">
      <span className={classes.verdict} role="status">
        <b>The file is imported.</b>
        <span className={classes.sub}>
          {unit(whole.numCreated)} new, {count(whole.numUpdated)} changed, {count(whole.numUnchanged)} as before
          {whole.numRefused > 0 && `, ${counted(whole.numRefused, 'row')} left out`}.
        </span>
      </span>
      <Group gap={8}>
        {whole.numRefused > 0 && <SaveErrors refused={whole.numRefused} saving={saving} />}
        <LinkButton size="xs" to={to} search={{ sort: 'updatedAt', sortDir: 'DESC' }}>
          {see}
        </LinkButton>
      </Group>
    </Verdict>
  );
}
