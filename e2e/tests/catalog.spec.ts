import { expect, expectSoundEverywhere, test } from '../fixtures';

// Nothing is connected at first, so it has a server of its own.
test.use({ provokes: [/status of 409/] });

test('a newcomer finds a provider in the catalogue and makes a connection of it', async ({
  signedIn: page,
  server,
}) => {
  test.setTimeout(120_000);
  await page.goto(`${server.url}/connections`);
  await page.getByRole('link', { name: 'Available' }).click();
  await expect(page).toHaveURL(/\/connections\/available$/);

  // What to connect first, in the server's order.
  const begin = page.getByRole('region', { name: 'Where to begin' });
  await expect(begin.getByRole('listitem').first()).toContainText('IdentityOkta, Google Workspace, Microsoft Entra ID');
  await expect(page.getByRole('region', { name: 'Version control' }).getByRole('link')).toHaveText([
    'GitHub',
    'GitLab',
    'Bitbucket',
  ]);
  await expectSoundEverywhere(page, 'catalogue');

  // The server narrows it, and the address says how.
  await page.getByRole('searchbox', { name: 'Search the catalogue' }).fill('no such thing');
  await expect(page.getByRole('heading', { name: 'No system fits' })).toBeVisible();
  await page.getByRole('button', { name: 'Show the whole catalogue' }).click();
  await page.getByRole('combobox', { name: 'Category' }).click();
  await page.getByRole('option', { name: /^Security training/ }).click();
  await expect(page).toHaveURL(/category=SECURITY_TRAINING/);
  await expect(page.getByRole('heading', { level: 3 })).toHaveText(['KnowBe4']);
  await page.goto(`${server.url}/connections/available?q=okta`);
  await page.getByRole('link', { name: 'Okta', exact: true }).click();

  // All that one should know before.
  const drawer = page.getByRole('dialog', { name: 'Okta' });
  await expect(drawer.getByText('Lists users and their factors. It can change nothing.')).toBeVisible();
  await expect(drawer.getByText('Everyone has a second factor')).toBeVisible();
  await expect(drawer.getByText('PLB-001 Everyone logs in with a second factor').first()).toBeVisible();
  await expectSoundEverywhere(page, 'catalogue-entry', drawer);
  await drawer.getByRole('button', { name: 'Use Okta' }).click();

  const dialog = page.getByRole('dialog', { name: 'Use Okta' });
  await expect(dialog.getByLabel('Name')).toHaveValue('Okta');
  await expectSoundEverywhere(page, 'catalogue-use', dialog);
  await dialog.getByRole('button', { name: 'Make the connection' }).click();

  // It waits for what it needs.
  await expect(page).toHaveURL(/\/connections\/\d+\?tab=collection/);
  await expect(page.getByRole('heading', { level: 1, name: 'Okta' })).toBeVisible();
  await expect(page.getByText('API token').first()).toBeVisible();

  // The same name again is refused beside the field; the newcomer's order is gone.
  await page.goto(`${server.url}/connections/available?entry=okta&connect=yes`);
  await dialog.getByRole('button', { name: 'Make the connection' }).click();
  await expect(dialog.getByText(/name “Okta” is taken/)).toBeVisible();
  await dialog.getByLabel('Name').fill('Okta of the shop');
  await dialog.getByRole('button', { name: 'Make the connection' }).click();
  await expect(page.getByRole('heading', { level: 1, name: 'Okta of the shop' })).toBeVisible();
  await page.goto(`${server.url}/connections/available`);
  await expect(page.getByRole('region', { name: 'Version control' })).toBeVisible();
  await expect(begin).toHaveCount(0);

  // The tests are there, mapped to controls.
  await page.goto(`${server.url}/tests?q=${encodeURIComponent('second factor (Okta of the shop)')}`);
  await expect(page.getByText('Everyone has a second factor (Okta of the shop)').first()).toBeVisible();
});
