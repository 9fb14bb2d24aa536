import { NativeSelect } from '@mantine/core';
import { Link, useNavigate } from '@tanstack/react-router';
import type { Version, VersionDifference, VersionList } from '@/shared/api/runs';
import { Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Loaded } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import { Difference } from '@/features/tests/difference';
import classes from '@/features/tests/versions-tab.module.css';

type Loadable<Data> = { data: Data | undefined; error: Error | null; refetch: () => unknown };

const STATES: Record<Version['state'], string> = {
  published: 'Published',
  draft: 'Draft',
  superseded: 'Superseded',
  discarded: 'Discarded draft',
};

/** Every version of the logic, and what differs between two of them. */
export function VersionsTab({
  versions,
  cursor,
  size,
  pair,
  difference,
}: {
  versions: Loadable<VersionList>;
  cursor: string | undefined;
  size: number;
  /** The two that are compared; undefined where there are not two. */
  pair: { from: string; to: string } | undefined;
  difference: Loadable<VersionDifference>;
}) {
  const navigate = useNavigate({ from: '/tests/$testId' });
  const compare = (from: string, to: string) =>
    void navigate({ search: (search) => ({ ...search, from, to }), replace: true, resetScroll: false });
  return (
    <Loaded query={versions} label="versions">
      {({ data, pagination }) => {
        const choices = data.map((version) => ({
          value: String(version.version),
          label: `${version.version} · ${STATES[version.state]}${version.isInForce ? ', in force' : ''}`,
        }));
        return (
          <>
            {pair !== undefined && (
              <Panel
                title="What differs"
                aside={
                  <div className={classes.pair}>
                    <NativeSelect
                      size="xs"
                      aria-label="Older version"
                      data={choices}
                      value={pair.from}
                      onChange={(event) => {
                        compare(event.currentTarget.value, pair.to);
                      }}
                    />
                    <span>to</span>
                    <NativeSelect
                      size="xs"
                      aria-label="Newer version"
                      data={choices}
                      value={pair.to}
                      onChange={(event) => {
                        compare(pair.from, event.currentTarget.value);
                      }}
                    />
                  </div>
                }
              >
                <div className={classes.body}>
                  {pair.from === pair.to ? (
                    <p>Choose two versions.</p>
                  ) : (
                    <Loaded query={difference} label="the difference">
                      {(found) => <Difference difference={found} />}
                    </Loaded>
                  )}
                </div>
              </Panel>
            )}
            <Panel title="Versions">
              <Rows
                label="Versions"
                rows={data}
                rowKey={(version) => version.version}
                columns={[
                  {
                    id: 'version',
                    header: 'Version',
                    cell: (version) => (
                      <>
                        {version.version}
                        {version.isInForce && <span className={classes.mark}>in force</span>}
                      </>
                    ),
                  },
                  { id: 'state', header: 'State', cell: (version) => STATES[version.state] },
                  { id: 'note', header: 'Note', wideOnly: true, cell: (version) => version.note ?? '–' },
                  { id: 'author', header: 'By', wideOnly: true, cell: ({ author }) => author.name },
                  {
                    id: 'made',
                    header: 'Made',
                    end: true,
                    cell: (version) => <RelativeTime at={version.createdAt} />,
                  },
                  {
                    id: 'published',
                    header: 'Published',
                    end: true,
                    wideOnly: true,
                    cell: (version) => <RelativeTime at={version.publishedAt} never="–" />,
                  },
                  {
                    id: 'compare',
                    header: 'Difference',
                    end: true,
                    cell: (version) =>
                      version.version > 1 ? (
                        <Link
                          to="/tests/$testId"
                          from="/tests/$testId"
                          search={(search) => ({
                            ...search,
                            from: String(version.version - 1),
                            to: String(version.version),
                          })}
                          replace
                        >
                          to the one before
                        </Link>
                      ) : (
                        '–'
                      ),
                  },
                ]}
              />
              <Pager
                cursor={cursor}
                next={pagination.cursor}
                shown={data.length}
                size={size}
                total={pagination.totalCount}
                unit="version"
              />
            </Panel>
          </>
        );
      }}
    </Loaded>
  );
}
