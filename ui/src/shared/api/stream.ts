import { EventParser, type StreamMessage } from '@/shared/api/sse';

/** How the page stands with the server's stream of changes. */
export type StreamStatus =
  | { state: 'off' | 'connecting' | 'open' }
  /** `until` is when it is tried again; `answers` tells that the server does answer, only not with a stream. */
  | { state: 'lost'; until: number; answers: boolean };

/** The server says something every 15 seconds. */
const SILENCE = 40_000;
/** A stream that ends before that was not worth opening. */
const STEADY = 5_000;
const WAITS = [2_000, 5_000, 5_000, 10_000];

export type StreamOptions = {
  /** Opens the stream; `after` is the id of the last message that was received. */
  open: (after: string | null, signal: AbortSignal) => Promise<Response>;
  onMessage: (message: StreamMessage) => void;
  onStatus: (status: StreamStatus) => void;
  /** Something was heard, if only a sign of life. */
  onSound: () => void;
  /** The server knows nobody here. */
  onRefused: () => void;
};

/** Holds a stream of changes open: opens it again when it breaks, and says how it stands. */
export class ChangeStream {
  readonly #options: StreamOptions;
  #after: string | null;
  #abort: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #openSince: number | null = null;

  constructor(options: StreamOptions, after: string | null) {
    this.#options = options;
    this.#after = after;
  }

  start(): void {
    this.stop();
    void this.#run();
  }

  stop(): void {
    this.#openSince = null;
    clearTimeout(this.#timer);
    this.#abort?.abort();
    this.#abort = null;
  }

  /** Tries again now rather than later. */
  retry(): void {
    this.start();
  }

  async #run(): Promise<void> {
    const abort = new AbortController();
    this.#abort = abort;
    const { onStatus, onRefused } = this.#options;
    onStatus({ state: 'connecting' });
    let answers = false;
    let wait: number | null = null;
    try {
      const response = await this.#options.open(this.#after, abort.signal);
      answers = true;
      if (response.status === 401) {
        onStatus({ state: 'off' });
        onRefused();
        return;
      }
      const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
      if (Number.isFinite(seconds)) wait = seconds * 1000;
      if (response.ok && response.body !== null) await this.#listen(response.body, abort);
    } catch {
      // Whatever broke it, it is opened again.
    }
    if (this.#abort !== abort) return;
    this.#again(answers, wait);
  }

  /** Reads until the stream ends or nothing is heard any more. */
  async #listen(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<void> {
    const { onMessage, onStatus, onSound } = this.#options;
    const reader = body.pipeThrough(new TextDecoderStream() as TransformStream<Uint8Array, string>).getReader();
    const parser = new EventParser();
    let watch: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(watch);
      watch = setTimeout(() => {
        void reader.cancel().catch(() => undefined);
      }, SILENCE);
    };
    heard();
    try {
      for (;;) {
        const { done, value } = await reader.read();
        if (done || abort.signal.aborted) return;
        heard();
        if (this.#openSince === null) {
          this.#openSince = Date.now();
          onStatus({ state: 'open' });
        }
        onSound();
        for (const message of parser.read(value)) {
          if (message.id !== null) this.#after = message.id;
          onMessage(message);
        }
      }
    } finally {
      clearTimeout(watch);
    }
  }

  /** A stream that was open is opened again at once, then after longer and longer. */
  #again(answers: boolean, asked: number | null): void {
    if (this.#openSince !== null && Date.now() - this.#openSince > STEADY) this.#failures = 0;
    this.#openSince = null;
    const wait = Math.max(WAITS[Math.min(this.#failures, WAITS.length) - 1] ?? 0, asked ?? 0);
    this.#failures += 1;
    if (wait > 0) this.#options.onStatus({ state: 'lost', until: Date.now() + wait, answers });
    this.#timer = setTimeout(() => void this.#run(), wait);
  }
}
