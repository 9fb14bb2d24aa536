import { Button, Checkbox, Popover, ScrollArea, Stack } from '@mantine/core';
import { IconColumns3 } from '@tabler/icons-react';

/** Lets the reader choose which columns of a table are shown. */
export function ColumnMenu({
  columns,
  hidden,
  onChange,
}: {
  columns: readonly { id: string; header: string }[];
  /** The ids of the columns that are not shown. */
  hidden: readonly string[];
  onChange: (hidden: string[]) => void;
}) {
  return (
    <Popover position="bottom-end" withArrow shadow="md" trapFocus returnFocus>
      <Popover.Target>
        <Button variant="default" size="xs" leftSection={<IconColumns3 size={14} stroke={1.8} aria-hidden />}>
          Columns
        </Button>
      </Popover.Target>
      <Popover.Dropdown aria-label="Columns">
        <ScrollArea.Autosize mah={320} type="auto" offsetScrollbars>
          <Stack gap={8}>
            {columns.map(({ id, header }) => (
              <Checkbox
                key={id}
                size="xs"
                label={header}
                checked={!hidden.includes(id)}
                onChange={(event) => {
                  const shown = event.currentTarget.checked;
                  onChange(
                    columns.map((column) => column.id).filter((each) => (each === id ? !shown : hidden.includes(each))),
                  );
                }}
              />
            ))}
          </Stack>
        </ScrollArea.Autosize>
      </Popover.Dropdown>
    </Popover>
  );
}
