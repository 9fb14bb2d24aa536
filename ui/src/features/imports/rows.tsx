import { Link } from '@tanstack/react-router';
import type { ImportKind, ImportLine, ImportRow } from '@/shared/api/imports';
import { count } from '@/shared/format/number';
import { DrawerPart, SideDrawer } from '@/shared/ui/side-drawer';
import { Rows } from '@/shared/ui/table';
import type { VirtualColumn } from '@/shared/ui/virtual-table';
import { KINDS, outcomeWord, said } from '@/features/imports/kinds';
import classes from '@/features/imports/import.module.css';

const empty = <span className={classes.dim}>empty</span>;

export const rowColumns: VirtualColumn<ImportRow>[] = [
  { id: 'what', header: 'What it does', cell: (row) => <What row={row} /> },
  { id: 'outcome', header: 'Outcome', width: 110, cell: (row) => <Outcome row={row} /> },
  { id: 'line', header: 'Line', width: 84, end: true, cell: ({ line }) => line },
];

function Outcome({ row }: { row: ImportRow }) {
  return (
    <span className={classes.outcome} data-is={row.does?.outcome ?? 'REFUSED'}>
      {outcomeWord(row)}
    </span>
  );
}

function What({ row: { does, error } }: { row: ImportRow }) {
  if (error !== undefined)
    return (
      <span title={error.message}>
        {error.column !== null && <code className={classes.column}>{error.column}</code>} {said(error.message)}
        {error.also.length > 0 && <span className={classes.dim}> · and {count(error.also.length)} more</span>}
      </span>
    );
  if (does === undefined) return null;
  return (
    <>
      <b>{does.name}</b>{' '}
      <span className={classes.dim}>
        {does.changes
          .map(({ field, old, new: now }) => `${field}: ${old === null ? '' : `${old} → `}${now ?? 'empty'}`)
          .join(' · ')}
        {does.kept.length > 0 && `${does.changes.length > 0 ? ' · ' : ''}kept: ${does.kept.join(', ')}`}
      </span>
    </>
  );
}

/** All of one row. */
export function RowDrawer({ kind, row, close }: { kind: ImportKind; row: ImportRow | undefined; close: () => void }) {
  return (
    <SideDrawer
      opened={row !== undefined}
      close={close}
      title={row === undefined ? '' : `Line ${row.line}${row.does === undefined ? '' : `: ${row.does.name}`}`}
      actions={row !== undefined && <Outcome row={row} />}
    >
      {row?.error !== undefined && (
        <DrawerPart title="Why it cannot be taken">
          {[row.error, ...row.error.also].map(({ column, message }, at) => (
            <p key={at} className={classes.message}>
              {column !== null && <code className={classes.column}>{column}</code>} {said(message)}
            </p>
          ))}
        </DrawerPart>
      )}
      {row?.does !== undefined && <Does kind={kind} does={row.does} />}
    </SideDrawer>
  );
}

function Does({ kind, does }: { kind: ImportKind; does: ImportLine }) {
  return (
    <>
      {does.id !== null && (
        <p className={classes.message}>
          {kind === 'personnel' ? (
            <Link to="/personnel/$personId" params={{ personId: does.id }}>
              {does.name}
            </Link>
          ) : (
            <Link to="/assets/$assetId" params={{ assetId: does.id }}>
              {does.name}
            </Link>
          )}
        </p>
      )}
      {does.changes.length > 0 && (
        <DrawerPart title="What would change">
          <Rows
            label="What would change"
            rows={does.changes}
            rowKey={({ field }) => field}
            columns={[
              { id: 'field', header: 'Column', cell: ({ field }) => <code>{field}</code> },
              { id: 'old', header: 'Now', cell: ({ old }) => old ?? empty },
              { id: 'new', header: 'Then', cell: ({ new: now }) => now ?? empty },
            ]}
          />
        </DrawerPart>
      )}
      {does.kept.length > 0 && (
        <DrawerPart title="Left as they are">
          <p className={classes.message}>
            {does.kept.join(', ')}. {KINDS[kind].kept}
          </p>
        </DrawerPart>
      )}
    </>
  );
}
