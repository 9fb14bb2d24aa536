import classes from '@/shared/ui/address.module.css';

/** An e-mail address below a name; a long one breaks at its sign, not in the middle of a word. */
export function Address({ of }: { of: string }) {
  const at = of.lastIndexOf('@');
  return (
    <span className={classes.address}>
      {of.slice(0, Math.max(at, 0))}
      {at > 0 && <wbr />}
      {of.slice(Math.max(at, 0))}
    </span>
  );
}
