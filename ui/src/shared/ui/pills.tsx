import { Link } from '@tanstack/react-router';
import classes from '@/shared/ui/pills.module.css';

/** A few ways to look at one list, of which one holds; each is an address. */
export function Pills<Name extends string>({
  label,
  name,
  value,
  choices,
}: {
  label: string;
  /** The parameter of the address. */
  name: string;
  value: Name | undefined;
  choices: readonly { value: Name | undefined; label: string }[];
}) {
  return (
    <nav className={classes.pills} aria-label={label}>
      {choices.map((choice) => (
        <Link
          key={choice.label}
          to="."
          search={
            ((before: Record<string, unknown>) => ({ ...before, cursor: undefined, [name]: choice.value })) as never
          }
          className={classes.pill}
          activeOptions={{ exact: true, explicitUndefined: true }}
          aria-current={choice.value === value ? 'page' : undefined}
          data-current={choice.value === value || undefined}
        >
          {choice.label}
        </Link>
      ))}
    </nav>
  );
}
