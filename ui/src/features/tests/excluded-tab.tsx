import type { Exclusion, ExclusionList } from '@/shared/api/exclusions';
import type { TestDetail } from '@/shared/api/types';
import { count, counted } from '@/shared/format/number';
import { Panel } from '@/shared/ui/page';
import { Pager } from '@/shared/ui/pager';
import { RelativeTime } from '@/shared/ui/relative-time';
import { RowButton } from '@/shared/ui/row-actions';
import { Empty, Loaded } from '@/shared/ui/states';
import { Rows } from '@/shared/ui/table';
import { categoryWord } from '@/shared/format/exclusion';
import classes from '@/features/tests/excluded-tab.module.css';

/** What does not count for this test, why, and until when. */
export function ExcludedTab({
  test,
  exclusions,
  cursor,
  size,
  end,
}: {
  test: TestDetail;
  exclusions: { data: ExclusionList | undefined; error: Error | null; refetch: () => unknown };
  cursor: string | undefined;
  size: number;
  /** Ends an exclusion; left out where one may not. */
  end: ((exclusion: Exclusion) => void) | undefined;
}) {
  return (
    <Loaded query={exclusions} label="exclusions">
      {({ data, pagination }) =>
        data.length === 0 && cursor === undefined ? (
          <Empty title="Nothing is excluded">
            To take a record out for a while, open it in the tab Failing and press Exclude.
          </Empty>
        ) : (
          <Panel title="Exclusions" aside={`${counted(test.counts.excluded, 'record')} excluded`}>
            <Rows
              label="Exclusions of this test"
              rows={data}
              rowKey={(exclusion) => exclusion.id}
              columns={[
                {
                  id: 'target',
                  header: 'What',
                  cell: (exclusion) => (
                    <>
                      <span className={classes.target}>{exclusion.targetName}</span>
                      {exclusion.selector && (
                        <span className={classes.reach}>
                          covered {count(exclusion.approved.matching)} when it was approved
                        </span>
                      )}
                    </>
                  ),
                },
                {
                  id: 'reason',
                  header: 'Why',
                  cell: (exclusion) => (
                    <>
                      {exclusion.reason}
                      <span className={classes.reach}>
                        {categoryWord(exclusion.category)}
                        {exclusion.approver && `, approved by ${exclusion.approver}`}
                        <Ticket address={exclusion.ticketUrl} />
                      </span>
                    </>
                  ),
                },
                {
                  id: 'made',
                  header: 'Since',
                  end: true,
                  wideOnly: true,
                  cell: (exclusion) => <RelativeTime at={exclusion.createdAt} />,
                },
                {
                  id: 'until',
                  header: 'Until',
                  end: true,
                  cell: (exclusion) => (
                    <>
                      <RelativeTime at={exclusion.expiresAt} never="no end" />
                      {exclusion.expireOnFix && <span className={classes.reach}>or until it is mended</span>}
                    </>
                  ),
                },
                ...(end === undefined
                  ? []
                  : [
                      {
                        id: 'end',
                        header: 'Exclusion',
                        end: true,
                        cell: (exclusion: Exclusion) => (
                          <RowButton
                            label={`End the exclusion of ${exclusion.targetName}`}
                            act={() => {
                              end(exclusion);
                            }}
                          >
                            End
                          </RowButton>
                        ),
                      },
                    ]),
              ]}
            />
            <Pager
              cursor={cursor}
              next={pagination.cursor}
              shown={data.length}
              size={size}
              total={pagination.totalCount}
              unit="exclusion"
            />
          </Panel>
        )
      }
    </Loaded>
  );
}

// Only an address of the web becomes a link.
function Ticket({ address }: { address: string | null }) {
  if (!address || !/^https?:\/\//i.test(address)) return null;
  return (
    <>
      {', '}
      <a href={address} target="_blank" rel="noreferrer noopener" className={classes.ticket}>
        ticket
      </a>
    </>
  );
}
