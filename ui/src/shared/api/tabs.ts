/** What one tab needs of the browser so that all tabs of the app share something. */
export type Browser = {
  locks: Pick<LockManager, 'request'> | undefined;
  channel: ((name: string) => BroadcastChannel) | undefined;
};

export const thisBrowser = (): Browser => ({
  // Browsers offer locks to pages over HTTPS, and on the machine itself.
  locks: (navigator as { locks?: LockManager }).locks,
  channel: 'BroadcastChannel' in globalThis ? (name) => new BroadcastChannel(name) : undefined,
});

/** A visible tab that hears nothing for so long takes the lead: the one that has it may be frozen. */
const SILENCE = 50_000;
const LOOK = 5_000;

/**
 * Tabs of which one leads and tells the others. A browser that lacks what that takes has every tab lead
 * for itself.
 */
export class Tabs<Told> {
  readonly #name: string;
  readonly #browser: Browser;
  readonly #lead: (isLeading: boolean) => void;
  readonly #hear: (told: Told) => void;
  #channel: BroadcastChannel | undefined;
  #release: (() => void) | undefined;
  #waiting: AbortController | undefined;
  #watch: ReturnType<typeof setInterval> | undefined;
  #heardAt = 0;
  #stopped = false;

  /** `lead` is told when this tab begins and ceases to lead, `hear` what the leading tab tells. */
  constructor(name: string, browser: Browser, lead: (isLeading: boolean) => void, hear: (told: Told) => void) {
    this.#name = name;
    this.#browser = browser;
    this.#lead = lead;
    this.#hear = hear;
  }

  get isShared(): boolean {
    return this.#browser.locks !== undefined && this.#browser.channel !== undefined;
  }

  start(): void {
    const { locks, channel } = this.#browser;
    if (locks === undefined || channel === undefined) {
      this.#lead(true);
      return;
    }
    this.#heardAt = Date.now();
    this.#channel = channel(this.#name);
    this.#channel.onmessage = (event: MessageEvent<Told>) => {
      this.#heardAt = Date.now();
      this.#hear(event.data);
    };
    void this.#apply(locks, {});
    this.#watch = setInterval(() => {
      const silent = Date.now() - this.#heardAt > SILENCE;
      if (silent && this.#release === undefined && document.visibilityState === 'visible') {
        this.#heardAt = Date.now();
        void this.#apply(locks, { steal: true });
      }
    }, LOOK);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#watch);
    this.#waiting?.abort();
    this.#release?.();
    this.#channel?.close();
    if (!this.isShared) this.#lead(false);
  }

  /** Tells the other tabs. */
  tell(told: Told): void {
    this.#channel?.postMessage(told);
  }

  /** Waits for the lead, has it until it is taken away or given up. */
  async #apply(locks: Pick<LockManager, 'request'>, how: { steal?: boolean }): Promise<void> {
    this.#waiting?.abort();
    const waiting = new AbortController();
    this.#waiting = waiting;
    let led = false as boolean;
    try {
      await locks.request(this.#name, how.steal === true ? how : { signal: waiting.signal }, () => {
        if (this.#stopped || waiting.signal.aborted) return;
        led = true;
        this.#lead(true);
        return new Promise<void>((resolve) => {
          this.#release = resolve;
        });
      });
    } catch {
      // It was taken away by another tab, or no longer wanted.
    }
    if (!led) return;
    this.#release = undefined;
    this.#lead(false);
    if (!this.#stopped) {
      this.#heardAt = Date.now();
      void this.#apply(locks, {});
    }
  }
}
