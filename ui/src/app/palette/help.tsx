import { Switch, Table } from '@mantine/core';
import { useRouter } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import { COMMAND_KEY, hasSingleKeys, JUMPS, setSingleKeys } from '@/app/palette/keys';
import { Dialog } from '@/shared/ui/dialog';
import classes from '@/app/palette/palette.module.css';

/** The keys that do something everywhere. */
export function KeysHelp({ close }: { close: () => void }) {
  const router = useRouter();
  const [single, setSingle] = useState(hasSingleKeys);
  const rows: [ReactNode, string][] = [
    [keys(COMMAND_KEY, 'K'), 'Search and actions'],
    [keys('/'), 'To the filter of the page'],
    [keys('?'), 'These keys'],
    ...JUMPS.filter(({ to }) => to in router.routesByPath).map(({ key, word }): [ReactNode, string] => [
      <>
        {keys('g')} then {keys(key)}
      </>,
      word,
    ]),
  ];
  return (
    <Dialog close={close} title="Keys">
      <Table verticalSpacing={6} withRowBorders={false} className={classes.keys ?? ''}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Press</Table.Th>
            <Table.Th>For</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map(([key, word]) => (
            <Table.Tr key={word}>
              <Table.Td>{key}</Table.Td>
              <Table.Td>{word}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Switch
        mt="md"
        label="Use keys without Ctrl or ⌘"
        description="Turn this off if you speak to your computer, or press keys by accident."
        checked={single}
        onChange={(event) => {
          setSingle(event.currentTarget.checked);
          setSingleKeys(event.currentTarget.checked);
        }}
      />
    </Dialog>
  );
}

function keys(...names: string[]): ReactNode {
  return names.map((name, at) => (
    <span key={name}>
      {at > 0 && ' '}
      <kbd>{name}</kbd>
    </span>
  ));
}
