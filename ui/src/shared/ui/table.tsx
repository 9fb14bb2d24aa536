import { Checkbox } from '@mantine/core';
import { IconArrowDown, IconArrowUp } from '@tabler/icons-react';
import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import type { Selection } from '@/shared/ui/selection';
import classes from '@/shared/ui/table.module.css';

export type Column<Row> = {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the end of their column. */
  end?: boolean;
  /** Left out where the page is too narrow; the first column then tells it. */
  wideOnly?: boolean;
  /** The order that the server has for this column, and where it begins. */
  sort?: { by: string; first: SortDir } | undefined;
};

export type SortDir = 'ASC' | 'DESC';

/** The order of a list, as the server names it. */
export type Order = { sort: string; sortDir: SortDir };

/** A table of rows that scrolls sideways when its columns need more room. */
export function Rows<Row>({
  label,
  columns,
  rows,
  rowKey,
  nowrap = false,
  even = false,
  order,
  onOrder,
  selection,
}: {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string | number;
  /** Cells keep to one line. */
  nowrap?: boolean;
  /** Figures stand in columns of one width, so that tables below each other line up. */
  even?: boolean;
  order?: Order;
  /** Called when a reader asks for the order of a column. */
  onOrder?: (order: Order) => void;
  /** Rows that are chosen for one action on all of them. */
  selection?: Selection & { name: (row: Row) => string };
}) {
  const look = (column: Column<Row>) => ({
    'data-end': column.end === true || undefined,
    'data-wide-only': column.wideOnly === true || undefined,
  });
  const frame = useRef<HTMLDivElement>(null);
  const scrolls = useScrolls(frame);
  return (
    <div ref={frame} className={classes.scroll} role="group" aria-label={label} tabIndex={scrolls ? 0 : undefined}>
      <table className={classes.table} data-nowrap={nowrap || undefined} data-even={even || undefined}>
        <thead>
          <tr>
            {selection !== undefined && (
              <th scope="col" className={classes.pick}>
                <Checkbox
                  size="xs"
                  aria-label="Choose all on this page"
                  checked={rows.length > 0 && rows.every((row) => selection.has(rowKey(row)))}
                  indeterminate={
                    rows.some((row) => selection.has(rowKey(row))) && !rows.every((row) => selection.has(rowKey(row)))
                  }
                  onChange={(event) => {
                    selection.set(rows.map(rowKey), event.currentTarget.checked);
                  }}
                />
              </th>
            )}
            {columns.map((column) => (
              <th key={column.id} scope="col" {...look(column)} {...sorted(column, order)}>
                {column.sort === undefined || onOrder === undefined ? (
                  column.header
                ) : (
                  <SortButton header={column.header} sort={column.sort} order={order} onOrder={onOrder} />
                )}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)} data-chosen={selection?.has(rowKey(row)) === true || undefined}>
              {selection !== undefined && (
                <td className={classes.pick}>
                  <Checkbox
                    size="xs"
                    aria-label={`Choose ${selection.name(row)}`}
                    checked={selection.has(rowKey(row))}
                    onChange={(event) => {
                      selection.set([rowKey(row)], event.currentTarget.checked);
                    }}
                  />
                </td>
              )}
              {columns.map((column) => (
                <td key={column.id} {...look(column)}>
                  {column.cell(row)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function sorted<Row>(column: Column<Row>, order: Order | undefined): { 'aria-sort'?: 'ascending' | 'descending' } {
  if (column.sort === undefined || column.sort.by !== order?.sort) return {};
  return { 'aria-sort': order.sortDir === 'ASC' ? 'ascending' : 'descending' };
}

function SortButton({
  header,
  sort,
  order,
  onOrder,
}: {
  header: string;
  sort: { by: string; first: SortDir };
  order: Order | undefined;
  onOrder: (order: Order) => void;
}) {
  const dir = order?.sort === sort.by ? order.sortDir : undefined;
  const other = dir === 'ASC' ? 'DESC' : 'ASC';
  return (
    <button
      type="button"
      className={classes.sort}
      onClick={() => {
        onOrder({ sort: sort.by, sortDir: dir === undefined ? sort.first : other });
      }}
    >
      {header}
      {dir === 'ASC' && <IconArrowUp size={13} aria-hidden />}
      {dir === 'DESC' && <IconArrowDown size={13} aria-hidden />}
    </button>
  );
}

// Only a table that has something out of sight is a stop for the keyboard.
function useScrolls(frame: RefObject<HTMLDivElement | null>): boolean {
  const [scrolls, setScrolls] = useState(false);
  useEffect(() => {
    const outer = frame.current;
    if (outer === null) return;
    const observer = new ResizeObserver(() => {
      setScrolls(outer.scrollWidth > outer.clientWidth);
    });
    observer.observe(outer);
    for (const inner of outer.children) observer.observe(inner);
    return () => {
      observer.disconnect();
    };
  }, [frame]);
  return scrolls;
}
