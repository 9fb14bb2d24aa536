import type { Page } from '@playwright/test';
import { expect, expectSoundEverywhere, test } from '../fixtures';
import { GitHub, Jira, Okta } from '../standins';

test.use({ settings: { PLUMBLINE_NOTIFY_NETWORKS: '127.0.0.0/8' }, actionTimeout: 15_000 });

/** Makes a connection of an entry of the catalogue, up to the form that asks for the access. */
async function use(page: Page, name: string): Promise<void> {
  await page.getByRole('link', { name: 'Connections', exact: true }).first().click();
  await page.getByRole('link', { name: 'Available' }).click();
  await page.getByRole('searchbox', { name: 'Search the catalogue' }).fill(name);
  // The address follows after a pause in typing.
  await expect(page).toHaveURL(new RegExp(`q=${name}`));
  await page.getByRole('heading', { level: 3, name, exact: true }).getByRole('link').click();
  await page.getByRole('button', { name: `Use ${name}` }).click();
  await page.getByRole('button', { name: 'Make the connection' }).click();
  await expect(page.getByRole('heading', { level: 1, name })).toBeVisible();
  await expect(page).toHaveURL(/edit=collection/);
}

async function run(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Collection', exact: true }).click();
  await page.getByRole('button', { name: 'Run now' }).click();
}

async function overview(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Overview', exact: true }).click();
}

/** Gives the collection that is shown another token, which runs it again. */
async function renew(page: Page, token: string): Promise<void> {
  await page.getByRole('link', { name: 'Collection', exact: true }).click();
  await page.getByRole('button', { name: 'Edit', exact: true }).click();
  await page.getByRole('button', { name: 'Replace API token' }).click();
  await page.getByLabel(/^API token/).fill(token);
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page).not.toHaveURL(/edit=collection/);
}

test('three systems are connected from the catalogue; one breaks, says what to do, and is mended', async ({
  signedIn: page,
  server,
}) => {
  test.setTimeout(240_000);
  const okta = await new Okta().start();
  const github = await new GitHub().start();
  const jira = await new Jira().start();
  const diagnosis = page.locator('section', { has: page.getByRole('heading', { level: 2, name: 'Diagnosis' }) });
  try {
    // A newcomer is led to the catalogue, and there to what comes first.
    await page.goto(`${server.url}/connections/available`);
    await expect(page.getByRole('region', { name: 'Where to begin' })).toContainText('Okta');
    await expectSoundEverywhere(page, 'hub-available');

    await use(page, 'Okta');
    await page.getByLabel('Okta address').fill(okta.url);
    await page.getByLabel(/^API token/).fill('00wrong');
    await page.getByRole('button', { name: 'Try it' }).click();
    await expect(page.getByText(/401|refused the credentials|not take/i).first()).toBeVisible();
    await page.getByLabel(/^API token/).fill(okta.token);
    await page.getByRole('button', { name: 'Try it' }).click();
    await expect(page.getByText('ada@example.com').first()).toBeVisible();
    await expectSoundEverywhere(page, 'hub-try');
    await page.getByRole('button', { name: 'Save and collect now' }).click();
    await expect(page.getByText('Completed').first()).toBeVisible();
    await expect(page.getByText('3 records').first()).toBeVisible();
    await expectSoundEverywhere(page, 'hub-collected');

    // Both pages came in, and the tests of the entry decide: Ben has no second factor.
    expect(okta.asked.filter((path) => path.startsWith('/api/v1/users?after=2'))).not.toEqual([]);
    await page.getByRole('link', { name: 'Records', exact: true }).click();
    await expect(page.getByRole('link', { name: 'cleo@example.com' })).toBeVisible();
    await page.getByRole('link', { name: 'Monitoring', exact: true }).last().click();
    const tests = page.getByRole('row', { name: /Everyone has a second factor/ });
    await expect(tests).toContainText('Failed');
    await expect(page.getByRole('row', { name: /Accounts are in use/ })).toContainText('Passed');

    await use(page, 'GitHub');
    await page.getByLabel('Organisation').fill('example-inc');
    await page.getByLabel(/^Access token/).fill(github.token);
    await page.getByLabel('Address of the API').fill(github.url);
    await page.getByRole('button', { name: 'Save and collect now' }).click();
    await expect(page.getByText('2 records').first()).toBeVisible();
    await page.getByRole('link', { name: 'Monitoring', exact: true }).last().click();
    await expect(page.getByRole('row', { name: /Main branches ask for a review/ })).toContainText('Passed');
    await expect(page.getByRole('row', { name: /Repositories are not public/ })).toContainText('Failed');

    await use(page, 'Jira');
    await page.getByLabel('Address of Jira').fill(jira.url);
    await page.getByLabel('Address of the account').fill('plumbline@example.com');
    await page.getByLabel(/^API token/).fill(jira.token);
    await page.getByRole('button', { name: 'Save and collect now' }).click();
    await expect(page.getByText('3 records').first()).toBeVisible();
    await page.getByRole('link', { name: 'Monitoring', exact: true }).last().click();
    await expect(page.getByRole('row', { name: /Open security work has an owner/ })).toContainText('Failed');
    await expect(page.getByRole('row', { name: /Nothing is overdue/ })).toContainText('Passed');

    // The token of Okta is revoked: the page says so and what to do, and the records stand.
    await page.goto(`${server.url}/connections`);
    const list = page.getByRole('table', { name: 'Connections' });
    for (const name of ['Okta', 'GitHub', 'Jira'])
      await expect(list.getByRole('row', { name: new RegExp(name) })).toContainText('Healthy');
    await list.getByRole('link', { name: 'Okta' }).click();
    okta.broken = 'revoked';
    await run(page);
    await overview(page);
    await expect(diagnosis.getByRole('heading', { name: 'The credentials are no longer accepted' })).toBeVisible();
    await expect(diagnosis.getByRole('list', { name: 'What to do' }).getByRole('listitem').first()).toBeVisible();
    await expect(diagnosis).toContainText('401');
    await expect(page.getByText('Unhealthy').first()).toBeVisible();
    await expect(page.getByText('3 records').first()).toBeVisible();
    await expectSoundEverywhere(page, 'hub-revoked');

    // Then a page for people comes in place of JSON, which is told apart.
    okta.broken = 'html';
    await run(page);
    await overview(page);
    await expect(diagnosis.getByRole('heading', { name: 'A web page came instead of data' })).toBeVisible();
    await expectSoundEverywhere(page, 'hub-html');

    // Another token, and Ben has set up his phone: it is healthy, and the test passes.
    okta.broken = undefined;
    okta.token = '00second';
    okta.people[1]?.factors.push('push');
    await renew(page, okta.token);
    await overview(page);
    await expect(diagnosis).toHaveCount(0);
    await expect(page.getByText('Healthy', { exact: true }).first()).toBeVisible();
    await page.getByRole('link', { name: 'Monitoring', exact: true }).last().click();
    await expect(tests).toContainText('Passed');

    // No token stands in anything that can be read.
    const told = await server.text('/public/v2/events?size=500&expand[]=metadata');
    for (const secret of ['00first', '00second', '00wrong', 'github_pat_first', 'ATATTfirst']) expect(told).not.toContain(secret);
  } finally {
    for (const each of [okta, github, jira]) await each.stop();
  }
});
