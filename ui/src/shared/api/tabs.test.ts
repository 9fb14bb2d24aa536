import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Browser, Tabs } from '@/shared/api/tabs';

/** The locks and channels of a browser, for several tabs in one. */
class FakeBrowser {
  #holder: { lost: () => void } | null = null;
  readonly #queue: (() => void)[] = [];
  readonly #ports: { onmessage: ((event: MessageEvent) => void) | null }[] = [];

  tab(): Browser {
    return {
      locks: { request: this.#request as LockManager['request'] },
      channel: () => {
        const port: { onmessage: ((event: MessageEvent) => void) | null } = { onmessage: null };
        this.#ports.push(port);
        return {
          ...port,
          set onmessage(handler: (event: MessageEvent) => void) {
            port.onmessage = handler;
          },
          postMessage: (data: unknown) => {
            for (const other of this.#ports) if (other !== port) other.onmessage?.({ data } as MessageEvent);
          },
          close: () => {
            this.#ports.splice(this.#ports.indexOf(port), 1);
          },
        } as unknown as BroadcastChannel;
      },
    };
  }

  readonly #request = (
    _name: string,
    options: { signal?: AbortSignal; steal?: boolean },
    hold: () => Promise<void> | undefined,
  ): Promise<void> =>
    new Promise((resolve, reject) => {
      const grant = () => {
        if (options.signal?.aborted === true) {
          this.#queue.shift()?.();
          reject(new DOMException('not wanted', 'AbortError'));
          return;
        }
        const mine = {
          lost: () => {
            reject(new DOMException('taken', 'AbortError'));
          },
        };
        this.#holder = mine;
        void Promise.resolve(hold()).then(() => {
          if (this.#holder === mine) {
            this.#holder = null;
            this.#queue.shift()?.();
          }
          resolve();
        });
      };
      if (options.steal === true) {
        this.#holder?.lost();
        grant();
      } else if (this.#holder === null) grant();
      else this.#queue.push(grant);
    });
}

function open(browser: Browser) {
  const tab = { leads: false, heard: [] as string[] };
  const tabs = new Tabs<string>(
    'x',
    browser,
    (isLeading) => {
      tab.leads = isLeading;
    },
    (told) => tab.heard.push(told),
  );
  tabs.start();
  return Object.assign(tab, { tabs });
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(document, 'visibilityState', 'get').mockReturnValue('visible');
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('Tabs', () => {
  it('has one tab lead and the next one follow it', async () => {
    const browser = new FakeBrowser();
    const [first, second, third] = [open(browser.tab()), open(browser.tab()), open(browser.tab())];
    await vi.advanceTimersByTimeAsync(0);
    expect([first.leads, second.leads, third.leads]).toEqual([true, false, false]);
    first.tabs.tell('a');
    expect([first.heard, second.heard, third.heard]).toEqual([[], ['a'], ['a']]);
    second.tabs.stop();
    first.tabs.stop();
    await vi.advanceTimersByTimeAsync(0);
    expect([first.leads, second.leads, third.leads]).toEqual([false, false, true]);
    third.tabs.stop();
  });

  it('takes the lead from a tab that says nothing any more', async () => {
    const browser = new FakeBrowser();
    const first = open(browser.tab());
    const second = open(browser.tab());
    await vi.advanceTimersByTimeAsync(40_000);
    first.tabs.tell('still here');
    await vi.advanceTimersByTimeAsync(40_000);
    expect([first.leads, second.leads]).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(20_000);
    expect([first.leads, second.leads]).toEqual([false, true]);
    second.tabs.stop();
    await vi.advanceTimersByTimeAsync(0);
    expect(first.leads).toBe(true);
    first.tabs.stop();
  });

  it('has every tab lead where they cannot share', () => {
    const lone = { locks: undefined, channel: undefined };
    const [first, second] = [open(lone), open(lone)];
    expect([first.leads, second.leads]).toEqual([true, true]);
    first.tabs.stop();
    expect([first.leads, second.leads]).toEqual([false, true]);
    second.tabs.stop();
  });
});
