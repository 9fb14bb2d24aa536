import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page, test as base } from '@playwright/test';
import { Server, type Settings } from './server';

type Fixtures = {
  /** Console messages that this test provokes on purpose. */
  provokes: RegExp[];
  /** A page that is open to nobody but the server and must stay free of errors. */
  guarded: Page;
  /** The guarded page with the administrator signed in. */
  signedIn: Page;
};

type WorkerFixtures = {
  /** Names who shares a server: a spec that counts what there is has one of its own. */
  apart: string;
  /** How the server is set up. */
  settings: Settings;
  server: Server;
};

export const test = base.extend<Fixtures, WorkerFixtures>({
  apart: ['', { scope: 'worker', option: true }],

  settings: [{}, { scope: 'worker', option: true }],

  server: [
    async ({ apart: _, settings }, use) => {
      const server = await Server.start({ settings });
      await use(server);
      await server.stop();
    },
    { scope: 'worker' },
  ],

  provokes: [[], { option: true }],

  guarded: async ({ page, provokes }, use) => {
    const faults: string[] = [];
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') faults.push(message.text());
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

/** Axe's rules hold, and nothing stands out to the right of the window. */
export async function expectSound(page: Page): Promise<void> {
  // A colour on its way to another one is neither of them.
  await page.evaluate(() =>
    Promise.allSettled(
      document
        .getAnimations()
        .filter((each) => each.effect?.getComputedTiming().endTime !== Infinity)
        .map((each) => each.finished),
    ),
  );
  const { violations } = await new AxeBuilder({ page }).analyze();
  expect(
    violations.map(({ id, nodes }) => ({
      id,
      nodes: nodes.map((node) => `${node.html}: ${node.failureSummary}`),
    })),
  ).toEqual([]);
  const overhang = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
  expect(overhang, 'pixels beyond the right edge').toBeLessThanOrEqual(0);
}

/** Writes a picture of the page into the folder SCREENSHOTS, if there is one. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder === undefined || folder === '') return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: join(folder, `${name}.png`), fullPage: true });
}

export { expect };
