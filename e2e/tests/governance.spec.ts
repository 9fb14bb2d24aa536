import type { Locator, Page } from '@playwright/test';
import { expect, expectSound, expectSoundEverywhere, picture, test } from '../fixtures';
import type { Server, Target } from '../server';

const WORKSPACE = '/public/v2/workspaces/1';

type Seeded = { users: Target; mfa: number; green: number; framework: number };

async function seed(server: Server): Promise<Seeded> {
  const users = await server.connect('Directory of people', 'email', [
    { id: 'u0', email: 'ada@example.com', mfa: true, active: true, team: 'platform', logins: 3 },
  ]);
  await server.push(
    users,
    Array.from({ length: 24 }, (_, at) => ({
      id: `u${at}`,
      email: `person-${at}@example.com`,
      mfa: at % 4 !== 0,
      active: true,
      team: at % 2 === 0 ? 'sales' : 'platform',
      logins: at,
    })),
  );
  const mfa = await server.publish('Everybody has a second factor', users, 'mfa', true);
  const green = await server.publish('Every account is active', users, 'active', true);
  const { id: framework } = await server.call<{ id: number }>('POST', `${WORKSPACE}/frameworks`, {
    name: 'House rules',
    shortName: 'HOUSE',
    description: 'What we demand of ourselves.',
  });
  await server.call('POST', `${WORKSPACE}/frameworks/${framework}/requirements`, {
    data: [
      { code: 'H.1', name: 'People are who they say', category: 'People' },
      { code: 'H.2', name: 'Doors are locked', category: 'Places', description: 'All of them.\n\nAt night, too.' },
    ],
  });
  return { users, mfa, green, framework };
}

/** Chooses one of the options that a searching select finds. */
async function pick(within: Page | Locator, label: string, text: string, option: string | RegExp): Promise<void> {
  await within.getByRole('combobox', { name: label, exact: true }).fill(text);
  const page = 'page' in within ? within.page() : within;
  await page.getByRole('option', { name: option }).first().click();
}

/** Takes back what one of the notices tells of. */
async function undo(page: Page, notice: string): Promise<void> {
  await page.getByRole('alert').filter({ hasText: notice }).getByRole('button', { name: 'Undo' }).click();
}

test.describe('governance', () => {
  test.describe.configure({ mode: 'serial' });
  // Refusals that forms show beside their fields.
  test.use({ provokes: [/status of 40[09]/] });
  let seeded: Seeded | undefined;
  const there = (): Seeded => {
    if (seeded === undefined) throw new Error('nothing was seeded');
    return seeded;
  };

  test.beforeAll(async ({ server }) => {
    seeded = await seed(server);
  });

  test('excludes by a condition, undoes, and audits itself', async ({ signedIn: page, server }) => {
    test.setTimeout(90_000);
    const { mfa } = there();
    const failing = async () =>
      (await server.call<{ counts: { failing: number } }>('GET', `${WORKSPACE}/monitoring-tests/${mfa}`)).counts.failing;
    await page.goto(`${server.url}/exclusions`);
    await expect(page.getByRole('heading', { name: 'No exclusions' })).toBeVisible();
    await expectSound(page);

    // A condition in the form, counted while it is written.
    await page.getByRole('button', { name: 'New exclusion' }).first().click();
    const dialog = page.getByRole('dialog');
    await pick(dialog, 'Test', 'second factor', 'Everybody has a second factor');
    await dialog.getByText('All that match a condition').click();
    await dialog.getByRole('combobox', { name: 'Attribute' }).click();
    await page.getByRole('option', { name: 'team', exact: true }).click();
    await dialog.getByLabel('Value', { exact: true }).fill('sales');
    await expect(dialog.getByLabel('What it takes out')).toContainText('12 of 24 records in scope, 6 of them failing');
    await expectSound(page);
    await picture(page, 'exclude-light-1280');
    await dialog.getByLabel('Ticket').fill('javascript:alert(1)');
    await dialog.getByRole('textbox', { name: 'Reason' }).fill('The sales team moves to the new directory.');
    await dialog.getByRole('button', { name: 'Exclude' }).click();
    // A refusal stands beside its field, in the server's words.
    await expect(dialog.getByLabel('Ticket')).toHaveAttribute('aria-invalid', 'true');
    await dialog.getByLabel('Ticket').fill('https://tickets.example/SEC-1');
    await dialog.getByRole('button', { name: 'Exclude' }).click();
    await expect(dialog).toBeHidden();
    await expect.poll(failing).toBe(0);

    // The drawer tells all, and its address leads back to it.
    await page.getByRole('link', { name: /`team` is "sales"/ }).click();
    const drawer = page.getByRole('dialog');
    await expect(drawer.getByLabel('What it takes out')).toContainText('12 of 24 records in scope');
    await expect(drawer.getByRole('link', { name: 'https://tickets.example/SEC-1' })).toHaveAttribute('rel', /noopener/);
    await page.reload();
    await expect(page.getByRole('dialog')).toContainText('The sales team moves to the new directory.');
    await expectSound(page);

    // Edit leaves a history; the condition is shown as JSON without loss.
    await drawer.getByRole('button', { name: 'Edit' }).click();
    const edit = page.getByRole('dialog', { name: /^Edit the exclusion/ });
    await edit.getByRole('textbox', { name: 'Reason' }).fill('They moved.');
    await edit.getByRole('button', { name: 'Save' }).click();
    await expect(edit).toBeHidden();
    await expect(drawer.getByText('The sales team moves to the new directory. → They moved.')).toBeVisible();

    // Deletion says what comes back, and can be undone.
    await drawer.getByRole('button', { name: 'Delete' }).click();
    const confirm = page.getByRole('dialog', { name: 'Delete the exclusion' });
    await expect(confirm).toContainText('6 records will count as failing again');
    await confirm.getByRole('button', { name: 'Delete the exclusion' }).click();
    await expect.poll(failing).toBe(6);
    await undo(page, '1 exclusion deleted.');
    await expect.poll(failing).toBe(0);
    await expect(page.getByRole('link', { name: /`team` is "sales"/ })).toBeVisible();

    // The self-audit: one that nothing needs, one that is about to end.
    const soon = new Date(Date.now() + 2 * 86_400_000).toISOString();
    await server.call('POST', `${WORKSPACE}/monitoring-tests/${mfa}/exclusions`, {
      targetId: 'u1',
      reason: 'Just in case.',
      category: 'OUT_OF_SCOPE',
      expiresAt: soon,
    });
    await page.goto(`${server.url}/exclusions`);
    const audit = page.getByRole('navigation', { name: 'What somebody should look at' });
    await audit.getByRole('link', { name: /^1 Not needed/ }).click();
    await expect(page.getByRole('table')).toContainText('person-1@example.com');
    await expect(page.getByRole('table')).not.toContainText('sales');
    await audit.getByRole('link', { name: /^1 About to expire/ }).click();
    await expect(page).toHaveURL(/problem=EXPIRING/);
    await page.getByLabel('Choose person-1@example.com').check();
    await page.getByRole('button', { name: 'Extend 1' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'Extend' }).click();
    await expect(audit.getByRole('link', { name: /^0 About to expire/ })).toBeVisible();

    // Filters are in the address.
    await page.goto(`${server.url}/exclusions?kind=SELECTOR`);
    await expect(page.getByRole('table')).not.toContainText('person-1@example.com');
    await page.goto(`${server.url}/exclusions?q=JUST+in`);
    await expect(page.getByRole('table')).toContainText('person-1@example.com');
    await page.getByRole('button', { name: 'Until' }).click();
    await expect(page).toHaveURL(/sort=expiresAt/);
  });

  test('makes a requirement ready, and takes one out of scope', async ({ signedIn: page, server }) => {
    test.setTimeout(90_000);
    const { framework } = there();
    await page.goto(`${server.url}/frameworks`);
    await page.getByRole('button', { name: 'Install Plumbline Essentials' }).click();
    await expect(page.getByText(/Plumbline Essentials is installed, with \d+ new requirements/)).toBeVisible();

    await page.goto(`${server.url}/controls`);
    await page.getByRole('button', { name: 'New control' }).first().click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Code').fill('PLB-001');
    await dialog.getByLabel('Name').fill('Accounts are looked after');
    await dialog.getByLabel('Description').fill('Somebody looks at every account.');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(dialog.getByLabel('Code')).toHaveAttribute('aria-invalid', 'true');
    await dialog.getByLabel('Code').fill('AC-01');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('AC-01 Accounts are looked after');
    await expect(page.getByLabel('Readiness', { exact: true })).toContainText('No test proves it yet.');

    await pick(page, 'Map a test', 'active', 'Every account is active');
    await expect(page.getByLabel('Readiness', { exact: true })).toContainText('Every test that has a verdict passes.');
    await page.getByRole('tab', { name: /^Notes/ }).click();
    await page.getByLabel('New note').fill('<b>Looked at</b> in May.\nNothing odd.');
    await page.getByRole('button', { name: 'Add the note' }).click();
    // Not in the field, where it stands a moment longer.
    await expect(page.getByRole('paragraph').filter({ hasText: '<b>Looked at</b> in May.' })).toBeVisible();
    await page.getByRole('tab', { name: /^History/ }).click();
    await expect(page.getByRole('table')).toContainText('was created');
    await expectSound(page);

    // The requirement is ready as soon as the control serves it.
    await page.goto(`${server.url}/frameworks/${framework}`);
    await page.getByRole('link', { name: /^H\.1/ }).click();
    const drawer = page.getByRole('dialog');
    await expect(drawer).toContainText('No control serves it yet.');
    await pick(drawer, 'Map a control', 'looked after', /^AC-01/);
    await expect(drawer.getByText('Every account is active')).toBeVisible();
    await expect(drawer.getByText('No control serves it yet.')).toBeHidden();
    await expectSound(page);
    await drawer.getByRole('button', { name: 'Close' }).click();
    await expect(page.getByRole('img', { name: 'Requirements: 1 of 2 requirements ready' })).toBeVisible();

    await page.getByRole('link', { name: /^H\.2/ }).click();
    await drawer.getByRole('button', { name: 'Mark out of scope' }).click();
    const scope = page.getByRole('dialog', { name: 'Mark H.2 out of scope' });
    await scope.getByLabel('Rationale').fill('We have no doors.');
    await scope.getByRole('button', { name: 'Mark out of scope' }).click();
    await expect(scope).toBeHidden();
    await expect(drawer).toContainText('We have no doors.');
    await drawer.getByRole('button', { name: 'Close' }).click();
    await expect(
      page.getByRole('img', { name: 'Requirements: 1 of 1 requirements ready, 1 out of scope' }),
    ).toBeVisible();
    await page.getByRole('navigation', { name: 'Requirements by state' }).getByText('Out of scope').click();
    await expect(page.getByRole('main')).toContainText('H.2');
    await expect(page.getByRole('main')).not.toContainText('H.1');

    // Several controls at once, undone.
    await page.goto(`${server.url}/controls?q=PLB-00`);
    await page.getByLabel('Choose PLB-002').check();
    await page.getByLabel('Choose PLB-003').check();
    await page.getByRole('button', { name: 'Mark 2 out of scope' }).click();
    await page.getByRole('dialog').getByLabel('Rationale').fill('Somebody else does that.');
    await page.getByRole('dialog').getByRole('button', { name: 'Mark out of scope' }).click();
    await expect(page.getByLabel('Choose PLB-002')).toBeHidden();
    await undo(page, '2 controls marked out of scope.');
    await expect(page.getByLabel('Choose PLB-002')).toBeVisible();
  });

  test('imports a file, and tells which line is wrong', async ({ signedIn: page, server }) => {
    await page.goto(`${server.url}/frameworks`);
    const template = await server.text(`${WORKSPACE}/frameworks/import-template`);
    const [head = ''] = template.split(/\r?\n/);
    const columns = head.split(',');
    const row = (code: string, name: string) =>
      columns.map((column) => (column === 'code' ? code : column === 'name' ? name : '')).join(',');
    await page.getByRole('button', { name: 'Import' }).click();
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('Name', { exact: true }).fill('Imported rules');
    const choose = async (text: string) => {
      const chooser = page.waitForEvent('filechooser');
      await dialog.getByRole('button', { name: /File/ }).or(dialog.getByLabel('File')).first().click();
      await (await chooser).setFiles({ name: 'rules.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
      await dialog.getByRole('button', { name: 'Look at the file' }).click();
    };
    await choose([head, row('I.1', 'One'), row('', 'Without a code')].join('\n'));
    await expect(dialog.getByRole('alert')).toContainText('Line 3');
    await expect(dialog.getByRole('button', { name: /^Import/ })).toBeDisabled();
    await expectSound(page);
    await choose([head, row('I.1', 'One'), row('I.2', 'Two')].join('\n'));
    await expect(dialog.getByLabel('What will be imported')).toContainText('2 requirements');
    await dialog.getByRole('button', { name: 'Import 2 requirements' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Imported rules');
    await expect(page.getByRole('link', { name: /^I\.2/ })).toBeVisible();
  });

  test('tells who did what', async ({ signedIn: page, server }) => {
    await page.goto(`${server.url}/events`);
    await page.getByRole('combobox', { name: 'About' }).click();
    await page.getByRole('option', { name: 'Controls', exact: true }).click();
    await expect(page).toHaveURL(/category=CONTROL/);
    await expect(page.getByRole('table')).not.toContainText('second factor” was published');
    await page.getByRole('searchbox').fill('ac-01');
    await expect(page.getByRole('table').getByRole('row').nth(1)).toContainText('AC-01');
    await page.getByRole('link', { name: /AC-01 .* was created/ }).click();
    const drawer = page.getByRole('dialog');
    await expect(drawer.getByLabel('event as JSON', { exact: true })).toContainText('"controlId"');
    await expectSound(page);
    await drawer.getByRole('link', { name: 'AC-01', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('AC-01 Accounts are looked after');
    await page.goto(`${server.url}/events?from=2001-01-01&to=2001-01-02`);
    await expect(page.getByRole('heading', { name: 'No event is like that' })).toBeVisible();
  });

  test('is sound everywhere', async ({ signedIn: page, server }) => {
    test.setTimeout(180_000);
    const { framework, mfa } = there();
    const list = await server.call<{ data: { id: number }[] }>('GET', `${WORKSPACE}/controls?q=AC-01`);
    const requirements = await server.call<{ data: { id: number }[] }>(
      'GET',
      `${WORKSPACE}/frameworks/${framework}/requirements?sortDir=ASC`,
    );
    const exclusions = await server.call<{ data: { id: number }[] }>('GET', `${WORKSPACE}/exclusions`);
    const control = `/controls/${list.data[0]?.id}`;
    const pages = {
      exclusions: '/exclusions',
      'exclusions-audit': '/exclusions?problem=UNUSED',
      exclusion: `/exclusions?exclusion=${mfa}.${exclusions.data[0]?.id}`,
      frameworks: '/frameworks',
      framework: `/frameworks/${framework}`,
      requirement: `/frameworks/${framework}?requirement=${requirements.data[0]?.id}`,
      controls: '/controls',
      control,
      'control-requirements': `${control}?show=requirements`,
      'control-notes': `${control}?show=notes`,
      'control-history': `${control}?show=history`,
      events: '/events',
    };
    for (const [name, path] of Object.entries(pages)) {
      await page.goto(server.url + path);
      await expect(page.locator('h1')).toBeVisible();
      if (name === 'exclusion' || name === 'requirement') await expect(page.getByRole('dialog')).toContainText('History');
      await expect(page.getByLabel(/^Loading /)).toHaveCount(0);
      await expectSoundEverywhere(page, name);
    }
  });
});
