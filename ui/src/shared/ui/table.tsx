import type { ReactNode } from 'react';
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
  return (
    <div className={classes.scroll} role="region" aria-label={label} tabIndex={0}>
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
