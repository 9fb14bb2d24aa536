import { Link, useNavigate } from '@tanstack/react-router';
import type { App, AppKind } from '@/shared/api/devices';
import type { KeysetRows } from '@/shared/api/keyset-rows';
import { counted } from '@/shared/format/number';
import { SearchField } from '@/shared/ui/filters';
import { Panel } from '@/shared/ui/page';
import { Pills } from '@/shared/ui/pills';
import { Empty, Failure } from '@/shared/ui/states';
import { type VirtualColumn, VirtualTable } from '@/shared/ui/virtual-table';
import classes from '@/features/assets/assets.module.css';

export const APP_KINDS: readonly { value: Exclude<AppKind, 'APPLICATION'> | undefined; label: string }[] = [
  { value: undefined, label: 'Applications' },
  { value: 'BROWSER_EXTENSION', label: 'Browser extensions' },
  { value: 'WINDOWS_SERVICE', label: 'Windows services' },
];

const COLUMNS: VirtualColumn<App>[] = [
  { id: 'name', header: 'Name', cell: ({ program }) => program.name },
  { id: 'version', header: 'Version', width: 140, cell: ({ program }) => program.version ?? '' },
  {
    id: 'about',
    header: 'About',
    width: 260,
    wideOnly: true,
    cell: ({ program: { description, startType, status } }) =>
      [description, startType, status].filter(Boolean).join(' · '),
  },
];

/** What runs on a device. */
export function AppsPanel({ kind, q, rows }: { kind: AppKind; q: string | undefined; rows: KeysetRows<App> }) {
  const navigate = useNavigate({ from: '/devices/$deviceId' });
  const word = APP_KINDS.find(({ value }) => value === kind)?.label ?? 'Applications';
  const total = rows.total ?? (rows.ended ? rows.known : null);
  return (
    <>
      <Pills
        label="What is installed"
        name="kind"
        value={kind === 'APPLICATION' ? undefined : kind}
        choices={APP_KINDS}
      />
      <Panel title={word} aside={total === null ? undefined : counted(total, 'entry', 'entries')}>
        <div className={classes.tools}>
          <SearchField
            label="Search by name"
            value={q}
            onChange={(text) => void navigate({ search: (before) => ({ ...before, q: text }), resetScroll: false })}
          />
        </div>
        {rows.error !== null && <Failure error={rows.error} retry={rows.refetch} />}
        {rows.ended && rows.known === 0 ? (
          <Empty
            title={q === undefined ? 'Nothing was reported' : 'Nothing is called so'}
            actions={
              q !== undefined && (
                <Link from="/devices/$deviceId" to="." search={(before) => ({ ...before, q: undefined })}>
                  Show all
                </Link>
              )
            }
          >
            {q === undefined
              ? 'A report may name what is installed: appList, browserExtensions and windowsServices.'
              : 'No name has this text.'}
          </Empty>
        ) : (
          <VirtualTable label={word} unit="entry" columns={COLUMNS} rows={rows} rowKey={({ id }) => String(id)} />
        )}
      </Panel>
    </>
  );
}
