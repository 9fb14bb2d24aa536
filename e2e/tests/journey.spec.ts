import { expect, test } from '../fixtures';
import { Server } from '../server';

// The way of a new user, from the set-up link to a requirement that is ready, through the pages alone.
test('from the set-up link to a requirement that is ready', async ({ guarded: page }) => {
  test.setTimeout(180_000);
  const server = await Server.start({ administrator: false });
  try {
    const link = (await server.users(['setup-link'])).split('\n')[0] ?? '';

    await test.step('the set-up link makes the administrator', async () => {
      await page.goto(link);
      await page.getByLabel('E-mail address').fill('grace@example.com');
      await page.getByLabel('First name').fill('Grace');
      await page.getByLabel('Password', { exact: true }).fill('nine otters ride a tram');
      await page.getByRole('button', { name: 'Create the administrator' }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Home' })).toBeVisible();
    });

    await test.step('a connection from sample data, its key and its first record by a real call', async () => {
      await page.getByRole('link', { name: 'Create a connection' }).click();
      const go = page.getByRole('button', { name: 'Continue' });
      await page.getByLabel('Name', { exact: false }).first().fill('Backup jobs');
      await go.click();
      await page
        .getByRole('textbox', { name: 'Sample data' })
        .fill('{"id": "b-1", "host": "mail", "succeeded": true}');
      await go.click();
      await page.getByRole('combobox', { name: 'Display name' }).click();
      await page.getByRole('option', { name: /^host/ }).click();
      await page.getByRole('button', { name: 'Create the connection' }).click();
      await page.getByRole('button', { name: 'Make the key' }).click();
      const key = await page.locator('code').innerText();
      await go.click();
      await expect(page.getByText('Waiting for the first record')).toBeVisible();
      const command = await page.locator('pre[aria-label="curl"]').innerText();
      const sent = await fetch(/'(http[^']*)'/.exec(command)?.[1] ?? '', {
        method: 'POST',
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        body: JSON.stringify({
          data: [
            { id: 'b-1', host: 'mail', succeeded: true },
            { id: 'b-2', host: 'archive', succeeded: false },
          ],
        }),
      });
      expect(sent.ok).toBe(true);
      await expect(page.getByText('The data is here: 2 records')).toBeVisible();
    });

    await test.step('a test in the builder and the advanced editor, published', async () => {
      await page.getByRole('link', { name: 'Write a test over it' }).click();
      await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Every backup succeeds');
      await page.getByRole('button', { name: 'succeeded', exact: true }).click();
      const preview = page.getByRole('region', { name: 'Live preview' });
      await expect(preview).toContainText('archive');
      await page.getByText('JSON', { exact: true }).click();
      await expect(page.getByRole('textbox', { name: 'The group as JSON' })).toContainText('"succeeded"');
      await page.getByText('Builder', { exact: true }).click();
      await page.getByRole('button', { name: 'Publish' }).click();
      const dialog = page.getByRole('dialog', { name: 'Publish this test' });
      await expect(dialog).toContainText('1 of 2 records in scope failing');
      await dialog.getByRole('button', { name: 'Publish' }).click();
      await expect(page).toHaveURL(/\/tests\/\d+(\?|$)/);
    });

    await test.step('the failing record is excluded with an end', async () => {
      await expect(page.getByRole('tab', { name: 'Failing 1' })).toBeVisible();
      await page.getByRole('checkbox', { name: 'Select archive' }).check();
      await page.getByRole('button', { name: 'Exclude…' }).click();
      const dialog = page.getByRole('dialog');
      await dialog.getByRole('textbox', { name: 'Reason' }).fill('This host is switched off');
      await expect(dialog.getByLabel('Until')).not.toHaveValue('');
      await dialog.getByRole('button', { name: 'Exclude 1 record' }).click();
      await expect(page.getByRole('tab', { name: 'Failing 0' })).toBeVisible();
      await expect(page.getByRole('main')).toContainText('Passed');
    });

    await test.step('the test proves a control, and a requirement becomes ready', async () => {
      await page.getByRole('link', { name: 'Frameworks' }).click();
      await page.getByRole('button', { name: 'Install Plumbline Essentials' }).click();
      await expect(page.getByText(/Plumbline Essentials is installed/)).toBeVisible();
      await page.getByRole('link', { name: 'Controls' }).click();
      await page.getByRole('link', { name: /Backups succeed/ }).click();
      const mapping = page.getByRole('combobox', { name: 'Map a test', exact: true });
      await mapping.fill('backup');
      await page.getByRole('option', { name: 'Every backup succeeds' }).click();
      await expect(page.getByLabel('Readiness', { exact: true })).toContainText('Every test that has a verdict passes.');
      await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Home' }).click();
      await expect(page.getByRole('link', { name: 'Plumbline Essentials' })).toBeVisible();
      await expect(page.getByText(/^1 of \d+ requirements ready/)).toBeVisible();
    });

    await test.step('signing out ends it', async () => {
      await page.getByRole('button', { name: 'Your account: Grace' }).click();
      await page.getByRole('menuitem', { name: 'Sign out', exact: true }).click();
      await expect(page.getByRole('heading', { level: 1, name: 'Sign in to Plumbline' })).toBeVisible();
      await page.goto(server.url);
      await expect(page.getByRole('heading', { level: 1, name: 'Sign in to Plumbline' })).toBeVisible();
    });
  } finally {
    // The page would miss its stream.
    await page.goto('about:blank');
    await server.stop();
  }
});
