import { expect, test } from '../fixtures';

test('the link of a start carries the key, which leaves the address bar', async ({ guarded: page, server }) => {
  await page.goto(`${server.url}/tests#key=${server.key}`);
  await expect(page.getByRole('heading', { level: 1, name: 'Tests' })).toBeVisible();
  expect(page.url()).toBe(`${server.url}/tests`);

  await page.reload();
  await expect(page.getByRole('heading', { level: 1, name: 'Tests' })).toBeVisible();

  await page.getByRole('button', { name: 'Forget key' }).click();
  await expect(page.getByLabel('API key', { exact: true })).toBeVisible();
  await page.reload();
  await expect(page.getByLabel('API key', { exact: true })).toBeVisible();
});

test('a typed key opens the page that the address names, by keyboard alone', async ({ guarded: page, server }) => {
  await page.goto(`${server.url}/connections`);
  await expect(page.getByLabel('API key', { exact: true })).toBeFocused();
  await page.keyboard.type(server.key);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { level: 1, name: 'Connections' })).toBeVisible();
  await page.keyboard.press('Tab');
  const other = await page.context().newPage();
  await other.goto(`${server.url}/connections`);
  await expect(other.getByLabel('API key', { exact: true }), 'the key stays in its tab').toBeVisible();
});

test.describe('a key that is not accepted', () => {
  test.use({ provokes: [/status of 401/] });

  test('is named as such and not kept', async ({ guarded: page, server }) => {
    await page.goto(server.url);
    await page.getByLabel('API key', { exact: true }).fill('plk_wrong');
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.getByText('The server does not accept this key')).toBeVisible();
    expect(await page.evaluate(() => sessionStorage.length)).toBe(0);
  });

  test('in a link brings the question for another', async ({ guarded: page, server }) => {
    await page.goto(`${server.url}/#key=plk_wrong`);
    await expect(page.getByText('no longer accepted')).toBeVisible();
    await page.getByLabel('API key', { exact: true }).fill(server.key);
    await page.getByRole('button', { name: 'Continue' }).click();
    await expect(page.getByRole('heading', { level: 1, name: 'Overview' })).toBeVisible();
  });
});

test('pages come with the strict policy', async ({ guarded: page, server }) => {
  const response = await page.goto(server.url);
  const policy = response?.headers()['content-security-policy'] ?? '';
  for (const directive of ["default-src 'self'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) {
    expect(policy.split(/;\s*/)).toContain(directive);
  }
});
