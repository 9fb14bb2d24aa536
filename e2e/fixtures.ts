import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Locator, type Page, test as base } from '@playwright/test';
import axe from 'axe-core';
import { Server, type Settings } from './server';

type Fixtures = {
  /** How the servers of a file are set up. */
  settings: Settings;
  /** The server of the file, which no other file speaks to. */
  server: Server;
  /** Console messages that this test provokes on purpose. */
  provokes: RegExp[];
  /** A page that is open to nobody but the server and must stay free of errors. */
  guarded: Page;
  /** The guarded page with the administrator signed in. */
  signedIn: Page;
};

type WorkerFixtures = {
  /** Gives the server of a file, and stops that of the file before. */
  serverOf: (file: string, settings: Settings) => Promise<Server>;
};

export const test = base.extend<Fixtures, WorkerFixtures>({
  // A file begins with nothing but what it makes itself; the browser goes on from one to the next.
  serverOf: [
    async ({}, use) => {
      let last: { file: string; server: Server } | undefined;
      await use(async (file, settings) => {
        if (last?.file !== file) {
          await last?.server.stop();
          last = undefined;
          last = { file, server: await Server.start({ settings }) };
        }
        return last.server;
      });
      await last?.server.stop();
    },
    { scope: 'worker' },
  ],

  settings: [{}, { option: true }],

  server: async ({ serverOf, settings }, use, { file }) => {
    await use(await serverOf(file, settings));
  },

  provokes: [[], { option: true }],

  guarded: async ({ page, provokes }, use) => {
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(`${message.text()} ${message.location().url}`.trim());
    });
    page.on('pageerror', (error) => faults.push(`uncaught: ${error.message}`));
    page.on('dialog', (dialog) => {
      faults.push(`dialog: ${dialog.message()}`);
      void dialog.dismiss();
    });
    page.on('request', (request) => {
      const { protocol, hostname } = new URL(request.url());
      if (protocol !== 'data:' && protocol !== 'blob:' && hostname !== '127.0.0.1') {
        faults.push(`request to another host: ${request.url()}`);
      }
    });
    await use(page);
    expect(faults.filter((fault) => !provokes.some((pattern) => pattern.test(fault)))).toEqual([]);
  },

  signedIn: async ({ guarded, server }, use) => {
    await guarded.context().addCookies([await server.cookie()]);
    await use(guarded);
  },
});

/** The rules of axe that look at colours, which is all that a colour scheme changes. */
const COLOURS = ['color-contrast', 'link-in-text-block'];

/** Every look of a page; from one to the next little moves. */
const LOOKS = [
  { scheme: 'light', width: 1280, height: 800 },
  { scheme: 'dark', width: 1280, height: 800 },
  { scheme: 'dark', width: 390, height: 844 },
  { scheme: 'light', width: 390, height: 844 },
] as const;

/** What a look has seen already: texts that are judged, and what they stand on. */
type Seen = { seen: Set<string>; grounds: Map<Element | string, number> };

type Judged = { matches: (this: unknown, node: Element, ...more: unknown[]) => boolean };

/**
 * Has axe look at the contrast of one of many that are alike: a row is as legible as the next one, and four fifths of the
 * time went there. Alike are those of the same classes from the top of the page down, with the same colours all the way.
 */
function lookOnceAtWhatIsAlike(): void {
  const { axe: engine } = window as unknown as { axe: { _audit: { rules: (Judged & { id: string })[] } } & Seen };
  const rule = engine._audit.rules.find(({ id }) => id === 'color-contrast');
  if (rule === undefined) throw new Error('axe has no rule for contrast');
  const usual = rule.matches;
  engine.seen = new Set();
  engine.grounds = new Map();
  // Each different ground, of the element and all above it, has a number.
  const groundOf = (at: Element | null): number => {
    if (at === null) return 0;
    const known = engine.grounds.get(at);
    if (known !== undefined) return known;
    const { backgroundColor, backgroundImage, opacity } = getComputedStyle(at);
    const all = [groundOf(at.parentElement), at.tagName, at.getAttribute('class') ?? '', backgroundColor, backgroundImage, opacity];
    const look = all.join('|');
    const ground = engine.grounds.get(look) ?? engine.grounds.size + 1;
    engine.grounds.set(look, ground).set(at, ground);
    return ground;
  };
  rule.matches = function (node, ...more) {
    const { color, fontSize, fontWeight } = getComputedStyle(node);
    const look = [color, fontSize, fontWeight, groundOf(node)].join('|');
    if (engine.seen.has(look) || !usual.call(this, node, ...more)) return false;
    engine.seen.add(look);
    return true;
  };
}

/** What breaks a rule of axe, or one of `rules`. The app has no frames of its own, so none is looked into. */
async function violations(page: Page, rules?: string[]): Promise<{ id: string; nodes: string[] }[]> {
  if (!(await page.evaluate(() => 'axe' in window))) {
    await page.evaluate(axe.source);
    await page.evaluate(lookOnceAtWhatIsAlike);
  }
  return page.evaluate(async (values) => {
    const { seen, grounds } = (window as unknown as { axe: Seen }).axe;
    seen.clear();
    grounds.clear();
    const found = await (window as unknown as { axe: typeof axe }).axe.run(document, {
      iframes: false,
      resultTypes: ['violations'],
      ...(values === undefined ? {} : { runOnly: { type: 'rule', values } }),
    });
    return found.violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map((node) => `${node.html}: ${node.failureSummary ?? ''}`),
    }));
  }, rules);
}

/** What follows the size of the window has followed it; a colour on its way to another one is neither of them. */
async function settled(page: Page): Promise<void> {
  await page.evaluate(async () => {
    await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
    await Promise.allSettled(
      document
        .getAnimations()
        .filter((each) => each.effect?.getComputedTiming().endTime !== Infinity)
        .map((each) => each.finished),
    );
  });
}

/** Axe's rules hold, all or those given, and nothing stands out to the right of the window. */
export async function expectSound(page: Page, rules?: string[]): Promise<void> {
  await settled(page);
  const overhang = () => page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  let found = await violations(page, rules);
  let beyond = await overhang();
  // What was drawn anew under the look is looked at once more.
  if (found.length > 0 || beyond > 0) {
    await page.waitForTimeout(500);
    await settled(page);
    found = await violations(page, rules);
    beyond = await overhang();
  }
  expect(found).toEqual([]);
  expect(beyond, 'pixels beyond the right edge').toBeLessThanOrEqual(0);
}

/**
 * The page as it stands is sound in both colour schemes, wide and narrow, and `shown` is seen in each; it is wide and light
 * again afterwards. Pictures are named `name`.
 */
export async function expectSoundEverywhere(page: Page, name: string, shown?: Locator): Promise<void> {
  for (const { scheme, width, height } of LOOKS) {
    await test.step(`${scheme}, ${width} px`, async () => {
      await page.setViewportSize({ width, height });
      await page.emulateMedia({ colorScheme: scheme });
      await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', scheme);
      if (shown !== undefined) await expect(shown).toBeVisible();
      await expectSound(page, scheme === 'dark' ? COLOURS : undefined);
      await picture(page, `${name}-${scheme}-${width}`);
    });
  }
  await page.setViewportSize({ width: 1280, height: 800 });
}

/** Writes a picture of the page into the folder SCREENSHOTS, if there is one. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder === undefined || folder === '') return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

export { expect };
