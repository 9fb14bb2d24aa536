import { useState } from 'react';
import { type Document, resolve, type Schema } from '@/features/reference/document';
import { alternativesOf, limits, type Property, propertiesOf, typeText } from '@/features/reference/schema';
import classes from '@/features/reference/schema-tree.module.css';

/** The properties of a schema; those of inner objects are drawn when opened, so circles do no harm. */
export function SchemaTree({ document, schema }: { document: Document; schema: Schema }) {
  const alternatives = alternativesOf(document, schema);
  const properties = propertiesOf(document, schema);
  return (
    <>
      {alternatives.map((alternative, at) => (
        <Inner key={at} document={document} schema={alternative} summary={typeText(document, alternative)} />
      ))}
      {properties.length > 0 && (
        <ul className={classes.properties}>
          {properties.map((property) => (
            <li key={property.name}>
              <PropertyLine document={document} property={property} />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}

function PropertyLine({ document, property: { name, required, schema } }: { document: Document; property: Property }) {
  const at = resolve(document, schema);
  const inner = propertiesOf(document, schema).length > 0 || alternativesOf(document, schema).length > 0;
  return (
    <>
      <code>{name}</code>
      {required && <span className={classes.required}>required</span>}
      <span className={classes.type}>{[typeText(document, schema), ...limits(at)].join(', ')}</span>
      {at.description && <span className={classes.description}>{at.description}</span>}
      {inner && <Inner document={document} schema={schema} summary={`Properties of ${name}`} />}
    </>
  );
}

function Inner({ document, schema, summary }: { document: Document; schema: Schema; summary: string }) {
  const [open, setOpen] = useState(false);
  return (
    <details
      className={classes.inner}
      onToggle={(event) => {
        setOpen(event.currentTarget.open);
      }}
    >
      <summary>{summary}</summary>
      {open && <SchemaTree document={document} schema={schema} />}
    </details>
  );
}
