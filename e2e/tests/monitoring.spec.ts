import { readFile } from 'node:fs/promises';
import type { Page } from '@playwright/test';
import { expect, expectSoundEverywhere, test } from '../fixtures';
import type { Json, Server, Target } from '../server';

const TESTS = '/public/v2/workspaces/1/monitoring-tests';

type Counts = { counts: { failing: number; excluded: number }; checkStatus: string };

const people = (count: number): Json[] =>
  Array.from({ length: count }, (_, at) => ({
    id: `p${at}`,
    name: `Person ${at}`,
    mfa: at % 5 !== 0,
    admin: at % 7 === 0,
  }));

async function seed(server: Server, name: string): Promise<Target> {
  const target = await server.connect(name, 'name', [{ id: 'p', name: 'P', mfa: true, admin: false }]);
  await server.push(target, people(40));
  return target;
}

const read = (server: Server, testId: number) => server.call<Counts>('GET', `${TESTS}/${testId}`);

/** What a dialog at the foot of the page says was done. */
const notice = (page: Page, text: string | RegExp) => page.getByRole('alert').filter({ hasText: text });

test.describe('many tests', () => {
  // One of them may not be disabled.
  test.use({ provokes: [/status of 409/] });

  test('are found, ordered, and changed at a time', async ({ signedIn: page, server }) => {
    const users = await seed(server, 'Users to monitor');
    const mfa = await server.publish('A second factor', users, 'mfa', true);
    const admins = await server.publish('B nobody is an administrator', users, 'admin', false);
    const { testId: draft } = await server.call<{ testId: number }>('POST', TESTS, {
      name: 'C still a draft',
      logic: { groups: [{ resourceId: users.resourceId, evaluator: { all: [{ fact: 'mfa', operator: 'equal', value: true }] } }] },
    });

    await page.goto(`${server.url}/tests?connectionId=${users.connectionId}`);
    const rows = page.getByRole('table', { name: 'Tests' }).locator('tbody tr');
    await expect(rows).toHaveCount(3);
    // Both fail; of these the later one is first.
    await expect(rows.first()).toContainText('B nobody');
    await page.getByRole('button', { name: 'Failing', exact: true }).click();
    await expect(page).toHaveURL(/sort=failing&sortDir=DESC/);
    await expect(rows.first()).toContainText('8 of 40');
    await expect(page.getByRole('columnheader', { name: 'Failing' })).toHaveAttribute('aria-sort', 'descending');
    await page.getByRole('button', { name: 'Test', exact: true }).click();
    await expect(rows.first()).toContainText('A second factor');
    await expect(rows.first()).toContainText('Users to monitor');

    await page.getByRole('button', { name: 'Export all tests' }).click();
    await expect(page.getByRole('menuitem', { name: /^CSV/ })).toHaveAttribute(
      'href',
      `${TESTS}?sort=name&sortDir=ASC&connectionId=${users.connectionId}&format=csv`,
    );
    await page.keyboard.press('Escape');
    await page.getByRole('combobox', { name: 'Status' }).click();
    await page.getByRole('option', { name: 'Custom (Draft)' }).click();
    await expect(rows).toHaveCount(1);
    await expect(rows).toContainText('draft only');
    await page.reload();
    await expect(rows).toHaveCount(1);
    await page.getByRole('combobox', { name: 'Status' }).click();
    await page.getByRole('option', { name: 'Custom (Draft)' }).click();
    await expect(rows).toHaveCount(3);
    await page.getByRole('searchbox', { name: 'Search tests' }).fill('administrator');
    await expect(rows).toHaveCount(1);
    await page.getByRole('searchbox', { name: 'Search tests' }).fill('nothing like it');
    await expect(page.getByText('No test fits these filters')).toBeVisible();
    await page.getByRole('button', { name: 'Clear: Search tests' }).click();
    await expect(rows).toHaveCount(3);

    await page.getByRole('checkbox', { name: 'Choose every test of this page' }).check();
    await page.getByRole('button', { name: 'Disable…' }).click();
    await page.getByRole('textbox', { name: 'Why' }).fill('While the directory moves');
    await page.getByRole('button', { name: 'Disable 3 tests' }).click();
    const report = page.getByRole('dialog', { name: 'Disabling 3 tests' });
    await expect(report).toContainText('2 tests disabled, 1 refused');
    await expect(report.getByRole('listitem')).toContainText('C still a draft');
    await expect(report.getByRole('listitem')).toContainText('never published');
    await page.keyboard.press('Escape');
    await expect(rows.filter({ hasText: 'disabled' })).toHaveCount(2);
    expect((await read(server, mfa)).checkStatus).toBe('DISABLED');
    await notice(page, '2 tests disabled').getByRole('button', { name: 'Undo' }).click();
    await expect(notice(page, 'Undone')).toBeVisible();
    expect((await read(server, mfa)).checkStatus).toBe('ENABLED');
    expect((await read(server, admins)).checkStatus).toBe('ENABLED');

    await page.getByRole('checkbox', { name: 'Choose C still a draft' }).check();
    await page.getByRole('checkbox', { name: 'Choose A second factor' }).uncheck();
    await page.getByRole('checkbox', { name: 'Choose B nobody is an administrator' }).uncheck();
    await page.getByRole('button', { name: 'Delete…' }).click();
    await expect(page.getByRole('dialog')).toContainText('1 test with all versions and exclusions will be gone');
    await page.getByRole('button', { name: 'Delete 1 test' }).click();
    await expect(rows).toHaveCount(2);
    await expect(server.call('GET', `${TESTS}/${draft}`)).rejects.toThrow('404');
  });
});

test('failing records are searched, excluded with an end, and counted again by Undo', async ({
  signedIn: page,
  server,
}) => {
  const users = await seed(server, 'Users to exclude');
  const testId = await server.publish('Second factor of everybody', users, 'mfa', true);
  await page.goto(`${server.url}/tests/${testId}`);
  const list = page.getByRole('table', { name: 'Failing records' });
  await expect(list.getByRole('row')).toHaveCount(9);
  await page.getByRole('searchbox', { name: 'Search records' }).fill('person 3');
  await expect(list.getByRole('row')).toHaveCount(3);
  for (const name of ['Person 30', 'Person 35']) await page.getByRole('checkbox', { name: `Select ${name}` }).check();
  await page.getByRole('button', { name: 'Exclude…' }).click();

  const dialog = page.getByRole('dialog');
  await expect(dialog).toContainText('Person 30, Person 35');
  await dialog.getByRole('textbox', { name: 'Reason' }).fill('They leave this month');
  const until = dialog.getByLabel('Until');
  const usual = await until.inputValue();
  expect(Date.parse(usual) - Date.now()).toBeGreaterThan(80 * 86_400_000);
  await dialog.getByLabel('Ticket').fill('https://tickets.example/7');
  await dialog.getByRole('button', { name: 'Exclude 2 records' }).click();
  await expect(dialog).toBeHidden();
  await expect(page.getByText('No record has this text')).toBeVisible();
  await expect(page.getByRole('tab', { name: 'Failing 6' })).toBeVisible();
  expect((await read(server, testId)).counts).toMatchObject({ failing: 6, excluded: 2 });

  await notice(page, '2 records are excluded').getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('tab', { name: 'Failing 8' })).toBeVisible();
  await expect(list.getByRole('row')).toHaveCount(3);
  expect((await read(server, testId)).counts).toMatchObject({ failing: 8, excluded: 0 });

  // One by its drawer, which then stands in the tab of the excluded and can be ended there.
  await list.getByRole('row', { name: /Person 30/ }).click();
  await expect(dialog).toContainText('mfa is false');
  await dialog.getByRole('button', { name: 'Exclude…' }).click();
  await page.getByRole('textbox', { name: 'Reason' }).fill('A robot');
  await page.getByRole('button', { name: 'Exclude 1 record' }).click();
  await page.getByRole('tab', { name: 'Excluded 1' }).click();
  const excluded = page.getByRole('group', { name: 'Exclusions of this test' });
  await expect(excluded).toContainText('A robot');
  await page.getByRole('button', { name: 'End the exclusion of Person 30' }).click();
  await expect(page.getByText('Nothing is excluded')).toBeVisible();
  await notice(page, 'counts again').getByRole('button', { name: 'Undo' }).click();
  await expect(excluded).toContainText('A robot');

  // Another day, as it was then.
  await page.goto(`${server.url}/tests/${testId}?asOf=2020-01-01`);
  await expect(page.getByText('As it was at the end of')).toContainText('1 January 2020');
  await expect(page.getByText('No record failed then')).toBeVisible();
  await page.getByRole('button', { name: 'Back to now' }).click();
  await expect(list.getByRole('row')).toHaveCount(8);
});

test('runs, evidence, versions, controls and settings of a test', async ({ signedIn: page, server }) => {
  const users = await seed(server, 'Users with a history');
  const testId = await server.publish('Second factor, with a history', users, 'mfa', true);
  await server.call('PUT', `${TESTS}/${testId}`, {
    logic: {
      groups: [
        {
          resourceId: users.resourceId,
          evaluator: { all: [{ fact: 'mfa', operator: 'equal', value: true }, { fact: 'admin', operator: 'equal', value: false }] },
        },
      ],
    },
  });
  const { id: controlId } = await server.call<{ id: number }>('POST', '/public/v2/workspaces/1/controls', {
    code: 'OWN-1',
    name: 'Sign-in is safe',
    description: 'd',
  });

  await page.goto(`${server.url}/tests/${testId}?show=history`);
  await expect(page.getByRole('figure', { name: /Records by verdict/ }).getByRole('table')).toContainText('32');
  await expect(page.getByLabel('Open findings by age')).toContainText('8');
  await page.getByRole('button', { name: 'Run', exact: true }).click();
  const runs = page.getByRole('table', { name: 'Runs' });
  await expect(runs.getByRole('row', { name: /By hand/ })).toContainText('Failed');
  await runs.getByRole('row', { name: /By hand/ }).click();
  const drawer = page.getByRole('dialog');
  await expect(drawer).toContainText('SHA-256 of Users with a history');
  for (const [format, begins] of [
    ['JSON', '{'],
    ['CSV', ''],
    ['PDF', '%PDF'],
  ] as const) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      drawer.getByRole('button', { name: `Download ${format}` }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(new RegExp(`\\.${format.toLowerCase()}$`));
    const file = (await readFile(await download.path())).toString('latin1');
    expect(file.startsWith(begins)).toBe(true);
    if (format !== 'PDF') expect(file).toContain('Person 39');
  }
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(`${server.url}/tests/${testId}?show=history`);

  await page.getByRole('link', { name: 'Compare' }).click();
  await expect(page.getByText('Over the records of now')).toBeVisible();
  await expect(page.getByRole('group', { name: 'Records that are judged differently' })).toContainText('passes → fails');
  await expect(page.getByText('/groups/0/evaluator/all/1')).toBeVisible();
  await page.getByRole('button', { name: 'Run the draft' }).click();
  await expect(page.getByRole('region', { name: 'Draft' })).toContainText('12 records fail of 40 records in scope');
  await page.getByRole('button', { name: 'Publish…' }).click();
  await page.getByRole('textbox', { name: 'Why' }).fill('Administrators use another account');
  await page.getByRole('button', { name: 'Publish', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Draft' })).toBeHidden();
  await expect(page.getByRole('tab', { name: 'Failing 12' })).toBeVisible();
  await expect(page.getByText('Administrators use another account')).toBeVisible();

  await page.getByRole('tab', { name: 'Controls 0' }).click();
  await page.getByRole('combobox', { name: 'Add a control' }).fill('safe');
  await page.getByRole('option', { name: 'OWN-1' }).click();
  await expect(page.getByRole('tab', { name: 'Controls 1' })).toBeVisible();
  await page.getByRole('button', { name: 'Remove OWN-1' }).click();
  await expect(page.getByText('This test proves no control yet')).toBeVisible();
  await notice(page, 'does not prove').getByRole('button', { name: 'Undo' }).click();
  await expect(page.getByRole('link', { name: 'OWN-1' })).toBeVisible();
  await page.goto(`${server.url}/tests?controlId=${controlId}`);
  await expect(page.getByRole('button', { name: /^Tests of OWN-1/ })).toBeVisible();
  await expect(page.getByRole('table', { name: 'Tests' }).locator('tbody tr')).toHaveCount(1);

  await page.goto(`${server.url}/tests/${testId}?show=settings`);
  await page.getByLabel('Full pass').fill('30 6 * * 1');
  await expect(page.getByText('Every Monday at 06:30 UTC')).toBeVisible();
  await page.getByLabel('Name').fill('Second factor, renamed');
  await page.getByRole('button', { name: 'Save' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Second factor, renamed');
  await page.getByRole('button', { name: 'Delete this test…' }).click();
  await expect(page.getByRole('dialog')).toContainText('12 open findings');
  await expect(page.getByRole('dialog')).toContainText('OWN-1');
  await page.getByRole('button', { name: 'Delete the test' }).click();
  await expect(page.getByRole('heading', { level: 1 })).toHaveText('Monitoring');
});

test.describe('a refused schedule', () => {
  test.use({ provokes: [/status of 400/] });

  test('is told beside its field', async ({ signedIn: page, server }) => {
    const users = await seed(server, 'Users with a schedule');
    const testId = await server.publish('Second factor by schedule', users, 'mfa', true);
    await page.goto(`${server.url}/tests/${testId}?show=settings`);
    await page.getByLabel('Full pass').fill('every day');
    await expect(page.getByText('must have five fields')).toBeVisible();
  });
});

test('every tab is sound everywhere', async ({ signedIn: page, server }) => {
  test.setTimeout(180_000);
  const users = await seed(server, 'Users in every tab');
  const testId = await server.publish('A second factor, seen in every scheme and by everybody', users, 'mfa', true);
  const empty = await server.connect('Not fed', 'name', [{ id: 'x', name: 'x', mfa: true }]);
  const unfed = await server.publish('Nothing to look at', empty, 'mfa', true);
  await server.call('POST', `${TESTS}/${testId}/exclusions`, {
    targetId: 'p0',
    reason: 'A robot',
    category: 'FALSE_POSITIVE',
    ticketUrl: 'https://tickets.example/1',
    expiresAt: new Date(Date.now() + 86_400_000).toISOString(),
  });
  await server.call('PUT', `${TESTS}/${testId}`, {
    logic: {
      groups: [{ resourceId: users.resourceId, evaluator: { all: [{ fact: 'admin', operator: 'equal', value: false }] } }],
    },
  });
  const { data: runs } = await server.call<{ data: { id: number }[] }>('GET', `${TESTS}/${testId}/runs`);
  const at = `/tests/${testId}`;
  const pages = {
    tests: '/tests',
    'no-tests': '/tests?q=no+such+test',
    failing: at,
    finding: `${at}?finding=p5`,
    passing: `${at}?show=passing`,
    excluded: `${at}?show=excluded`,
    history: `${at}?show=history`,
    run: `${at}?show=history&run=${runs[0]?.id ?? 0}`,
    logic: `${at}?show=logic`,
    versions: `${at}?show=versions`,
    controls: `${at}?show=controls`,
    'test-settings': `${at}?show=settings`,
    'no-data': `/tests/${unfed}`,
  };
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(server.url + path);
    await expect(page.locator('h1')).toBeVisible();
    await expect(page.getByLabel(/^Loading /)).toHaveCount(0);
    if (name === 'finding' || name === 'run') await expect(page.getByRole('dialog').getByRole('table').first()).toBeVisible();
    if (name === 'history') await expect(page.locator('.recharts-surface').first()).toBeVisible();
    if (name === 'versions') await expect(page.getByText('Over the records of now')).toBeVisible();
    await expectSoundEverywhere(page, name);
  }
  // The dialog that a list opens.
  await page.goto(`${server.url}${at}?finding=p5`);
  await page.getByRole('dialog').getByRole('button', { name: 'Exclude…' }).click();
  await expectSoundEverywhere(page, 'exclude', page.getByRole('textbox', { name: 'Reason' }));
});
