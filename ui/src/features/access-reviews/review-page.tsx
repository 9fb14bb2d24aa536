import { Button, Kbd, Textarea } from '@mantine/core';
import { IconFileTypePdf } from '@tabler/icons-react';
import { Link, useNavigate } from '@tanstack/react-router';
import { type ReactNode, useEffect, useState } from 'react';
import { useMutation } from '@tanstack/react-query';
import type { Decision, Review, ReviewItem } from '@/shared/api/access-reviews';
import type { KeysetRows } from '@/shared/api/keyset-rows';
import { count, counted } from '@/shared/format/number';
import { DECISIONS, decisionWord, REVOCATIONS, stateWord } from '@/features/access-reviews/words';
import { Facts } from '@/shared/ui/facts';
import { Filters, SearchField } from '@/shared/ui/filters';
import { FormDialog } from '@/shared/ui/form-dialog';
import { errorAt } from '@/shared/ui/form-errors';
import { Page, Panel } from '@/shared/ui/page';
import { Pills } from '@/shared/ui/pills';
import { RelativeTime } from '@/shared/ui/relative-time';
import { BulkBar } from '@/shared/ui/selection';
import { DrawerPart, SideDrawer } from '@/shared/ui/side-drawer';
import { Empty, Failure, Loaded } from '@/shared/ui/states';
import { VirtualTable } from '@/shared/ui/virtual-table';
import classes from '@/features/access-reviews/reviews.module.css';

export type Show = Decision | 'OPEN';

export type ReviewSearch = { show?: Show | undefined; q?: string | undefined; item?: number | undefined };

const TABLE = 'Accounts of the review';

export function ReviewPage({
  review,
  search,
  rows,
  opened,
  tools,
  report,
  decide,
  askToChange,
  signOff,
  remove,
}: {
  review: Review;
  search: ReviewSearch;
  rows: KeysetRows<ReviewItem>;
  opened: { data: ReviewItem | undefined; error: Error | null; refetch: () => unknown } | undefined;
  tools: ReactNode;
  /** Where the report is downloaded. */
  report: string;
  /** Keeps or revokes accounts, or takes decisions back. */
  decide: (items: readonly ReviewItem[], decision: Exclude<Decision, 'CHANGE'>) => void;
  /** Opens the dialog in which one says what is to be changed. */
  askToChange: (items: readonly ReviewItem[]) => void;
  /** Opens the dialog of the sign-off. */
  signOff: () => void;
  /** Opens the dialog of the deletion; undefined where one may not. */
  remove: (() => void) | undefined;
}) {
  const navigate = useNavigate({ from: '/access-reviews/$reviewId' });
  const [selected, setSelected] = useState<ReadonlyMap<string, ReviewItem>>(new Map());
  const { mayDecide } = review;
  useTableKeys();
  const act = (items: readonly ReviewItem[], decision: Decision) => {
    if (decision === 'CHANGE') askToChange(items);
    else decide(items, decision);
  };
  const onKey = (key: string, row: ReviewItem): 'next' | 'stay' | undefined => {
    const decision = DECISIONS.find((each) => each.key === key)?.value ?? (key === 'u' ? 'PENDING' : undefined);
    if (decision === undefined || !mayDecide) return undefined;
    act([row], decision);
    // In a list of one decision the row leaves, and the next one takes its place.
    return decision === 'CHANGE' || decision === 'PENDING' || search.show !== undefined ? 'stay' : 'next';
  };
  const chosen = [...selected.values()];
  return (
    <Page
      title={review.name}
      above={
        <Link to="/access-reviews" activeOptions={{ exact: true }}>
          Access reviews
        </Link>
      }
      below={<Below review={review} />}
      actions={
        <>
          {tools}
          <Button
            component="a"
            href={report}
            download
            size="xs"
            variant="default"
            leftSection={<IconFileTypePdf size={14} stroke={1.8} aria-hidden />}
          >
            Report
          </Button>
          {remove !== undefined && (
            <Button size="xs" variant="default" onClick={remove}>
              Delete
            </Button>
          )}
          {review.maySignOff && (
            <Button size="xs" disabled={!review.allDecided} onClick={signOff}>
              Sign off
            </Button>
          )}
        </>
      }
    >
      <Progress review={review} />
      <Pills
        label="Accounts by decision"
        name="show"
        value={search.show}
        choices={[
          { value: undefined, label: `All ${count(review.progress.total)}` },
          { value: 'PENDING', label: `Not decided ${count(review.progress.pending)}` },
          { value: 'KEEP', label: `Keep ${count(review.progress.keep)}` },
          { value: 'REVOKE', label: `Revoke ${count(review.progress.revoke)}` },
          { value: 'CHANGE', label: `Change ${count(review.progress.change)}` },
          { value: 'OPEN', label: `Still to be revoked ${count(review.progress.openRevocations)}` },
        ]}
      />
      <Filters label="Narrow the accounts">
        <SearchField
          label="Search name or e-mail"
          value={search.q}
          onChange={(q) => void navigate({ search: (before) => ({ ...before, q }), resetScroll: false })}
        />
      </Filters>
      {rows.error !== null && <Failure error={rows.error} retry={rows.refetch} />}
      {rows.ended && rows.known === 0 ? (
        <Empty
          title={search.show === 'PENDING' && search.q === undefined ? 'Everything is decided' : 'No account is here'}
          actions={
            <Link to="/access-reviews/$reviewId" params={{ reviewId: review.id }}>
              Show all accounts
            </Link>
          }
        >
          {search.show === 'PENDING' && review.maySignOff ? 'You can sign the review off now.' : 'Nothing fits.'}
        </Empty>
      ) : (
        <Panel title="Accounts">
          {mayDecide && <Keys />}
          <BulkBar
            chosen={chosen.length}
            unit="account"
            clear={() => {
              setSelected(new Map());
            }}
          >
            {DECISIONS.map(({ value, act: word }) => (
              <Button
                key={value}
                size="compact-xs"
                variant="default"
                onClick={() => {
                  act(chosen, value);
                  setSelected(new Map());
                }}
              >
                {word} {count(chosen.length)}
              </Button>
            ))}
          </BulkBar>
          <VirtualTable
            label={TABLE}
            unit="account"
            rows={rows}
            rowKey={({ id }) => String(id)}
            rowName={({ name }) => name}
            opened={search.item === undefined ? undefined : String(search.item)}
            onOpen={({ id }) => void navigate({ search: (before) => ({ ...before, item: id }), resetScroll: false })}
            onKey={onKey}
            {...(mayDecide
              ? {
                  selected: new Set(selected.keys()),
                  onSelect: (next: ReadonlySet<string>) => {
                    setSelected((before) => chosenOf(before, next, rows));
                  },
                }
              : {})}
            columns={[
              {
                id: 'name',
                header: 'Account',
                width: 110,
                cell: (row) => <span title={row.displayName ?? ''}>{row.name}</span>,
              },
              {
                id: 'person',
                header: 'Person',
                wideOnly: true,
                cell: (row) => <Holder item={row} />,
              },
              { id: 'system', header: 'System', wideOnly: true, width: 140, cell: (row) => row.connectionName },
              {
                id: 'roles',
                header: 'Roles',
                wideOnly: true,
                width: 160,
                cell: (row) => (
                  <span title={row.roles.join(', ')}>{row.roles.length === 0 ? '–' : row.roles.join(', ')}</span>
                ),
              },
              {
                id: 'seen',
                header: 'Last active',
                wideOnly: true,
                width: 120,
                cell: (row) => <RelativeTime at={row.lastActiveAt} never="–" />,
              },
              {
                id: 'decision',
                header: 'Decision',
                width: mayDecide ? 214 : 170,
                cell: (row) => (mayDecide ? <Choices item={row} act={act} /> : <Decided item={row} />),
              },
            ]}
          />
        </Panel>
      )}
      <ItemDrawer
        opened={opened}
        close={() => void navigate({ search: (before) => ({ ...before, item: undefined }), resetScroll: false })}
      />
    </Page>
  );
}

// What was chosen stays so while it is out of sight.
function chosenOf(
  before: ReadonlyMap<string, ReviewItem>,
  keys: ReadonlySet<string>,
  rows: KeysetRows<ReviewItem>,
): ReadonlyMap<string, ReviewItem> {
  const after = new Map([...before].filter(([key]) => keys.has(key)));
  for (let index = 0; after.size < keys.size && index < rows.known; index++) {
    const row = rows.row(index);
    if (row !== undefined && keys.has(String(row.id))) after.set(String(row.id), row);
  }
  return after;
}

// From anywhere on the page j and k lead into the table.
function useTableKeys(): void {
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (event.key !== 'j' && event.key !== 'k') return;
      if (event.altKey || event.ctrlKey || event.metaKey || target.closest('input, textarea, [role="dialog"]') !== null)
        return;
      const table = document.querySelector<HTMLElement>(`[role="group"][aria-label="${TABLE}"]`);
      if (table === null || table.contains(target)) return;
      event.preventDefault();
      table.querySelector<HTMLElement>('tr[data-index]')?.focus();
    };
    document.addEventListener('keydown', listen);
    return () => {
      document.removeEventListener('keydown', listen);
    };
  }, []);
}

function Below({ review }: { review: Review }) {
  const { state, dueAt, signOff, reviewers } = review;
  return (
    <>
      <span className={state === 'OVERDUE' ? classes.alarm : undefined}>{stateWord(state)}</span>
      {signOff !== null ? (
        <span>
          by {signOff.by.name} <RelativeTime at={signOff.at} />
        </span>
      ) : (
        dueAt !== null && (
          <span>
            due <RelativeTime at={dueAt} />
          </span>
        )
      )}
      <span>
        accounts as of <RelativeTime at={review.createdAt} />
      </span>
      {reviewers.length > 0 && <span>reviewed by {reviewers.map(({ name }) => name).join(', ')}</span>}
    </>
  );
}

function Progress({ review }: { review: Review }) {
  const { total, decided, keep, revoke, change, openRevocations } = review.progress;
  const parts = [
    { name: 'keep', value: keep, word: 'keep' },
    { name: 'revoke', value: revoke, word: 'revoke' },
    { name: 'change', value: change, word: 'change' },
  ] as const;
  return (
    <section className={classes.progress} aria-label="Progress">
      <div className={classes.bar} aria-hidden>
        {parts.map(({ name, value }) => (
          <span key={name} className={classes[name]} style={{ width: `${(100 * value) / Math.max(total, 1)}%` }} />
        ))}
      </div>
      <div className={classes.legend} role="status">
        <span>
          <b>{count(decided)}</b> of {counted(total, 'account')} decided
        </span>
        {parts.map(({ name, value, word }) => (
          <span key={name}>
            <span className={`${classes.swatch ?? ''} ${classes[name] ?? ''}`} aria-hidden />
            <b>{count(value)}</b> {word}
          </span>
        ))}
        {revoke > 0 && (
          <span className={openRevocations > 0 ? classes.alarm : undefined}>
            {openRevocations > 0 ? `${count(openRevocations)} still to be revoked` : 'everything revoked is gone'}
          </span>
        )}
      </div>
      {review.signOff?.note && <p className={classes.text}>{review.signOff.note}</p>}
    </section>
  );
}

function Keys() {
  return (
    <div className={classes.keys}>
      <span>
        <Kbd size="xs">j</Kbd> <Kbd size="xs">k</Kbd> move
      </span>
      {DECISIONS.map(({ key, act }) => (
        <span key={key}>
          <Kbd size="xs">{key}</Kbd> {act.toLowerCase()}
        </span>
      ))}
      <span>
        <Kbd size="xs">u</Kbd> take back
      </span>
      <span>
        <Kbd size="xs">Enter</Kbd> open
      </span>
    </div>
  );
}

function Choices({ item, act }: { item: ReviewItem; act: (items: readonly ReviewItem[], decision: Decision) => void }) {
  return (
    <span className={classes.choices} role="group" aria-label={`Decision about ${item.name}`}>
      {DECISIONS.map(({ value, act: word }) => (
        <button
          key={value}
          type="button"
          className={classes.choice}
          aria-pressed={item.decision === value}
          data-decision={value}
          onClick={() => {
            act([item], item.decision === value && value !== 'CHANGE' ? 'PENDING' : value);
          }}
        >
          {word}
        </button>
      ))}
    </span>
  );
}

function Decided({ item }: { item: ReviewItem }) {
  const { decision, revocation } = item;
  return (
    <span className={decision === 'PENDING' ? classes.dim : undefined}>
      {decisionWord(decision)}
      {revocation !== null && (
        <span className={revocation.state === 'OPEN' ? classes.alarm : classes.dim}>
          {' '}
          · {REVOCATIONS[revocation.state]}
        </span>
      )}
    </span>
  );
}

function Holder({ item: { person, serviceAccount } }: { item: ReviewItem }) {
  const name = person?.name ?? person?.email ?? serviceAccount?.owner;
  if (name === undefined) return <span className={classes.dim}>Nobody</span>;
  return (
    <span title={name}>
      {name}
      {person?.state === 'DISABLED' && <span className={classes.alarm}> has left</span>}
      {serviceAccount !== null && <span className={classes.dim}> (service account)</span>}
    </span>
  );
}

function ItemDrawer({
  opened,
  close,
}: {
  opened: { data: ReviewItem | undefined; error: Error | null; refetch: () => unknown } | undefined;
  close: () => void;
}) {
  return (
    <SideDrawer opened={opened !== undefined} close={close} title={opened?.data?.name ?? 'Account'}>
      {opened !== undefined && (
        <Loaded query={opened} label="the account">
          {(item) => (
            <>
              <Facts
                facts={[
                  ['Decision', <Decided key="decision" item={item} />],
                  item.decidedBy === null
                    ? null
                    : [
                        'By',
                        <span key="by">
                          {item.decidedBy.name}, <RelativeTime at={item.decidedAt} />
                        </span>,
                      ],
                  item.note === null ? null : ['Note', item.note],
                  ['Person', <Holder key="person" item={item} />],
                  item.displayName === null ? null : ['Called', item.displayName],
                  item.email === null ? null : ['E-mail', item.email],
                  ['Roles', item.roles.length === 0 ? 'not known' : item.roles.join(', ')],
                  ['Second factor', item.mfa === null ? 'not known' : item.mfa ? 'Yes' : 'No'],
                  ['Last active', <RelativeTime key="seen" at={item.lastActiveAt} never="not known" />],
                  ['System', item.connectionName],
                  [
                    'As it is now',
                    <Link key="now" to="/accounts" search={{ account: item.accountId, connection: item.connectionId }}>
                      Open the account
                    </Link>,
                  ],
                ]}
              />
              {item.evidence !== null && (
                <DrawerPart title="Evidence of revocation" aside={<RelativeTime at={item.evidence.at} />}>
                  <p className={classes.text}>{item.evidence.note}</p>
                  {item.evidence.url !== null && (
                    <a href={item.evidence.url} target="_blank" rel="noreferrer noopener">
                      {item.evidence.url}
                    </a>
                  )}
                </DrawerPart>
              )}
            </>
          )}
        </Loaded>
      )}
    </SideDrawer>
  );
}

/** Says what is to be changed about accounts. */
export function ChangeDialog({
  items,
  close,
  save,
}: {
  items: readonly ReviewItem[];
  close: () => void;
  save: (note: string) => Promise<unknown>;
}) {
  const [note, setNote] = useState(items[0]?.note ?? '');
  const doing = useMutation({ mutationFn: () => save(note), onSuccess: close });
  const whom = items.length === 1 ? (items[0]?.name ?? '') : counted(items.length, 'account');
  return (
    <FormDialog title={`Change: ${whom}`} close={close} action="Save" doing={doing} fields={['note']}>
      <Textarea
        label="What is to be changed"
        required
        data-autofocus
        autosize
        minRows={2}
        value={note}
        error={errorAt(doing.error, ['note'], 'note')}
        onChange={(event) => {
          setNote(event.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}

/** Ends the review: its dialog says what it comes to. */
export function SignOffDialog({
  review,
  close,
  save,
}: {
  review: Review;
  close: () => void;
  save: (note: string) => Promise<unknown>;
}) {
  const [note, setNote] = useState('');
  const doing = useMutation({ mutationFn: () => save(note), onSuccess: close });
  const { keep, revoke, change, total } = review.progress;
  return (
    <FormDialog
      title={`Sign off: ${review.name}`}
      close={close}
      action={`Sign off ${counted(total, 'account')}`}
      doing={doing}
      fields={['note']}
    >
      <ul className={classes.counts}>
        <li>{counted(keep, 'account')} kept</li>
        <li>{counted(revoke, 'account')} to be revoked, followed until they are gone</li>
        <li>{counted(change, 'account')} to be changed</li>
      </ul>
      <span>Your name and this moment are recorded. Nothing of the review can change after that.</span>
      <Textarea
        label="Note"
        autosize
        minRows={2}
        value={note}
        error={errorAt(doing.error, ['note'], 'note')}
        onChange={(event) => {
          setNote(event.currentTarget.value);
        }}
      />
    </FormDialog>
  );
}
