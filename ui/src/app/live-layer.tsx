import { Button } from '@mantine/core';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type Following, follow } from '@/shared/api/follow';
import type { StreamStatus } from '@/shared/api/stream';
import { authQuery } from '@/shared/api/auth';
import { meQuery } from '@/shared/auth/may';
import classes from '@/app/live-layer.module.css';

/** Keeps the pages in step with the server, and says so when it cannot. */
export function LiveLayer() {
  const { data: auth } = useQuery(authQuery());
  const { data: me } = useQuery({ ...meQuery(), enabled: auth?.signedIn === true });
  const identity = auth?.signedIn === true ? me?.user?.id : undefined;
  return identity === undefined ? null : <Follower key={identity} identity={String(identity)} />;
}

function Follower({ identity }: { identity: string }) {
  const queries = useQueryClient();
  const [status, setStatus] = useState<StreamStatus>({ state: 'connecting' });
  const following = useRef<Following>(null);
  useEffect(() => {
    const current = follow({
      queries,
      identity,
      headers: {},
      onStatus: setStatus,
      // The next thing that is asked for finds out why.
      onRefused: () => void queries.invalidateQueries(),
    });
    following.current = current;
    return () => {
      current.stop();
    };
  }, [queries, identity]);
  return <Lost status={status} retry={() => following.current?.retry()} />;
}

function Lost({ status, retry }: { status: StreamStatus; retry: () => void }) {
  const [shown, setShown] = useState<{ until: number } | null>(null);
  // A try under way leaves the sentence where it is.
  if (status.state === 'lost' && shown?.until !== status.until) setShown({ until: status.until });
  if ((status.state === 'open' || status.state === 'off') && shown !== null) setShown(null);
  return (
    <div role="status" className={classes.place}>
      {shown !== null && (
        <div className={classes.banner}>
          <span>
            Not connected: what you see may be old.{' '}
            {status.state === 'lost' ? <Countdown key={shown.until} until={shown.until} /> : 'Trying again.'}
          </span>
          <Button size="compact-xs" variant="default" onClick={retry} disabled={status.state !== 'lost'}>
            Try now
          </Button>
        </div>
      )}
    </div>
  );
}

/** The seconds that are left; they are for the eye, and not read out one by one. */
function Countdown({ until }: { until: number }) {
  const [left, setLeft] = useState(() => secondsTo(until));
  useEffect(() => {
    const timer = setInterval(() => {
      setLeft(secondsTo(until));
    }, 250);
    return () => {
      clearInterval(timer);
    };
  }, [until]);
  return <span aria-hidden>Trying again in {left} s.</span>;
}

const secondsTo = (moment: number) => Math.max(1, Math.ceil((moment - Date.now()) / 1000));
