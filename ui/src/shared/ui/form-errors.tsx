import { ApiError } from '@/shared/api/errors';
import { fieldOf } from '@/shared/api/field-of';
import { explain } from '@/shared/ui/states';
import classes from '@/shared/ui/form-errors.module.css';

/** What the server said of a form as a whole; what it said of a field stands beside the field. */
export function Notice({ error, fields }: { error: Error | null; fields: readonly string[] }) {
  if (error === null || fieldOf(error, fields) !== undefined) return null;
  return (
    <div role="alert" className={classes.notice}>
      {sentence(error)}
    </div>
  );
}

/** A refusal as a sentence for people. */
export function sentence(error: Error): string {
  if (!(error instanceof ApiError)) return explain(error).title;
  const text = error.message.replaceAll(/ ?\((?:\/[^/()\s]+)+\)/g, '').replaceAll('`', '');
  return text.charAt(0).toUpperCase() + text.slice(1);
}

/** The refusal of one field, or nothing. */
export function errorAt<Field extends string>(
  error: Error | null,
  fields: readonly Field[],
  field: Field,
): string | undefined {
  return error !== null && fieldOf(error, fields) === field ? sentence(error) : undefined;
}
