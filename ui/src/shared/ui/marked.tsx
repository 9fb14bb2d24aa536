import { Fragment } from 'react';
import classes from '@/shared/ui/marked.module.css';

/** A sentence of the server, in which names of attributes stand in backquotes. */
export function Marked({ text }: { text: string }) {
  const parts = text.split('`');
  // A backquote without its partner is just a character.
  const paired = parts.length % 2 === 1 ? parts.length : parts.length - 1;
  return parts.map((part, at) =>
    at >= paired ? (
      <Fragment key={at}>{`\`${part}`}</Fragment>
    ) : at % 2 === 1 ? (
      <code key={at} className={classes.name}>
        {part}
      </code>
    ) : (
      <Fragment key={at}>{part}</Fragment>
    ),
  );
}
