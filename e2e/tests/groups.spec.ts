import { expect, expectSoundEverywhere, test } from '../fixtures';

test.use({ provokes: [/status of 409/] });

const V2 = '/public/v2';

test('a group of people becomes the scope of a workspace', async ({ signedIn: page, server }) => {
  test.setTimeout(120_000);
  const hris = await server.call<{ id: number }>('POST', `${V2}/custom-connections`, { name: 'HR', providerTypes: ['HRIS'] });
  await server.call('POST', `${V2}/custom-connections/${hris.id}/hris-user-identities`, [
    { identityId: 'e-1', email: 'erin@example.com', firstName: 'Erin', lastName: 'Ames', jobTitle: 'Engineer' },
    { identityId: 'e-2', email: 'cora@example.com', firstName: 'Cora', lastName: 'Bell', jobTitle: 'Cook' },
  ]);
  await page.goto(`${server.url}/personnel`);
  await expect(page.getByRole('link', { name: 'Cora Bell' })).toBeVisible();
  await page.getByRole('link', { name: 'Groups' }).click();
  await expect(page.getByRole('heading', { name: 'There are no groups yet' })).toBeVisible();
  await expectSoundEverywhere(page, 'no-groups');

  // By a rule, of which is said whom it means before it is saved.
  await page.getByRole('button', { name: 'Create a group' }).click();
  const form = page.getByRole('dialog', { name: 'Create a group' });
  await form.getByRole('textbox', { name: 'Name' }).fill('Engineers');
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(form).toContainText('Fill in at least one part of the rule');
  await form.getByRole('combobox', { name: 'Job title is one of' }).fill('engineer');
  await form.getByRole('combobox', { name: 'Job title is one of' }).press('Enter');
  await expect(form.getByRole('status')).toHaveText('The rule is true of 1 person.');
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(form).toBeHidden();
  await expect(page.getByRole('row', { name: /Engineers 1 Title is engineer/ })).toBeVisible();

  // One by one.
  await page.getByRole('button', { name: 'Create a group' }).click();
  await form.getByRole('textbox', { name: 'Name' }).fill('Kitchen');
  await form.getByText('Chosen one by one').click();
  await form.getByRole('button', { name: 'Create', exact: true }).click();
  await expect(page.getByRole('row', { name: /Kitchen 0 Chosen one by one/ })).toBeVisible();
  await expectSoundEverywhere(page, 'groups');
  await page.getByRole('link', { name: 'People', exact: true }).click();
  await page.getByRole('checkbox', { name: /Cora Bell/ }).check();
  await page.getByRole('button', { name: 'Add to a group' }).click();
  await page.getByRole('menuitem', { name: 'Kitchen' }).click();
  await expect(page.getByText('1 person joined Kitchen.')).toBeVisible();
  await page.getByRole('link', { name: 'Cora Bell' }).click();
  await expect(page.getByRole('definition').filter({ hasText: 'Primary' })).toBeVisible();
  await page.getByRole('link', { name: 'Kitchen', exact: true }).click();
  await expect(page).toHaveURL(/group=\d+/);
  await expect(page.getByRole('link', { name: 'Erin Ames' })).toHaveCount(0);
  await expect(page.getByRole('link', { name: 'Cora Bell' })).toBeVisible();

  // What the choice changes is said in numbers.
  await page.goto(`${server.url}/settings/workspaces`);
  await page.getByRole('button', { name: 'Choose the people in scope of Primary' }).click();
  const scope = page.getByRole('dialog', { name: 'People in scope of Primary' });
  await expect(scope.getByRole('status')).toHaveText('2 of 2 people who work here are in scope.');
  await scope.getByRole('combobox', { name: 'Groups' }).click();
  await page.getByRole('option', { name: 'Engineers' }).click();
  await expect(scope.getByRole('status')).toHaveText('1 of 2 people who work here is in scope then; now 2.');
  await scope.getByRole('combobox', { name: 'Groups' }).press('Escape');
  await scope.getByRole('button', { name: 'Save' }).click();
  await expect(scope).toBeHidden();
  await expect(page.getByRole('row', { name: /Primary.*1 person/ })).toBeVisible();
  await expectSoundEverywhere(page, 'workspaces-in-scope');

  // A group that a scope needs stays.
  await page.goto(`${server.url}/personnel/groups`);
  await page.getByRole('button', { name: 'Delete Engineers' }).click();
  const confirm = page.getByRole('dialog', { name: 'Delete Engineers?' });
  await expect(confirm).toContainText('1 person belongs to it.');
  await confirm.getByRole('button', { name: 'Delete the group' }).click();
  await expect(confirm).toContainText('personnel scope of “Primary”');
  await confirm.getByRole('button', { name: 'Cancel' }).click();
  await expect(confirm).toBeHidden();
  await page.getByRole('button', { name: 'Delete Kitchen' }).click();
  await page.getByRole('dialog', { name: 'Delete Kitchen?' }).getByRole('button', { name: 'Delete the group' }).click();
  await expect(page.getByText('The group Kitchen is deleted.')).toBeVisible();
  await expect(page.getByRole('row', { name: /Kitchen/ })).toHaveCount(0);
});
