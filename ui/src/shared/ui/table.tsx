import { type ReactNode, type RefObject, useEffect, useRef, useState } from 'react';
import classes from '@/shared/ui/table.module.css';

export type Column<Row> = {
  id: string;
  header: string;
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the end of their column. */
  end?: boolean;
  /** Left out where the page is too narrow; the first column then tells it. */
  wideOnly?: boolean;
};

/** A table of rows that scrolls sideways when its columns need more room. */
export function Rows<Row>({
  label,
  columns,
  rows,
  rowKey,
  nowrap = false,
  even = false,
}: {
  label: string;
  columns: Column<Row>[];
  rows: Row[];
  rowKey: (row: Row) => string | number;
  /** Cells keep to one line. */
  nowrap?: boolean;
  /** Figures stand in columns of one width, so that tables below each other line up. */
  even?: boolean;
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
            {columns.map((column) => (
              <th key={column.id} scope="col" {...look(column)}>
                {column.header}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row) => (
            <tr key={rowKey(row)}>
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
