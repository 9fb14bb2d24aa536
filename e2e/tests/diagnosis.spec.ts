import { createServer, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, expectSoundEverywhere, test } from '../fixtures';
import type { Server, Target } from '../server';

const GOOD = [
  { id: 'ann', email: 'ann@example.com', mfa: true },
  { id: 'bob', email: 'bob@example.com', mfa: true },
];
const SUMMARY = 'The sender writes mfa as text.\n1. Have it write true or false.\n2. Send the records again.';

/** A server of the chat completions protocol, which streams what it is told to say. */
class Model {
  readonly #http: HttpServer;
  asked: string[] = [];
  keys: (string | undefined)[] = [];
  say: (answer: ServerResponse) => Promise<void> | void = streaming(SUMMARY);

  constructor() {
    this.#http = createServer((request, answer) => {
      let body = '';
      request.on('data', (piece: Buffer) => (body += piece.toString()));
      request.on('end', () => {
        this.asked.push(body);
        this.keys.push(request.headers.authorization);
        void this.say(answer);
      });
    });
  }

  async start(): Promise<string> {
    await new Promise<void>((done) => this.#http.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}/v1`;
  }

  stop(): void {
    this.#http.closeAllConnections();
    this.#http.close();
  }
}

function piece(text: string): string {
  return `data: ${JSON.stringify({ model: 'tiny-1', choices: [{ index: 0, delta: { content: text } }] })}\n\n`;
}

/** Streams a text word by word; `held` is waited for after the first. */
function streaming(text: string, held: Promise<void> = Promise.resolve()) {
  return async (answer: ServerResponse) => {
    answer.writeHead(200, { 'Content-Type': 'text/event-stream' });
    for (const [at, word] of text.split(/(?<= )/).entries()) {
      answer.write(piece(word));
      if (at === 0) await held;
    }
    answer.end('data: [DONE]\n\n');
  };
}

async function pushRefused(server: Server, { connectionId, resourceId }: Target, id: string): Promise<void> {
  const path = `/public/v2/custom-connections/${connectionId}/resources/${resourceId}/records`;
  const items = await server.call<{ statusCode: number }[]>('POST', path, {
    data: [
      { id, email: `${id}@example.com`, mfa: 'Sesame' },
      { id: 'bob', email: 'bob@example.com', mfa: true },
    ],
  });
  expect(items[0]?.statusCode).toBe(400);
}

test.describe('diagnosis', () => {
  test.use({ provokes: [/status of 400/] });

  test('says why a connection is unhealthy, and in other words if a model is set up', async ({
    signedIn: page,
    server,
  }) => {
    test.setTimeout(90_000);
    const model = new Model();
    const address = await model.start();
    const target = await server.connect('Directory', 'email', GOOD);
    const overview = `${server.url}/connections/${target.connectionId}`;
    const panel = page.locator('section', { has: page.getByRole('heading', { level: 2, name: 'Diagnosis' }) });

    // Nothing ever came: it says how to begin.
    await page.goto(overview);
    await expect(panel.getByRole('heading', { name: 'No data has come yet' })).toBeVisible();
    await expect(panel).toContainText('Plumbline shows steps from the first run on');
    await panel.getByRole('link', { name: 'See how to push' }).click();
    await expect(page).toHaveURL(/tab=api/);

    // Records are refused: cause, steps that lead on, facts. The page follows by itself.
    await page.goto(overview);
    await expect(panel).toBeVisible();
    await server.push(target, GOOD);
    await expect(panel).toHaveCount(0);
    await pushRefused(server, target, 'quentin');
    await expect(panel.getByRole('heading', { name: 'A property has another type now' })).toBeVisible();
    await expect(panel).toContainText('1 record was refused');
    await expect(panel).toContainText('“mfa” must be boolean');
    await expect(panel.getByRole('list', { name: 'What to do' }).getByRole('listitem')).toHaveCount(3);
    await expect(panel.getByText('Failed step')).toBeVisible();
    await expect(panel.getByRole('heading', { name: 'Summary by AI' })).toHaveCount(0);
    await panel.getByRole('link', { name: 'Change the schema' }).click();
    await expect(page).toHaveURL(/tab=schema/);

    // The provider is set up and tried; refusals stand beside their field.
    await page.goto(`${server.url}/settings`);
    await page.getByRole('link', { name: 'AI provider' }).click();
    await page.getByRole('switch', { name: 'People may ask for a summary' }).check({ force: true });
    await page.getByLabel('Address').fill('example.com/v1');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Url must begin with https://')).toBeVisible();
    await page.getByLabel('Address').fill(address);
    await page.getByLabel('Model').fill('tiny');
    await page.getByRole('textbox', { name: 'Key' }).fill('sk-secret');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('A key is stored, and never shown.')).toBeVisible();
    await expect(page.getByRole('textbox', { name: 'Key' })).toHaveValue('');
    await page.getByRole('button', { name: 'Try the provider' }).click();
    await expect(page.getByText(/The model answered\. It took/)).toBeVisible();
    expect(model.keys).toEqual(['Bearer sk-secret']);

    // The text can be read while it comes; nothing of a record is in what was asked.
    let release = () => {};
    model.say = streaming(SUMMARY, new Promise((done) => (release = done)));
    await page.goto(overview);
    const summary = panel.getByRole('region', { name: 'Summary by AI' });
    await expect(summary).toContainText('Nobody asked for a summary yet.');
    await summary.getByRole('button', { name: 'Ask for a summary' }).click();
    await expect(summary.getByText('The', { exact: true })).toBeVisible();
    release();
    await expect(summary).toContainText('2. Send the records again.');
    await expect(summary).toContainText('By tiny-1');
    expect(model.asked[1]).toContain('mfa');
    expect(model.asked[1]).not.toMatch(/Sesame|quentin|Directory|example\.com/);
    await summary.getByRole('button', { name: 'This helped' }).click();
    await expect(summary.getByRole('button', { name: 'This helped' })).toHaveAttribute('aria-pressed', 'true');
    await page.reload();
    await expect(summary.getByRole('button', { name: 'This helped' })).toHaveAttribute('aria-pressed', 'true');

    await expect(summary).toContainText('By tiny-1');
    await expectSoundEverywhere(page, 'diagnosis', summary);

    // Newer data takes it away, by itself.
    await pushRefused(server, target, 'zelda');
    await expect(summary).toContainText('Newer data came after the last summary was made.');
    await expect(summary).not.toContainText('By tiny-1');

    // Data that is in order makes an end of it.
    const session = `/public/v2/custom-connections/${target.connectionId}/resources/${target.resourceId}/sessions/all-good`;
    await server.call('POST', session, { data: GOOD });
    await server.call('POST', `${session}/actions`, { action: 'complete' });
    await expect(panel).toHaveCount(0);
    model.stop();
  });
});
