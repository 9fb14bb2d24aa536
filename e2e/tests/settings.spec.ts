import { expect, expectSound, expectSoundEverywhere, test } from '../fixtures';

const PAGES = {
  organisation: 'Organisation',
  workspaces: 'Workspaces',
  people: 'People and roles',
  keys: 'API keys',
  'custom-fields': 'Custom fields',
  policies: 'Policies',
  'ai-provider': 'AI provider',
};
const auditor = { email: 'eve@example.com', password: 'nine otters ride a tram' };
const manager = { email: 'mia@example.com', password: 'nine otters ride a tram' };

test.describe('settings', () => {
  test.use({ provokes: [/status of 40[0349]/] });

  test('are sound everywhere', async ({ signedIn: page, server }) => {
    test.setTimeout(120_000);
    for (const [path, title] of Object.entries(PAGES)) {
      await page.goto(`${server.url}/settings/${path}`);
      await expect(page.getByRole('heading', { level: 1, name: title })).toBeVisible();
      await expect(page.getByRole('status', { name: /^Loading/ })).toHaveCount(0);
      await expectSoundEverywhere(page, `settings-${path}`);
    }
  });

  test('an administrator names the organisation, makes a workspace, a key and invites somebody', async ({
    signedIn: page,
    server,
  }) => {
    await page.goto(`${server.url}/settings`);
    await page.getByLabel('Name', { exact: true }).fill('Umbrella');
    await page.getByLabel('Domain').fill('not a domain');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('Domain must be a domain such as example.com')).toBeVisible();
    await page.getByLabel('Domain').fill('umbrella.example');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByText('The organisation is saved.')).toBeVisible();

    await page.getByRole('link', { name: 'Workspaces' }).click();
    await page.getByRole('button', { name: 'Create a workspace' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Shop');
    await expectSound(page);
    await page.getByRole('button', { name: 'Create', exact: true }).click();
    await expect(page.getByRole('cell', { name: 'Shop', exact: true })).toBeVisible();

    await page.getByRole('link', { name: 'Custom fields' }).click();
    await expect(page.getByRole('heading', { name: 'No custom fields yet' })).toBeVisible();
    await page.getByRole('button', { name: 'Define a field' }).click();
    const define = page.getByRole('dialog', { name: 'Define a field' });
    await define.getByRole('textbox', { name: 'Name' }).fill('Criticality');
    await define.getByRole('textbox', { name: 'Choices' }).fill('High\nhigh');
    await define.getByRole('button', { name: 'Define', exact: true }).click();
    await expect(define.getByText('Choices has "high" twice')).toBeVisible();
    await define.getByRole('textbox', { name: 'Choices' }).fill('High\nLow');
    await expectSound(page);
    await define.getByRole('button', { name: 'Define', exact: true }).click();
    const fields = page.getByRole('group', { name: 'Fields of assets' });
    await expect(fields.getByRole('row', { name: /Criticality High, Low/ })).toBeVisible();
    await fields.getByRole('button', { name: 'Edit Criticality' }).click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('Weight');
    await page.getByRole('dialog').getByRole('button', { name: 'Save' }).click();
    await fields.getByRole('button', { name: 'Delete Weight' }).click();
    await expect(page.getByRole('dialog')).toContainText('Nothing has a value of it.');
    await page.getByRole('button', { name: 'Delete the field' }).click();
    await expect(page.getByRole('heading', { name: 'No custom fields yet' })).toBeVisible();

    await page.getByRole('link', { name: 'API keys' }).click();
    await page.getByRole('button', { name: 'Create a key' }).click();
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('CI');
    await page.getByRole('dialog').getByLabel('List Events').check();
    await expectSound(page);
    await page.getByRole('button', { name: 'Create the key' }).click();
    await expect(page.getByLabel('API key', { exact: true })).toContainText('plk_');
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Revoke CI' }).click();
    await page.getByRole('button', { name: 'Revoke the key' }).click();
    await expect(page.getByText('The key CI is revoked.')).toBeVisible();

    await page.getByRole('link', { name: 'People and roles' }).click();
    await page.getByRole('button', { name: 'Invite somebody' }).click();
    await page.getByLabel('E-mail address').fill('ADA@example.com');
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await expect(page.getByText('There is a user with the address')).toBeVisible();
    await page.getByLabel('E-mail address').fill('new@example.com');
    await expectSound(page);
    await page.getByRole('button', { name: 'Invite', exact: true }).click();
    await expect(page.getByLabel('Link', { exact: true })).toContainText(`${server.url}/invitation#token=`);
    await page.getByRole('button', { name: 'Done' }).click();
    await page.getByLabel('Name or address').fill('new@');
    await expect(page.getByRole('button', { name: 'Actions for Ada Lee' })).toBeHidden();
    await page.getByRole('button', { name: 'Actions for new@example.com' }).click();
    // A role that is added is the least of all, until another one is chosen; without any nothing is preselected.
    await page.getByRole('menuitem', { name: 'Change roles' }).click();
    const held = page.getByRole('dialog', { name: 'Roles of new@example.com' });
    await held.getByRole('button', { name: 'Remove' }).click();
    await expect(held).toContainText('No role.');
    await held.getByRole('button', { name: 'Add a role' }).click();
    await expect(held.getByRole('combobox', { name: 'Role' })).toHaveValue('Read-only');
    await held.getByRole('button', { name: 'Remove' }).click();
    await held.getByRole('button', { name: 'Save roles' }).click();
    await expect(held).toBeHidden();
    await page.getByRole('button', { name: 'Actions for new@example.com' }).click();
    await page.getByRole('menuitem', { name: 'Change roles' }).click();
    await expect(held).toContainText('No role.');
    await held.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Actions for new@example.com' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete the account' }).click();
    await expect(page.getByText('Nobody fits')).toBeVisible();
    await page.goto(`${server.url}/settings/people`);
    await page.getByRole('button', { name: 'Actions for Ada Lee' }).click();
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
    await expect(page.getByText('this is the last administrator')).toBeVisible();
  });

  test('an auditor sees no button that changes, a manager of one workspace nothing of the other', async ({
    guarded: page,
    server,
  }) => {
    const { id } = await server.call<{ id: number }>('POST', '/public/v2/workspaces', { name: 'Branch' });
    await server.users(['create', '--email', auditor.email, '--role', 'AUDITOR'], auditor.password);
    await server.users(
      ['create', '--email', manager.email, '--role', 'CONTROL_MANAGER', '--workspace', String(id)],
      manager.password,
    );
    await server.connect('Only in the first', 'name', [{ id: 'a', name: 'a' }]);
    await page.context().addCookies([await server.signIn(auditor)]);
    await page.goto(`${server.url}/settings/people`);
    await expect(page.getByRole('button', { name: 'Your account: eve@example.com' })).toBeVisible();
    await expect(page.getByRole('cell', { name: 'Ada Lee' })).toBeVisible();
    await expect(page.getByRole('button', { name: /Invite|Actions/ })).toHaveCount(0);
    await expect(page.getByRole('link', { name: 'API keys' })).toHaveCount(0);
    await page.goto(`${server.url}/settings/organisation`);
    await expect(page.getByLabel('Name', { exact: true })).toHaveAttribute('readonly', '');
    await expect(page.getByRole('button', { name: 'Save' })).toHaveCount(0);

    // A page that is still open would ask without a cookie.
    await page.goto('about:blank');
    await page.context().clearCookies();
    await page.context().addCookies([await server.signIn(manager)]);
    await page.goto(`${server.url}/settings/workspaces`);
    await expect(page.getByRole('cell', { name: 'Branch' })).toBeVisible();
    await expect(page.getByRole('cell', { name: /Primary/ })).toHaveCount(0);
    await page.goto(`${server.url}/connections`);
    await expect(page.getByText('Only in the first')).toHaveCount(0);
    await page.goto(`${server.url}/tests?workspace=1`);
    await expect(page.getByText('No workspace of that number is within your reach.')).toBeVisible();
  });
});
