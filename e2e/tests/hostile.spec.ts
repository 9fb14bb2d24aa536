import { expect, test } from '../fixtures';

const SCRIPT = '<script>alert(1)</script>';
const IMAGE = '"><img src=x onerror=alert(2)>';
const LINK = 'javascript:alert(3)';

// The guarded page fails on a dialog, a blocked script and a stray request alike.
test('what comes from outside is shown as text', async ({ signedIn: page, server }) => {
  const target = await server.connect(`${SCRIPT}${IMAGE}`, 'name', [{ id: 'x', name: 'x', note: 'x', ok: true }]);
  const id = '<svg/onload=alert(4)>?a=b#c%2F ü';
  await server.push(target, [{ id, name: IMAGE, note: LINK, ok: false }]);
  const testId = await server.publish(`Test ${SCRIPT}`, target, 'ok', true);

  await page.goto(`${server.url}/`);
  await expect(page.getByText(`Test ${SCRIPT}`).first()).toBeVisible();
  await page.goto(`${server.url}/connections`);
  await expect(page.getByText(`${SCRIPT}${IMAGE}`).first()).toBeVisible();

  await page.goto(`${server.url}/connections/${target.connectionId}/resources/${target.resourceId}`);
  await expect(page.getByRole('link', { name: IMAGE, exact: true })).toBeVisible();
  await expect(page.getByRole('cell', { name: LINK })).toBeVisible();
  await page.getByRole('link', { name: IMAGE, exact: true }).click();
  await expect(page.getByRole('dialog')).toContainText(id);

  await page.goto(`${server.url}/tests/${testId}`);
  await expect(page.getByRole('heading', { level: 1 })).toHaveText(`Test ${SCRIPT}`);
  await page.getByRole('row', { name: IMAGE }).click();
  await page.getByRole('dialog').getByRole('link', { name: id, exact: true }).click();
  await expect(page.getByRole('dialog')).toContainText(id);
  await page.keyboard.press('Escape');
  expect(await page.locator('main img, main script, main svg[onload], a[href^="javascript:"]').count()).toBe(0);
});

test('an address that leads nowhere says so', async ({ signedIn: page, server }) => {
  for (const path of ['/nothing/here', '/tests/0', '/tests/abc', '/connections/1e3']) {
    await page.goto(server.url + path);
    await expect(page.getByRole('heading', { level: 1, name: 'There is no such page' })).toBeVisible();
  }
});

test.describe('an object that does not exist', () => {
  test.use({ provokes: [/status of 404/] });

  test('is told with the server’s own words', async ({ signedIn: page, server }) => {
    await page.goto(`${server.url}/tests/987654`);
    await expect(page.getByRole('alert')).toContainText('There is nothing here');
    await expect(page.getByRole('alert')).toContainText('Status 404');
  });
});
