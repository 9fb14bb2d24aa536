import { jsonText, jsonTokens } from '@/shared/api/json';
import { Copy } from '@/shared/ui/copy';
import classes from '@/shared/ui/json-view.module.css';

// A browser draws a text of megabytes at once, but not as many coloured spans.
const COLOURED = 100_000;

/** A JSON value, indented and coloured, with a button that copies it. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  const text = jsonText(value);
  return (
    <div className={classes.frame}>
      <div className={classes.copy}>
        <Copy text={text} label={`Copy ${label}`} />
      </div>
      <pre className={classes.text} tabIndex={0} aria-label={label}>
        {text.length > COLOURED
          ? text
          : jsonTokens(value).map((token, at) => (
              <span key={at} className={classes[token.kind]}>
                {token.text}
              </span>
            ))}
      </pre>
    </div>
  );
}
