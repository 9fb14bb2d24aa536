import { expect, expectSoundEverywhere, test } from '../fixtures';
import { Server, type Target } from '../server';

type Seeded = { users: Target; failing: number };

async function seed(server: Server): Promise<Seeded> {
  const users = await server.connect('Identity provider', 'email', [
    { id: 'u0', email: 'ada@example.com', mfa: true, role: 'admin', profile: { team: 'platform' } },
  ]);
  await server.push(
    users,
    Array.from({ length: 60 }, (_, at) => ({
      id: `u${at}`,
      email: `person-${at}-with-a-rather-long-name@example.com`,
      mfa: at % 6 !== 0,
      role: at % 9 === 0 ? 'admin' : 'user',
      profile: { team: 'platform' },
    })),
  );
  const empty = await server.connect('Not fed yet', 'name', [{ id: 'x', name: 'x', ok: true }]);
  const failing = await server.publish('Everybody who can sign in has a second factor', users, 'mfa', true);
  await server.publish('Everybody has a role, however long the sentence that says it may become', users, 'role', 'user');
  await server.publish('Nothing to look at', empty, 'ok', true);
  return { users, failing };
}

test.describe('every page', () => {
  let seeded: Seeded | undefined;

  test.beforeAll(async ({ server }) => {
    seeded = await seed(server);
  });

  test('is sound everywhere', async ({ signedIn: page, server }) => {
    test.setTimeout(180_000);
    if (seeded === undefined) throw new Error('nothing was seeded');
    const resource = `/connections/${seeded.users.connectionId}/resources/${seeded.users.resourceId}`;
    const pages = {
      overview: '/',
      connections: '/connections',
      connection: `/connections/${seeded.users.connectionId}`,
      records: resource,
      record: `${resource}?record=u59`,
      'no-such-page': '/nothing',
      reference: '/docs',
    };
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(server.url + path);
      await expect(page.locator('h1')).toBeVisible();
      await expect(page.getByLabel(/^Loading /)).toHaveCount(0);
      if (name === 'record') await expect(page.getByRole('dialog')).toContainText('"role"');
      await expectSoundEverywhere(page, name);
    }
    // One operation with all it has, opened as a reader would.
    await page.setViewportSize({ width: 390, height: 844 });
    const operations = page.getByRole('main').getByRole('heading', { level: 3 });
    await page.getByRole('searchbox').fill('post records');
    await expect(operations.first()).toContainText('records');
    await operations.first().getByRole('link').click();
    for (const answer of await page.locator('summary').all()) await answer.click();
    await expectSoundEverywhere(page, 'operation');
  });

  test('is not sound with grey on grey, an image without words, or a line that is too long', async ({
    signedIn: page,
    server,
  }) => {
    for (const [fault, told] of [
      ['<p style="color: #777; background: #888">grey</p>', 'color-contrast'],
      ['<img src="/icon.svg">', 'image-alt'],
      ['<div style="width: 2000px">long</div>', 'pixels beyond the right edge'],
    ] as const) {
      await page.goto(`${server.url}/connections`);
      await expect(page.getByRole('table', { name: 'Connections' })).toBeVisible();
      await page.getByRole('heading', { level: 1 }).evaluate((heading, html) => {
        heading.insertAdjacentHTML('afterend', html);
      }, fault);
      await expect(expectSoundEverywhere(page, 'faulty')).rejects.toThrow(told);
    }
  });

  test('begins in the scheme of the system', async ({ signedIn: page, server }) => {
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.goto(server.url);
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  });

  test('keeps the scheme that was chosen', async ({ signedIn: page, server }) => {
    await page.emulateMedia({ colorScheme: 'light' });
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Use the dark colour scheme' }).click();
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  });

  test('is not left again for a search that was still being typed', async ({ signedIn: page, server }) => {
    await page.clock.install();
    await page.goto(`${server.url}/connections`);
    const search = page.getByRole('searchbox', { name: 'Search connections' });
    await search.fill('never mind');
    await page.getByRole('button', { name: 'Clear: Search connections' }).click();
    await page.clock.runFor(2_000);
    await expect(search).toHaveValue('');
    expect(page.url()).toBe(`${server.url}/connections`);

    // The next page takes long to come.
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    await page.route('**/assets/*', async (route) => {
      await held;
      await route.continue();
    });
    const asked = page.waitForRequest('**/assets/*');
    await search.fill('provider');
    await page.getByRole('link', { name: 'Frameworks' }).click();
    await asked;
    await page.clock.runFor(2_000);
    release();
    await expect(page.getByRole('heading', { level: 1, name: 'Frameworks' })).toBeVisible();
    await expect(page).toHaveURL(`${server.url}/frameworks`);
  });

  test('is reached on a narrow window through the menu', async ({ signedIn: page, server }) => {
    await page.setViewportSize({ width: 390, height: 844 });
    await page.goto(server.url);
    await page.getByRole('button', { name: 'Open the menu' }).click();
    await page.getByRole('link', { name: 'Monitoring', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Monitoring' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'API reference' })).toBeHidden();
  });
});

test.describe('a fresh server', () => {
  let fresh: Server | undefined;

  test.beforeAll(async () => {
    fresh = await Server.start();
  });
  test.afterAll(async () => {
    await fresh?.stop();
  });

  test('leads on with commands', async ({ guarded: page }) => {
    if (fresh === undefined) throw new Error('no server');
    await page.context().addCookies([await fresh.cookie()]);
    await page.goto(`${fresh.url}/`);
    await expectSoundEverywhere(page, 'fresh-overview', page.getByRole('link', { name: 'Create a connection' }));

    await page.goto(`${fresh.url}/connections`);
    await expect(page.getByText('No connections yet')).toBeVisible();
    await expectSoundEverywhere(page, 'fresh-connections', page.getByRole('link', { name: 'Create the first connection' }));

    await page.goto(`${fresh.url}/tests`);
    await expectSoundEverywhere(page, 'fresh-tests', page.getByText('No tests yet'));
  });
});
