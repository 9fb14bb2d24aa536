import { Button } from '@mantine/core';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { type Following, follow } from '@/shared/api/follow';
import type { StreamStatus } from '@/shared/api/stream';
import { useKeyState } from '@/shared/auth/key';
import classes from '@/app/live-layer.module.css';

/** Keeps the pages in step with the server, and says so when it cannot. */
export function LiveLayer() {
  const { key } = useKeyState();
  return key === null ? null : <Follower key={key} apiKey={key} />;
}

function Follower({ apiKey }: { apiKey: string }) {
  const queries = useQueryClient();
  const [status, setStatus] = useState<StreamStatus>({ state: 'connecting' });
  const following = useRef<Following>(null);
  useEffect(() => {
    const current = follow({
      queries,
      identity: identityOf(apiKey),
      headers: { Authorization: `Bearer ${apiKey}` },
      onStatus: setStatus,
      // The next thing that is asked for finds out why.
      onRefused: () => void queries.invalidateQueries(),
    });
    following.current = current;
    return () => {
      current.stop();
    };
  }, [queries, apiKey]);
  return <Lost status={status} retry={() => following.current?.retry()} />;
}

/** Tells the keys of tabs apart without showing them. */
function identityOf(text: string): string {
  let sum = 0;
  for (const character of text) sum = (Math.imul(sum, 31) + (character.codePointAt(0) ?? 0)) | 0;
  return sum.toString(36);
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
