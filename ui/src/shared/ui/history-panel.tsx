import { Button } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { type Historic, type ObjectChange, objectHistoryQuery } from '@/shared/api/history';
import { jsonLine } from '@/shared/api/json';
import { Panel } from '@/shared/ui/page';
import { RelativeTime } from '@/shared/ui/relative-time';
import { Loaded } from '@/shared/ui/states';
import classes from '@/shared/ui/history-panel.module.css';

const WORDS: Record<ObjectChange['type'], string> = {
  CREATED: 'Became known',
  UPDATED: 'Changed',
  DELETED: 'Deleted',
  RESTORED: 'Restored',
  NOTED: 'Noted',
};

/** What became of a person, a device or an asset: when, by whom, and which fields differ. */
export function HistoryPanel({ of, id }: { of: Historic; id: number }) {
  const query = useInfiniteQuery(objectHistoryQuery(of, id));
  return (
    <Panel title="History">
      <Loaded query={query} label="the history">
        {({ pages }) => {
          const changes = pages.flatMap(({ data }) => data);
          return (
            <>
              {changes.length === 0 ? (
                <p className={classes.none}>Nothing yet. What changes from now on stands here within a second.</p>
              ) : (
                <ol className={classes.changes} aria-label="Changes">
                  {changes.map((change) => (
                    <li key={change.id} className={classes.change}>
                      <Change of={change} />
                    </li>
                  ))}
                </ol>
              )}
              {query.hasNextPage && (
                <div className={classes.more}>
                  <Button
                    size="xs"
                    variant="default"
                    loading={query.isFetchingNextPage}
                    onClick={() => {
                      void query.fetchNextPage();
                    }}
                  >
                    Show earlier changes
                  </Button>
                </div>
              )}
            </>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function Change({ of: { type, at, changes, events } }: { of: ObjectChange }) {
  const who = [...new Set(events.map(({ actor }) => actor.name))];
  return (
    <>
      <div className={classes.head}>
        <b>{WORDS[type]}</b> <RelativeTime at={at} />
        <span className={classes.who}>{who.length === 0 ? 'by the passing of time' : `by ${who.join(', ')}`}</span>
      </div>
      {events.length > 0 && (
        <ul className={classes.said}>
          {events.map(({ id, description }) => (
            <li key={id}>{description}</li>
          ))}
        </ul>
      )}
      {changes.length > 0 && (
        <dl className={classes.fields}>
          {changes.map(({ field, from, to }) => (
            <div key={field}>
              <dt>{field}</dt>
              <dd>
                <del>{jsonLine(from)}</del> → <ins>{jsonLine(to)}</ins>
              </dd>
            </div>
          ))}
        </dl>
      )}
    </>
  );
}
