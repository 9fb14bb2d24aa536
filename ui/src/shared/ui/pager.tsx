import { Link, useRouterState } from '@tanstack/react-router';
import { counted, count } from '@/shared/format/number';
import classes from '@/shared/ui/pager.module.css';

declare module '@tanstack/history' {
  interface HistoryState {
    /** The cursors of the pages before this one, the first page as "". */
    trail?: string[];
  }
}

type PageSearch = { cursor?: string | undefined };

const to = (cursor: string) => (search: PageSearch) => ({ ...search, cursor: cursor === '' ? undefined : cursor });

/**
 * Walks a keyset list. The page is in the address; the way back to the pages
 * before it is in the tab's history, because a cursor only leads onwards.
 */
export function Pager({
  cursor,
  next,
  shown,
  size,
  total,
  unit,
  units = `${unit}s`,
}: {
  cursor: string | undefined;
  next: string | null | undefined;
  /** How many rows this page shows. */
  shown: number;
  /** How many rows a full page has. */
  size: number;
  total: number | null | undefined;
  unit: string;
  /** More than one of it. */
  units?: string;
}) {
  const trail = useRouterState({ select: (state) => state.location.state.trail ?? [] });
  const known = cursor === undefined || trail.length > 0;
  const first = trail.length * size + 1;
  const range = `${count(first)}–${count(first + shown - 1)}`;
  const whole = cursor === undefined && !next;
  const previous = trail.at(-1);
  return (
    <nav className={classes.pager} aria-label={`Pages of ${units}`}>
      <span>
        {whole || !known || shown === 0
          ? counted(shown, unit, units)
          : `${range}${typeof total === 'number' ? ` of ${counted(total, unit, units)}` : ''}`}
      </span>
      {!whole && (
        <span className={classes.links}>
          {cursor !== undefined && (
            <Link
              to="."
              search={to('') as never}
              activeOptions={{ exact: true, explicitUndefined: true }}
              className={classes.link}
            >
              First
            </Link>
          )}
          {previous !== undefined && (
            <Link to="." search={to(previous) as never} state={{ trail: trail.slice(0, -1) }} className={classes.link}>
              Previous
            </Link>
          )}
          {next && (
            <Link
              to="."
              search={to(next) as never}
              state={{ trail: cursor === undefined ? [''] : known ? [...trail, cursor] : [] }}
              className={classes.link}
            >
              Next
            </Link>
          )}
        </span>
      )}
    </nav>
  );
}
