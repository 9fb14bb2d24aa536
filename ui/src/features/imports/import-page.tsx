import { Button, FileButton, Group, Stack, Textarea } from '@mantine/core';
import { IconFileUpload } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { Chosen, ImportKind } from '@/shared/api/imports';
import { sizeOf } from '@/shared/format/number';
import { Dialog } from '@/shared/ui/dialog';
import { DropHint, DropZone } from '@/shared/ui/drop-zone';
import { Page, Panel } from '@/shared/ui/page';
import { KINDS } from '@/features/imports/kinds';
import classes from '@/features/imports/import.module.css';

/** A page that takes in a file of people or assets. */
export function ImportPage({
  kind,
  file,
  choose,
  links,
  children,
}: {
  kind: ImportKind;
  file: Chosen | undefined;
  choose: (content: Blob, name: string) => void;
  /** Files to begin with. */
  links: { template: string; present: string };
  /** What the server says of the file. */
  children: ReactNode;
}) {
  const { title, list, to, below } = KINDS[kind];
  return (
    <Page
      title={title}
      above={
        <Link to={to} activeOptions={{ exact: true }}>
          {list}
        </Link>
      }
      below={below}
    >
      <FilePanel file={file} choose={choose} links={links} />
      {children}
    </Page>
  );
}

function FilePanel({
  file,
  choose,
  links,
}: {
  file: Chosen | undefined;
  choose: (content: Blob, name: string) => void;
  links: { template: string; present: string };
}) {
  const [pasting, setPasting] = useState(false);
  const take = (chosen: File | null | undefined) => {
    if (chosen) choose(chosen, chosen.name);
  };
  return (
    <Panel
      title={file === undefined ? 'The file' : file.name}
      aside={
        file === undefined ? (
          <>
            <a href={links.template} download>
              An example
            </a>
            {' · '}
            <a href={links.present} download>
              What is there now
            </a>
          </>
        ) : (
          sizeOf(file.content.size)
        )
      }
    >
      <DropZone
        label="Choose a file"
        drop={([first]) => {
          take(first);
        }}
      >
        <FileButton onChange={take} accept=".csv,.txt,text/csv">
          {(button) => (
            <Button
              {...button}
              size="xs"
              variant={file === undefined ? 'filled' : 'default'}
              leftSection={<IconFileUpload size={14} stroke={1.8} aria-hidden />}
            >
              {file === undefined ? 'Choose a file' : 'Choose another file'}
            </Button>
          )}
        </FileButton>
        <Button
          size="xs"
          variant="default"
          onClick={() => {
            setPasting(true);
          }}
        >
          Paste rows
        </Button>
        <DropHint>
          or drop it here.
          {file === undefined &&
            ' CSV in UTF-8, with commas or semicolons, up to 100,000 rows and 32 MB. The first line names the columns. An empty cell leaves a field as it is, “null” clears it.'}
        </DropHint>
      </DropZone>
      {pasting && (
        <Paste
          close={() => {
            setPasting(false);
          }}
          take={(text) => {
            choose(new Blob([text], { type: 'text/csv' }), 'Pasted rows');
            setPasting(false);
          }}
        />
      )}
    </Panel>
  );
}

function Paste({ take, close }: { take: (text: string) => void; close: () => void }) {
  const [text, setText] = useState('');
  return (
    <Dialog title="Paste rows" size="lg" close={close}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          take(text);
        }}
      >
        <Stack gap={14}>
          <Textarea
            label="Rows"
            description="The first line names the columns, as in a file."
            autosize
            minRows={8}
            maxRows={20}
            data-autofocus
            classNames={{ input: classes.pasted ?? '' }}
            value={text}
            onChange={(event) => {
              setText(event.currentTarget.value);
            }}
          />
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={close}>
              Cancel
            </Button>
            <Button type="submit">See what they would change</Button>
          </Group>
        </Stack>
      </form>
    </Dialog>
  );
}
