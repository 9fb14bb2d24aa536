import { Button, Menu } from '@mantine/core';
import { IconBraces, IconDownload, IconTable } from '@tabler/icons-react';
import { type ExportFormat, exportHref } from '@/shared/api/export-href';

const FORMS: readonly { format: ExportFormat; label: string; Icon: typeof IconTable }[] = [
  { format: 'csv', label: 'CSV, for spreadsheets', Icon: IconTable },
  { format: 'json', label: 'JSON', Icon: IconBraces },
  { format: 'ndjson', label: 'JSON, one object a line', Icon: IconBraces },
];

/**
 * Downloads a whole list, as it is filtered and sorted, not only the page that is shown. The links go to the server,
 * which writes the file while the browser saves it.
 */
export function ExportMenu({
  path,
  query = {},
  name,
}: {
  /** The list's path in the API, its parameters filled in: `/public/v2/events`. */
  path: string;
  /** The query with which the page reads the list; what belongs to one page of it is left out. */
  query?: Parameters<typeof exportHref>[1];
  /** What the list holds, in the plural: `records`. */
  name: string;
}) {
  return (
    <Menu position="bottom-end" withArrow shadow="md">
      <Menu.Target>
        <Button
          variant="default"
          size="xs"
          aria-label={`Export all ${name}`}
          leftSection={<IconDownload size={14} stroke={1.8} aria-hidden />}
        >
          Export
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>All {name} of this list</Menu.Label>
        {FORMS.map(({ format, label, Icon }) => (
          <Menu.Item
            key={format}
            component="a"
            href={exportHref(path, query, format)}
            download
            leftSection={<Icon size={14} stroke={1.8} aria-hidden />}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
