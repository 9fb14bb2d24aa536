import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ChangeStream, type StreamStatus } from '@/shared/api/stream';

/** A server whose streams the test writes and breaks. */
function server() {
  const opened: { after: string | null; write: (text: string) => void; end: () => void }[] = [];
  const answers: (Response | Error | null)[] = [];
  const statuses: StreamStatus[] = [];
  const messages: string[] = [];
  const refused = vi.fn();
  const stream = new ChangeStream(
    {
      open: (after) => {
        const answer = answers.shift() ?? null;
        if (answer instanceof Error) return Promise.reject(answer);
        if (answer !== null) return Promise.resolve(answer);
        let control: ReadableStreamDefaultController<Uint8Array>;
        const body = new ReadableStream<Uint8Array>({ start: (c) => (control = c) });
        opened.push({
          after,
          write: (text) => {
            control.enqueue(new TextEncoder().encode(text));
          },
          end: () => {
            control.close();
          },
        });
        return Promise.resolve(new Response(body));
      },
      onMessage: (message) => messages.push(message.event),
      onStatus: (status) => statuses.push(status),
      onSound: () => undefined,
      onRefused: refused,
    },
    null,
  );
  return { opened, answers, statuses, messages, refused, stream, last: () => statuses[statuses.length - 1] };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

const settled = () => vi.advanceTimersByTimeAsync(0);

describe('ChangeStream', () => {
  it('opens again where it was when the stream breaks, and says nothing of it', async () => {
    const s = server();
    s.stream.start();
    await settled();
    s.opened[0]?.write('retry: 1\n\nid: a.1\nevent: resync\ndata: {}\n\n');
    await settled();
    expect(s.last()).toEqual({ state: 'open' });
    await vi.advanceTimersByTimeAsync(10_000);
    s.opened[0]?.end();
    await settled();
    expect(s.opened[1]?.after).toBe('a.1');
    expect(s.statuses.some((status) => status.state === 'lost')).toBe(false);
    s.stream.stop();
  });

  it('waits longer each time while the server is away, and tries at once when told to', async () => {
    const s = server();
    s.answers.push(new TypeError('x'), new TypeError('x'), new TypeError('x'), new TypeError('x'), new TypeError('x'));
    s.stream.start();
    await settled();
    const waited: number[] = [];
    for (let round = 0; round < 3; round += 1) {
      const status = s.last();
      if (status?.state !== 'lost') throw new Error(`it is ${status?.state}`);
      expect(status.answers).toBe(false);
      waited.push(status.until - Date.now());
      await vi.advanceTimersByTimeAsync(status.until - Date.now());
    }
    expect(waited).toEqual([2_000, 5_000, 5_000]);
    s.answers.length = 0;
    s.stream.retry();
    await settled();
    s.opened[0]?.write(': hello\n\n');
    await settled();
    expect(s.last()).toEqual({ state: 'open' });
    s.stream.stop();
  });

  it('does not knock without end at a server that shuts the door again and again', async () => {
    const s = server();
    s.stream.start();
    for (let round = 0; round < 5; round += 1) {
      await settled();
      s.opened[round]?.write('event: end\ndata: {}\n\n');
      s.opened[round]?.end();
      await vi.advanceTimersByTimeAsync(1_000);
    }
    expect(s.opened.length).toBeLessThan(4);
    s.stream.stop();
  });

  it('leaves the server alone for as long as it asks', async () => {
    const s = server();
    s.answers.push(new Response('{}', { status: 429, headers: { 'Retry-After': '17' } }));
    s.stream.start();
    await settled();
    expect(s.last()).toMatchObject({ state: 'lost', answers: true, until: Date.now() + 17_000 });
    s.stream.stop();
  });

  it('ends when the server knows nobody here', async () => {
    const s = server();
    s.answers.push(new Response('{}', { status: 401 }));
    s.stream.start();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(s.refused).toHaveBeenCalledOnce();
    expect(s.last()).toEqual({ state: 'off' });
    expect(s.opened).toHaveLength(0);
  });

  it('takes silence for a lost connection', async () => {
    const s = server();
    s.stream.start();
    await settled();
    s.opened[0]?.write(': hello\n\n');
    await vi.advanceTimersByTimeAsync(39_000);
    expect(s.opened).toHaveLength(1);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(s.opened).toHaveLength(2);
    s.stream.stop();
  });
});
