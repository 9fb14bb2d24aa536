import { expect, expectSound, test } from '../fixtures';
import { type Seeded, seedHostile } from '../hostile';
import { addresses, routesOfTheApp } from '../routes';

test('every route of the app has an address in the table', async () => {
  expect(Object.keys(addresses).sort()).toEqual(await routesOfTheApp());
});

test.describe('scripts in every text', () => {
  let seeded: Seeded | undefined;

  test.beforeAll(async ({ server }) => {
    seeded = await seedHostile(server);
  });

  // The guarded page fails on a dialog, a blocked script and a stray request alike.
  test('are shown as text on every page, narrow and wide', async ({ signedIn: page, server }) => {
    test.setTimeout(360_000);
    if (seeded === undefined) throw new Error('nothing was seeded');
    const planted = page.locator(
      'img[src="x"], body script:not([src]), svg[onload], [onerror], [onmouseover], a[href^="javascript:" i], b:text-is("C")',
    );
    let shown = 0;
    for (const [route, address] of Object.entries(addresses)) {
      await test.step(route, async () => {
        await page.setViewportSize({ width: 390, height: 844 });
        await page.emulateMedia({ colorScheme: 'dark' });
        await page.goto(server.url + address(seeded as Seeded));
        await expect(page.locator('h1')).toBeVisible();
        await expect(page.getByLabel(/^Loading /)).toHaveCount(0);
        await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
        await expect(planted).toHaveCount(0);
        if ((await page.locator('body').innerText()).includes('<script>')) shown++;
        await expectSound(page);
        await page.setViewportSize({ width: 1280, height: 800 });
        await page.emulateMedia({ colorScheme: 'light' });
        await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'light');
        await expectSound(page);
        await expect(planted).toHaveCount(0);
      });
    }
    expect(shown, 'pages that show what was seeded').toBeGreaterThan(Object.keys(addresses).length / 2);
  });
});
