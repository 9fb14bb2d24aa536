import { Checkbox, VisuallyHidden } from '@mantine/core';
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react';
import { columnVisibilityFeature, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import { type CSSProperties, type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef } from 'react';
import type { KeysetRows } from '@/shared/api/keyset-rows';
import classes from '@/shared/ui/virtual-table.module.css';

export type VirtualColumn<Row> = {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** In pixels; the first column takes what is left. */
  width?: number;
  /** Numbers and times stand at the end of their column. */
  end?: boolean;
  /** Left out where the page is narrow. */
  wideOnly?: boolean;
  /** The server's word for this order, where it knows one. */
  sort?: string;
};

export type Sorted = { by: string; descending: boolean };

const ROW = 36;
const WIDTH = 150;
const CHECK = 40;
const OVERSCAN = 12;
const features = tableFeatures({ columnVisibilityFeature });

type Place<Row> = { index: number; row: Row | undefined };

/**
 * A table of any length: only the rows in sight are drawn. Arrow keys, Page Up
 * and Page Down, Home and End move through the rows, Enter opens one and the
 * space bar selects it.
 */
export function VirtualTable<Row>({
  label,
  unit,
  columns,
  hidden,
  rows,
  rowKey,
  rowName,
  sorted,
  onSort,
  onOpen,
  opened,
  selected,
  onSelect,
  onKey,
}: {
  label: string;
  /** What one row is: "record". */
  unit: string;
  columns: VirtualColumn<Row>[];
  /** The ids of the columns that are not shown. */
  hidden?: readonly string[];
  rows: KeysetRows<Row>;
  rowKey: (row: Row) => string;
  /** What a row is called where it is selected. */
  rowName?: (row: Row) => string;
  sorted?: Sorted;
  onSort?: (next: Sorted) => void;
  onOpen?: (row: Row) => void;
  /** The key of the row that is open beside the table. */
  opened?: string | undefined;
  selected?: ReadonlySet<string>;
  onSelect?: (next: ReadonlySet<string>) => void;
  /**
   * Takes a key that is pressed on a row, and says whether the next row is wanted then; undefined for a key that means
   * nothing. With it j and k move as the arrows do.
   */
  onKey?: (key: string, row: Row) => 'next' | 'stay' | undefined;
}) {
  const frame = useRef<HTMLDivElement>(null);
  // A row that is to be focused once it is drawn.
  const wanted = useRef<number | null>(null);
  // eslint-disable-next-line react-hooks/incompatible-library -- it is read while drawing only and handed to nobody
  const virtual = useVirtualizer({
    count: rows.count,
    getScrollElement: () => frame.current,
    estimateSize: () => ROW,
    overscan: OVERSCAN,
    scrollPaddingStart: ROW,
  });
  const items = virtual.getVirtualItems();
  const first = items[0]?.index ?? 0;
  const last = items.at(-1)?.index ?? 0;
  const { show, name } = rows;
  useEffect(() => {
    show(first, last);
  }, [show, first, last, name]);
  const begun = useRef(name);
  useEffect(() => {
    if (begun.current === name) return;
    begun.current = name;
    // The router puts back where a frame was scrolled to; another list begins at its head.
    requestAnimationFrame(() => {
      virtual.scrollToOffset(0);
    });
  }, [virtual, name]);
  useEffect(() => {
    if (wanted.current === null) return;
    const row = frame.current?.querySelector<HTMLElement>(`tr[data-index="${wanted.current}"]`);
    if (row === null || row === undefined) return;
    wanted.current = null;
    row.focus({ preventScroll: true });
  });

  const places: Place<Row>[] = items.map(({ index }) => ({ index, row: rows.row(index) }));
  const definitions = useMemo(
    () =>
      columns.map((column) => ({
        id: column.id,
        header: column.header,
        cell: ({ row }: { row: { original: Place<Row> } }) =>
          row.original.row === undefined ? null : column.cell(row.original.row),
      })),
    [columns],
  );
  const table = useTable({
    features,
    columns: definitions,
    data: places,
    getRowId: (place: Place<Row>) => String(place.index),
    state: { columnVisibility: Object.fromEntries((hidden ?? []).map((id) => [id, false])) },
  });
  const shown = table.getVisibleLeafColumns().flatMap(({ id }) => columns.find((column) => column.id === id) ?? []);
  const look = (column: VirtualColumn<Row> | undefined) => ({
    'data-end': column?.end === true || undefined,
    'data-wide-only': column?.wideOnly === true || undefined,
  });
  const selects = selected !== undefined && onSelect !== undefined;
  const width = (wide: boolean) =>
    shown.reduce(
      (sum, column) => sum + (wide || column.wideOnly !== true ? (column.width ?? WIDTH) : 0),
      selects ? CHECK : 0,
    );

  const toggle = (keys: string[], on: boolean) => {
    const next = new Set(selected);
    for (const key of keys) {
      if (on) next.add(key);
      else next.delete(key);
    }
    onSelect?.(next);
  };
  const inView = places.flatMap(({ row }) => (row === undefined ? [] : [rowKey(row)]));

  const move = (event: KeyboardEvent<HTMLDivElement>) => {
    const target = event.target as HTMLElement;
    if (event.altKey || event.ctrlKey || event.metaKey || target.closest('thead') !== null) return;
    const line = target.closest<HTMLElement>('tr[data-index]');
    const at = line === null ? null : Number(line.dataset.index);
    const visible = Math.max(1, Math.floor((frame.current?.clientHeight ?? ROW) / ROW) - 2);
    const from = at ?? Math.ceil((virtual.scrollOffset ?? 0) / ROW);
    const to: Record<string, number> = {
      ArrowDown: at === null ? from : from + 1,
      ArrowUp: from - 1,
      PageDown: from + visible,
      PageUp: from - visible,
      Home: 0,
      End: rows.count - 1,
    };
    const go = (place: number) => {
      event.preventDefault();
      const index = Math.min(Math.max(place, 0), rows.count - 1);
      wanted.current = index;
      virtual.scrollToIndex(index);
      frame.current?.querySelector<HTMLElement>(`tr[data-index="${index}"]`)?.focus({ preventScroll: true });
    };
    const arrow = onKey === undefined ? undefined : { j: 'ArrowDown', k: 'ArrowUp' }[event.key];
    const next = to[arrow ?? event.key];
    if (next !== undefined && rows.count > 0) {
      go(next);
      return;
    }
    const keyed = at === null ? undefined : rows.row(at);
    const wants = keyed === undefined ? undefined : onKey?.(event.key, keyed);
    if (wants !== undefined) {
      event.preventDefault();
      if (wants === 'next' && at !== null) go(at + 1);
      return;
    }
    const row = at === null || line !== target ? undefined : rows.row(at);
    if (row === undefined) return;
    if (event.key === 'Enter' && onOpen !== undefined) {
      event.preventDefault();
      onOpen(row);
    } else if (event.key === ' ' && selects) {
      event.preventDefault();
      toggle([rowKey(row)], !selected.has(rowKey(row)));
    }
  };

  return (
    <div
      ref={frame}
      className={classes.frame}
      role="group"
      aria-label={label}
      tabIndex={0}
      onKeyDown={move}
      style={{ '--rows': Math.min(Math.max(rows.count, 3), 400) } as CSSProperties}
    >
      <table
        className={classes.table}
        aria-label={label}
        aria-rowcount={rows.ended ? rows.known + 1 : rows.total === null ? -1 : rows.total + 1}
        style={{ '--wide': `${width(true)}px`, '--narrow': `${width(false)}px` } as CSSProperties}
      >
        <colgroup>
          {selects && <col style={{ width: CHECK }} />}
          {shown.map((column, at) => (
            <col key={column.id} {...look(column)} style={at === 0 ? {} : { width: column.width ?? WIDTH }} />
          ))}
        </colgroup>
        <thead>
          <tr aria-rowindex={1}>
            {selects && (
              <th scope="col">
                <Checkbox
                  size="xs"
                  aria-label={`Select every ${unit} in view`}
                  disabled={inView.length === 0}
                  checked={inView.length > 0 && inView.every((key) => selected.has(key))}
                  indeterminate={inView.some((key) => selected.has(key)) && !inView.every((key) => selected.has(key))}
                  onChange={(event) => {
                    toggle(inView, event.currentTarget.checked);
                  }}
                />
              </th>
            )}
            {shown.map((column) => (
              <Header key={column.id} column={column} look={look(column)} sorted={sorted} onSort={onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          <Space height={items[0]?.start ?? 0} />
          {table.getRowModel().rows.map((line) => {
            const { index, row } = line.original;
            const key = row === undefined ? undefined : rowKey(row);
            return (
              <tr
                key={line.id}
                tabIndex={-1}
                data-index={index}
                data-opened={(key !== undefined && key === opened) || undefined}
                data-opens={onOpen !== undefined || undefined}
                aria-rowindex={index + 2}
                aria-busy={row === undefined || undefined}
                onClick={(event) => {
                  const target = event.target as HTMLElement;
                  if (row === undefined || target.closest('a, button, input, label') !== null) return;
                  if (window.getSelection()?.isCollapsed !== false) onOpen?.(row);
                }}
              >
                {selects && (
                  <td>
                    {row !== undefined && key !== undefined && (
                      <Checkbox
                        size="xs"
                        aria-label={`Select ${rowName?.(row) ?? key}`}
                        checked={selected.has(key)}
                        onChange={(event) => {
                          toggle([key], event.currentTarget.checked);
                        }}
                      />
                    )}
                  </td>
                )}
                {row === undefined ? (
                  <td colSpan={shown.length}>
                    <span className={classes.coming}>
                      <VisuallyHidden>Loading</VisuallyHidden>
                    </span>
                  </td>
                ) : (
                  line.getVisibleCells().map((cell) => (
                    <td key={cell.id} {...look(columns.find((column) => column.id === cell.column.id))}>
                      <table.FlexRender cell={cell} />
                    </td>
                  ))
                )}
              </tr>
            );
          })}
          <Space height={virtual.getTotalSize() - (items.at(-1)?.end ?? 0)} />
        </tbody>
      </table>
    </div>
  );
}

// Stands for the rows out of sight.
function Space({ height }: { height: number }) {
  return height <= 0 ? null : <tr aria-hidden className={classes.space} style={{ height }} />;
}

function Header<Row>({
  column,
  look,
  sorted,
  onSort,
}: {
  column: VirtualColumn<Row>;
  look: object;
  sorted: Sorted | undefined;
  onSort: ((next: Sorted) => void) | undefined;
}) {
  const { sort } = column;
  if (sort === undefined || onSort === undefined) {
    return (
      <th scope="col" title={column.header} {...look}>
        {column.header}
      </th>
    );
  }
  const on = sorted?.by === sort;
  const Arrow = !on ? IconArrowsSort : sorted.descending ? IconArrowDown : IconArrowUp;
  return (
    <th scope="col" aria-sort={!on ? 'none' : sorted.descending ? 'descending' : 'ascending'} {...look}>
      <button
        type="button"
        className={classes.sort}
        data-on={on || undefined}
        onClick={() => {
          onSort({ by: sort, descending: on ? !sorted.descending : true });
        }}
      >
        {column.header}
        <Arrow size={13} stroke={1.8} aria-hidden />
      </button>
    </th>
  );
}
