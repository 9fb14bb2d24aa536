// Measures how long Home takes to show its data in Chromium, with nothing in its
// cache, over the demo's data. Beside it stand two peers of the same rounds: a
// page without anything, and the same replies fetched by a bare HTTP client.
//
//   PLUMBLINE_BIN=bin/plumbline CHROMIUM=/usr/bin/chromium node bench/pages/pages.mjs

import { spawn } from 'node:child_process';
import { createServer } from 'node:http';
import { createServer as portServer } from 'node:net';
import { chromium } from '../../e2e/node_modules/@playwright/test/index.mjs';

const ROUNDS = Number(process.env.ROUNDS ?? 11);
const LIMIT = 1_000; // milliseconds, "interactive under 1 s"

const freePort = () =>
  new Promise((done) => {
    const server = portServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => done(port));
    });
  });

const median = (values) => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)];

/** Starts the demo and waits until it prints the link that signs in. */
async function startDemo() {
  const base = `http://127.0.0.1:${await freePort()}`;
  const demo = spawn(process.env.PLUMBLINE_BIN ?? 'bin/plumbline', ['demo', '--addr', base.slice('http://'.length)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  const link = await new Promise((found, failed) => {
    const hear = (part) => {
      said += part;
      const [url] = said.match(/http:\S+#token=\S+/) ?? [];
      if (url !== undefined && said.includes('Ctrl+C')) found(url);
    };
    demo.stdout.on('data', hear);
    demo.stderr.on('data', hear);
    demo.on('exit', (code) => failed(new Error(`the demo ended with ${code}:\n${said}`)));
  });
  return { base, link, stop: () => demo.kill('SIGINT') };
}

/** From the beginning of the navigation until the page has its data and a frame was drawn with it. */
async function homeTook(browser, base, storageState) {
  const context = await browser.newContext({ storageState, viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  const replies = [];
  page.on('response', (response) => {
    const { pathname } = new URL(response.url());
    if (response.request().method() === 'GET' && pathname !== '/public/v2/stream') replies.push(response.url());
  });
  await page.goto(`${base}/`, { waitUntil: 'commit' });
  const took = await page.waitForFunction(
    () => {
      const rows = (title) =>
        [...document.querySelectorAll('section')]
          .find((panel) => panel.querySelector('h2, h3')?.textContent === title)
          ?.querySelectorAll('li').length ?? 0;
      if (!['Newest failing tests', 'Newest findings', 'What changed', 'Frameworks'].every((title) => rows(title) > 0)) return 0;
      return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(performance.now()))));
    },
    undefined,
    { polling: 'raf', timeout: 30_000 },
  );
  const figure = await took.jsonValue();
  const cookies = (await context.cookies()).map(({ name, value }) => `${name}=${value}`).join('; ');
  await context.close();
  return { figure, replies: [...new Set(replies)], cookies };
}

async function emptyTook(browser, url) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 } });
  const page = await context.newPage();
  await page.goto(url, { waitUntil: 'commit' });
  const took = await page.waitForFunction(
    () => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(() => drawn(performance.now())))),
  );
  const figure = await took.jsonValue();
  await context.close();
  return figure;
}

/** The same replies one after another, by a client that does nothing with them. */
async function bareTook(urls, cookie) {
  const begin = performance.now();
  let bytes = 0;
  for (const url of urls) {
    const reply = await fetch(url, { headers: { cookie } });
    if (!reply.ok) throw new Error(`${url} answers ${reply.status}`);
    bytes += (await reply.arrayBuffer()).byteLength;
  }
  return { figure: performance.now() - begin, bytes };
}

const empty = createServer((_, answer) => answer.setHeader('content-type', 'text/html').end('<!doctype html><title>x</title><h1>Empty</h1>'));
await new Promise((done) => empty.listen(0, '127.0.0.1', done));
const demo = await startDemo();
const browser = await chromium.launch({
  ...(process.env.CHROMIUM ? { executablePath: process.env.CHROMIUM } : {}),
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const signing = await browser.newContext();
  const first = await signing.newPage();
  await first.goto(demo.link);
  await first.getByRole('heading', { level: 1, name: 'Home' }).waitFor();
  const state = await signing.storageState();
  await signing.close();
  const took = { home: [], empty: [], bare: [] };
  let bytes = 0;
  for (let round = 0; round <= ROUNDS; round++) {
    const home = await homeTook(browser, demo.base, state);
    const none = await emptyTook(browser, `http://127.0.0.1:${empty.address().port}/`);
    const bare = await bareTook(home.replies, home.cookies);
    bytes = bare.bytes;
    if (round === 0) continue; // the processes are cold
    took.home.push(home.figure);
    took.empty.push(none);
    took.bare.push(bare.figure);
  }
  const ms = (list) => `${Math.round(median(list))} ms`;
  const worst = (list) => `${Math.round(Math.max(...list))} ms`;
  console.log(`| measured | median of ${ROUNDS} | slowest | against | ratio |\n|---|---:|---:|---|---:|`);
  console.log(`| Home with its data, cold cache | ${ms(took.home)} | ${worst(took.home)} | limit ${LIMIT} ms | ${(median(took.home) / LIMIT).toFixed(2)} |`);
  console.log(`| an empty page in the same browser | ${ms(took.empty)} | ${worst(took.empty)} | | |`);
  console.log(`| Home's ${Math.round(bytes / 1000)} kB by a bare HTTP client | ${ms(took.bare)} | ${worst(took.bare)} | Home | ${(median(took.bare) / median(took.home)).toFixed(2)} |`);
} finally {
  await browser.close();
  demo.stop();
  empty.close();
}
