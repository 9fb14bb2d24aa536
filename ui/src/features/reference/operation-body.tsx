import { curl } from '@/features/reference/curl';
import type { Body, Document, Field, Operation } from '@/features/reference/document';
import { limits, typeText } from '@/features/reference/schema';
import { SchemaTree } from '@/features/reference/schema-tree';
import { Command } from '@/shared/ui/copy';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/reference/operation-body.module.css';

/** All that the document says of one operation. */
export function OperationBody({
  document,
  operation,
  origin,
}: {
  document: Document;
  operation: Operation;
  origin: string;
}) {
  return (
    <div className={classes.body}>
      {operation.description !== '' && <p className={classes.text}>{operation.description}</p>}
      {operation.scopes.length > 0 && (
        <p>
          The key needs the scope{' '}
          {operation.scopes.map((scope, at) => (
            <span key={scope}>
              {at > 0 && ' or '}
              <code>{scope}</code>
            </span>
          ))}
        </p>
      )}
      <Command text={curl(document, origin, operation)} label={`curl: ${operation.summary || operation.id}`} />
      {operation.fields.length > 0 && (
        <>
          <h4>Parameters</h4>
          <Fields document={document} fields={operation.fields} label={`Parameters of ${operation.id}`} />
        </>
      )}
      {operation.bodies.length > 0 && (
        <>
          <h4>Body</h4>
          <Bodies document={document} bodies={operation.bodies} />
        </>
      )}
      <h4>Replies</h4>
      <ul className={classes.answers}>
        {operation.answers.map((answer) => (
          <li key={answer.status}>
            <details>
              <summary>
                <strong>{answer.status}</strong> {answer.description}
              </summary>
              {answer.headers.length > 0 && (
                <Fields
                  document={document}
                  fields={answer.headers.map((header) => ({ ...header, place: 'header' }))}
                  label={`Headers of reply ${answer.status}`}
                />
              )}
              <Bodies document={document} bodies={answer.bodies} />
            </details>
          </li>
        ))}
      </ul>
    </div>
  );
}

function Bodies({ document, bodies }: { document: Document; bodies: Body[] }) {
  if (bodies.length === 0) return <p>No body.</p>;
  return bodies.map((body) => (
    <div key={body.contentType} className={classes.schema}>
      <p>
        <code>{body.contentType}</code>: {typeText(document, body.schema)}
      </p>
      <SchemaTree document={document} schema={body.schema} />
    </div>
  ));
}

function Fields({ document, fields, label }: { document: Document; fields: Field[]; label: string }) {
  return (
    <Rows
      label={label}
      rows={fields}
      rowKey={(field) => `${field.place} ${field.name}`}
      columns={[
        {
          id: 'name',
          header: 'Name',
          cell: (field) => (
            <>
              <code>{field.name}</code>
              {field.required && <span className={classes.required}> required</span>}
            </>
          ),
        },
        { id: 'place', header: 'In', cell: (field) => field.place },
        {
          id: 'type',
          header: 'Type',
          cell: (field) => [typeText(document, field.schema), ...limits(field.schema)].join(', '),
        },
        { id: 'description', header: 'Meaning', wideOnly: true, cell: (field) => field.description },
      ]}
    />
  );
}
