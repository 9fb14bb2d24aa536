import { jsonText, jsonTokens } from '@/shared/api/json';
import { Copy } from '@/shared/ui/copy';
import classes from '@/shared/ui/json-view.module.css';

/** A JSON value, indented and coloured, with a button that copies it. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  return (
    <div className={classes.frame}>
      <div className={classes.copy}>
        <Copy text={jsonText(value)} label={`Copy ${label}`} />
      </div>
      <pre className={classes.text} tabIndex={0} aria-label={label}>
        {jsonTokens(value).map((token, at) => (
          <span key={at} className={classes[token.kind]}>
            {token.text}
          </span>
        ))}
      </pre>
    </div>
  );
}
