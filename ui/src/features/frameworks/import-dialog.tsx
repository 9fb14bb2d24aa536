import { FileInput, Text, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { Told } from '@/shared/api/errors';
import {
  type FrameworkImport,
  type Framework,
  importFramework,
  templateAddress,
  type Upload,
} from '@/shared/api/frameworks';
import { counted } from '@/shared/format/number';
import { formatOf } from '@/features/frameworks/import-format';
import { FormDialog } from '@/shared/ui/form-dialog';
import { Rows } from '@/shared/ui/table';
import classes from '@/features/frameworks/import-dialog.module.css';

/** Imports a framework from a file: first it tells what would come of it, and what is wrong at which line. */
export function ImportDialog({
  workspaceId,
  close,
  done,
}: {
  workspaceId: number;
  close: () => void;
  done: (framework: Framework) => void;
}) {
  const [file, setFile] = useState<File | null>(null);
  const [name, setName] = useState('');
  const [shortName, setShortName] = useState('');
  const upload = async (): Promise<Upload> => {
    if (file === null) throw new Told('Choose a file first.');
    const text = await file.text();
    return { format: formatOf(file.name, text), text, name: name.trim(), shortName: shortName.trim() };
  };
  const look = useMutation({ mutationFn: async () => importFramework(workspaceId, await upload(), true) });
  const write = useMutation({
    mutationFn: async () => importFramework(workspaceId, await upload(), false),
    onSuccess: (made) => {
      if (made.framework !== undefined) done(made.framework);
      close();
    },
  });
  const found = look.data;
  const again = () => {
    look.reset();
    write.reset();
  };
  return (
    <FormDialog
      title="Import a framework"
      size="lg"
      close={close}
      action={found === undefined ? 'Look at the file' : `Import ${counted(found.numRequirements, 'requirement')}`}
      doing={found === undefined ? look : write}
      disabled={found === undefined ? file === null : found.numProblems > 0}
    >
      <Text size="sm">
        An OSCAL catalog (JSON), or a CSV file with one requirement a line.{' '}
        <a href={templateAddress(workspaceId)} download>
          Download the CSV template
        </a>
      </Text>
      <FileInput
        label="File"
        placeholder="Choose a file"
        accept=".json,.csv,application/json,text/csv"
        required
        value={file}
        onChange={(chosen) => {
          setFile(chosen);
          again();
        }}
      />
      <TextInput
        label="Name"
        description="If it is empty, the catalog's title is taken. A CSV file has none."
        value={name}
        onChange={(event) => {
          setName(event.currentTarget.value);
          again();
        }}
      />
      <TextInput
        label="Short name"
        description="If it is empty, the beginning of the name is taken."
        value={shortName}
        onChange={(event) => {
          setShortName(event.currentTarget.value);
          again();
        }}
      />
      {found !== undefined && <Found found={found} />}
    </FormDialog>
  );
}

function Found({ found }: { found: FrameworkImport }) {
  if (found.numProblems > 0) {
    return (
      <section className={classes.problems} role="alert" aria-label="What is wrong with the file">
        <b>{counted(found.numProblems, 'problem')}: nothing is imported before they are mended.</b>
        <ul>
          {found.problems.map((problem, at) => (
            <li key={at}>
              <span className={classes.where}>
                {problem.row === null ? (problem.pointer ?? '') : `Line ${problem.row}`}
              </span>{' '}
              {problem.message}
            </li>
          ))}
        </ul>
        {found.numProblems > found.problems.length && <p>and {found.numProblems - found.problems.length} more.</p>}
      </section>
    );
  }
  return (
    <section className={classes.found} aria-label="What will be imported">
      <p>
        <b>{found.name}</b> ({found.shortName}): {counted(found.numRequirements, 'requirement')},{' '}
        {counted(found.numMappings, 'mapping')} to controls
        {found.numSkipped > 0 && `, ${counted(found.numSkipped, 'withdrawn one')} left out`}
      </p>
      <div className={classes.preview}>
        <Rows
          label="The first requirements"
          rows={found.requirements.slice(0, 8)}
          rowKey={(requirement) => requirement.code}
          columns={[
            { id: 'code', header: 'Code', cell: ({ code }) => code },
            { id: 'name', header: 'Name', cell: ({ name }) => name },
            { id: 'group', header: 'Group', wideOnly: true, cell: ({ category }) => category ?? '' },
          ]}
        />
      </div>
    </section>
  );
}
