import { expect, expectSound, test } from '../fixtures';
import { type Seeded, seedHostile } from '../hostile';
import { addresses, routesOfTheApp } from '../routes';

test.use({ apart: 'xss' });

test('every route of the app has an address in the table', async () => {
  expect(Object.keys(addresses).sort()).toEqual(await routesOfTheApp());
});

test.describe('scripts in every text', () => {
  let seeded: Seeded | undefined;

  test.beforeAll(async ({ server }) => {
    seeded = await seedHostile(server);
  });

  for (const [scheme, width] of [
    ['light', 1280],
    ['dark', 390],
  ] as const) {
    // The guarded page fails on a dialog, a blocked script and a stray request alike.
    test(`are shown as text on every page, ${scheme}, ${width} px`, async ({ signedIn: page, server }) => {
      test.setTimeout(120_000);
      if (seeded === undefined) throw new Error('nothing was seeded');
      await page.setViewportSize({ width, height: 844 });
      await page.emulateMedia({ colorScheme: scheme });
      let shown = 0;
      for (const [route, address] of Object.entries(addresses)) {
        await test.step(route, async () => {
          await page.goto(server.url + address(seeded as Seeded));
          await expect(page.locator('h1')).toBeVisible();
          await expect(page.getByLabel(/^Loading /)).toHaveCount(0);
          const planted = page.locator(
            'img[src="x"], body script:not([src]), svg[onload], [onerror], [onmouseover], a[href^="javascript:" i], b:text-is("C")',
          );
          await expect(planted).toHaveCount(0);
          if ((await page.locator('body').innerText()).includes('<script>')) shown++;
          await expectSound(page);
        });
      }
      expect(shown, 'pages that show what was seeded').toBeGreaterThan(Object.keys(addresses).length / 2);
    });
  }
});
