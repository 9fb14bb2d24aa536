import { TextInput } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useMemo } from 'react';
import { type Document, filterGroups, type Operation, operationsByTag } from '@/features/reference/document';
import { OperationBody } from '@/features/reference/operation-body';
import { counted } from '@/shared/format/number';
import { Page } from '@/shared/ui/page';
import { Empty } from '@/shared/ui/states';
import classes from '@/features/reference/reference-page.module.css';

/** The API reference: every operation of the OpenAPI document, by tag. */
export function ReferencePage({
  document,
  origin,
  opened,
  text,
  search,
}: {
  document: Document;
  origin: string;
  /** The id of the operation that is shown in full. */
  opened: string | undefined;
  text: string;
  search: (text: string) => void;
}) {
  const groups = useMemo(() => operationsByTag(document), [document]);
  const found = filterGroups(groups, text);
  const number = found.reduce((sum, group) => sum + group.operations.length, 0);
  return (
    <Page
      title="API reference"
      below={
        <>
          <span>
            {document.info?.title} {document.info?.version}
          </span>
          <a href="/public/openapi.json">OpenAPI document</a>
        </>
      }
    >
      {document.info?.description && <p className={classes.description}>{document.info.description}</p>}
      <TextInput
        type="search"
        aria-label="Filter operations"
        placeholder="Filter: records, POST, monitoring-tests …"
        value={text}
        className={classes.filter ?? ''}
        onChange={(event) => {
          search(event.currentTarget.value);
        }}
      />
      <p role="status" className={classes.number}>
        {counted(number, 'operation')}
      </p>
      {found.length === 0 && <Empty title="No operation fits">Change the filter.</Empty>}
      {found.map((group) => (
        <section key={group.tag} className={classes.group} aria-label={group.tag}>
          <h2>{group.tag}</h2>
          {group.description !== '' && <p className={classes.description}>{group.description}</p>}
          <ul className={classes.operations}>
            {group.operations.map((operation) => (
              <li key={operation.id} id={operation.id}>
                <OperationHead operation={operation} open={operation.id === opened} />
                {operation.id === opened && <OperationBody document={document} operation={operation} origin={origin} />}
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Page>
  );
}

function OperationHead({ operation, open }: { operation: Operation; open: boolean }) {
  return (
    <h3 className={classes.head}>
      <Link
        from="/docs"
        to="."
        search={(search) => ({ ...search, operation: open ? undefined : operation.id })}
        resetScroll={false}
        activeOptions={{ exact: true, explicitUndefined: true }}
        aria-expanded={open}
        className={classes.link}
      >
        <span className={classes.method} data-method={operation.method}>
          {operation.method}
        </span>
        <code className={classes.path}>{operation.path}</code>
        <span className={classes.summary}>
          {operation.summary}
          {operation.deprecated && ' (deprecated)'}
        </span>
      </Link>
    </h3>
  );
}
