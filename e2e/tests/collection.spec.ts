import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, expectSound, expectSoundEverywhere, test } from '../fixtures';

const TOKEN = 'right-token-4711';

const RECIPE = `collector: http
inputs:
  - {name: baseUrl, label: Address, help: Where the directory answers., example: "https://directory.example.com"}
  - {name: token, label: API token, help: One that may only read is enough., secret: true}
http:
  url: \${baseUrl}/people
  auth: {bearer: "\${token}"}
  items: .people
record: '{id, email: .mail, mfa}'
`;

/** A directory of people, behind a token. */
class Directory {
  people = [
    { id: 'ann', mail: 'ann@example.com', mfa: true },
    { id: 'bob', mail: 'bob@example.com', mfa: false },
  ];
  readonly #http: HttpServer;

  constructor() {
    this.#http = createServer((request, response) => {
      const known = request.headers.authorization === `Bearer ${TOKEN}`;
      response.writeHead(known ? 200 : 401, { 'Content-Type': 'application/json' });
      response.end(JSON.stringify(known ? { people: this.people } : { error: 'invalid token' }));
    });
  }

  async listen(): Promise<string> {
    await new Promise<void>((resolve) => this.#http.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#http.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#http.closeAllConnections();
    this.#http.close();
  }
}

test.describe('collection', () => {
  // A form that lacks an input is refused.
  test.use({ provokes: [/status of 400/] });

  test('is set up, fails with a wrong token, and brings the records with the right one', async ({
    signedIn: page,
    server,
  }) => {
    test.setTimeout(150_000);
    const directory = new Directory();
    const address = await directory.listen();
    try {
      const target = await server.connect('Directory', 'email', [{ id: 'ann', email: 'a@example.com', mfa: true }]);
      await server.push(target, [{ id: 'old', email: 'old@example.com', mfa: true }]);
      await page.goto(`${server.url}/connections/${target.connectionId}?tab=collection`);

      await expect(page.getByRole('heading', { name: 'These records are pushed' })).toBeVisible();
      await expectSoundEverywhere(page, 'collection-none');
      await page.getByRole('button', { name: 'Let Plumbline collect' }).click();
      await expect(page).toHaveURL(/edit=collection/);
      await page.getByText('A database', { exact: true }).click();
      const recipe = page.getByRole('textbox', { name: 'How the records are got' });
      await expect(recipe).toContainText('sql');

      // What is wrong with a recipe stands at its line, in the server's words.
      await recipe.fill('collector: http\nhttp: {url: x, verb: GET}\n');
      await expect(page.locator('.cm-lint-marker-error')).toBeVisible();
      await recipe.fill(RECIPE);
      await expect(page.locator('.cm-lint-marker-error')).toHaveCount(0);

      // The form is made from what the recipe asks for.
      await page.getByLabel('Address').fill(address);
      await page.getByRole('button', { name: 'Save and collect now' }).click();
      await expect(page.getByText(/API token.*is missing/)).toBeVisible();
      const token = page.getByRole('textbox', { name: 'API token' });
      await token.fill(TOKEN);
      await page.getByRole('button', { name: 'Every week' }).click();
      await expect(page.getByText(/Every Monday at 02:00 UTC/)).toBeVisible();

      // A try shows the first records and writes nothing.
      await page.getByRole('button', { name: 'Try it' }).click();
      await expect(page.getByText('2 records, as they would be stored.')).toBeVisible();
      await expect(page.getByText('"bob@example.com"')).toBeVisible();
      await expectSoundEverywhere(page, 'collection-form');
      await expect(page.getByText('1 record', { exact: true }).first()).toBeVisible();

      // With a wrong token the run fails, and the old records stand.
      await token.fill('wrong-token-0815');
      await page.getByRole('button', { name: 'Save and collect now' }).click();
      await expect(page.getByText('Failed', { exact: true }).first()).toBeVisible();
      await expect(page.getByText(/The records of before stand/)).toBeVisible();
      await expect(page.getByText('1 record', { exact: true }).first()).toBeVisible();
      await expect(page.getByText('Authenticate failed.')).toBeVisible();
      await expect(page.locator('body')).not.toContainText('wrong-token-0815');
      await expectSoundEverywhere(page, 'collection-failed');

      // A secret is never shown again; another one can be given, and the run comes by itself.
      await page.getByRole('button', { name: 'Edit' }).click();
      await expect(page.getByText('It is never shown.')).toBeVisible();
      await page.getByRole('button', { name: 'Replace API token' }).click();
      await page.getByRole('textbox', { name: 'API token' }).fill(TOKEN);
      await page.getByLabel('Records that may vanish', { exact: false }).fill('100');
      await page.getByRole('button', { name: 'Save', exact: true }).click();
      await expect(page.getByText(/with 2 records/)).toBeVisible();
      await expect(page.getByText(`Plumbline collects these records from ${new URL(address).host}`)).toBeVisible();
      await expectSoundEverywhere(page, 'collection-works');

      // What changes there comes with the next run, and the page follows by itself.
      directory.people.push({ id: 'cid', mail: 'cid@example.com', mfa: true });
      await page.getByRole('button', { name: 'Run now' }).click();
      await expect(page.getByText(/with 3 records/)).toBeVisible();
      await page.getByRole('button', { name: 'Pause' }).click();
      await expect(page.getByText('The schedule is paused.').first()).toBeVisible();
      await page.getByRole('button', { name: 'Undo' }).click();
      await expect(page.getByText('Next run', { exact: false })).toBeVisible();
      await page.getByText('Show the recipe').click();
      await expect(page.getByRole('textbox', { name: 'Recipe' })).toContainText('collector');

      await page.getByRole('button', { name: 'Stop collecting' }).click();
      const dialog = page.getByRole('dialog');
      await expect(dialog).toContainText('2 inputs, of them 1 secret');
      await expect(dialog).toContainText('3 records stay');
      await expectSound(page);
      await dialog.getByRole('button', { name: 'Stop collecting' }).click();
      await expect(page.getByRole('heading', { name: 'These records are pushed' })).toBeVisible();
      await page.getByRole('link', { name: 'Records', exact: true }).click();
      await expect(page.getByText('cid@example.com').first()).toBeVisible();

      // A connection of the catalogue comes with its recipe, and after it was stopped begins with it again.
      const used = await server.call<{ id: number }>('POST', '/public/v2/connection-catalog/okta/use', {
        name: 'Okta of the office',
        workspaceIds: [1],
      });
      const connection = `/public/v2/custom-connections/${used.id}`;
      const { customResources } = await server.call<{ customResources: { id: number }[] }>(
        'GET',
        `${connection}?expand[]=customResources`,
      );
      await server.call('DELETE', `${connection}/resources/${customResources[0]!.id}/collection`);
      await page.goto(`${server.url}/connections/${used.id}?tab=collection`);
      await expect(page.getByText('Plumbline has a recipe for Okta')).toBeVisible();
      await page.getByRole('button', { name: 'Let Plumbline collect' }).click();
      await expect(page.getByLabel('Okta address')).toBeVisible();
    } finally {
      directory.close();
    }
  });
});
