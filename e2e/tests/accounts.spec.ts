import { expect, expectSound, expectSoundEverywhere, test } from '../fixtures';
import type { Server, Target } from '../server';

const WORKSPACE = '/public/v2/workspaces/1';
const PEOPLE = 30;

const person = (at: number) => ({
  id: `u${at}`,
  login: `person-${String(at).padStart(2, '0')}`,
  mail: `person-${at}@example.com`,
  full_name: `Person ${at}`,
  groups: [{ name: at % 3 === 0 ? 'Administrators' : 'Staff' }],
  status: at % 10 === 9 ? 'SUSPENDED' : 'ACTIVE',
  mfa: at % 4 !== 0,
  lastLogin: `2026-01-${String((at % 28) + 1).padStart(2, '0')}T08:00:00Z`,
});

test.describe('accounts', () => {
  test.describe.configure({ mode: 'serial' });
  test.use({ provokes: [/status of 400/] });
  let seeded: Target | undefined;
  const directory = (): Target => {
    if (seeded === undefined) throw new Error('nothing was seeded');
    return seeded;
  };
  const path = () =>
    `/public/v2/custom-connections/${directory().connectionId}/resources/${directory().resourceId}`;
  const settled = (server: Server) =>
    expect.poll(() => server.call('GET', `${path()}/account-mapping`)).toMatchObject({ current: true });

  test('leads from records to accounts, and to whose they are', async ({ signedIn: page, server }) => {
    test.setTimeout(120_000);
    await page.goto(`${server.url}/accounts`);
    await expect(page.getByRole('heading', { name: 'No accounts yet' })).toBeVisible();
    await expectSoundEverywhere(page, 'accounts-none');
    seeded = await server.connect('Directory of people', 'login', [person(0)]);
    await server.push(seeded, Array.from({ length: PEOPLE }, (_, at) => person(at)));
    await page.getByRole('link', { name: 'Choose a connection' }).click();
    await page.getByRole('link', { name: 'Directory of people' }).first().click();
    await page
      .getByRole('navigation', { name: 'Parts of the connection' })
      .getByRole('link', { name: 'Accounts' })
      .click();
    await expect(page.getByText('Its name could be “login”.')).toBeVisible();
    await page.getByRole('button', { name: 'Choose the attributes' }).click();

    // What is proposed is tried at once; what is chosen, too.
    const first = page.getByRole('table').getByRole('row').nth(1);
    await expect(first).toContainText('person-');
    await expect(page.getByText(`Each of ${PEOPLE} records looked at is an account.`)).toBeVisible();
    await page.getByRole('combobox', { name: 'Can be used' }).fill('stat');
    await page.getByRole('option', { name: /status/ }).click();
    await page.getByRole('textbox', { name: 'means yes' }).first().fill('ACTIVE');
    await expect(page.getByRole('cell', { name: 'Yes' }).first()).toBeVisible();
    await expectSoundEverywhere(page, 'accounts-mapping');
    await page.getByRole('button', { name: 'Save' }).click();
    await expect(page.getByRole('heading', { name: `${PEOPLE} accounts` })).toBeVisible();
    await expectSoundEverywhere(page, 'accounts-of-connection');

    await page.getByRole('link', { name: 'Manage accounts' }).click();
    await expect(page.getByRole('link', { name: 'person-00' })).toBeVisible();
    await expect(page.getByRole('link', { name: /No second factor/ })).toContainText('8');
    await page.getByRole('link', { name: /Nobody’s accounts/ }).click();
    await expect(page).toHaveURL(/look=nobody/);
    await expectSoundEverywhere(page, 'accounts');

    // Of one account, with the refusal beside its field, and back again.
    await page.getByRole('link', { name: 'person-00' }).click();
    const drawer = page.getByRole('dialog', { name: 'person-00' });
    await expect(drawer.getByText('Administrators')).toBeVisible();
    await expectSoundEverywhere(page, 'accounts-one');
    await drawer.getByRole('button', { name: 'Service account' }).click();
    const form = page.getByRole('dialog', { name: 'Service account: person-00' });
    await form.getByRole('textbox', { name: 'Who answers for it' }).fill('operations');
    await form.getByRole('textbox', { name: 'Why there is such an account' }).fill('It runs the backup.');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(form.getByText('Owner must be an e-mail address')).toBeVisible();
    await form.getByRole('textbox', { name: 'Who answers for it' }).fill('ops@example.com');
    await form.getByRole('button', { name: 'Save' }).click();
    await expect(drawer.getByText('It runs the backup.')).toBeVisible();
    await page.getByRole('alert').filter({ hasText: 'service account' }).getByRole('button', { name: 'Undo' }).click();
    await expect(drawer.getByText('It runs the backup.')).toBeHidden();
    await drawer.getByRole('button', { name: 'Close' }).click();

    // Of several at once.
    await page.getByRole('checkbox', { name: 'Choose person-01' }).check();
    await page.getByRole('checkbox', { name: 'Choose person-02' }).check();
    await page.getByRole('button', { name: 'Link to a person' }).click();
    await page.getByRole('textbox', { name: /by e-mail address/ }).fill('ann@example.com');
    await page.getByRole('button', { name: 'Link', exact: true }).click();
    await expect(page.getByRole('link', { name: 'person-01' })).toBeHidden();
    await page.getByRole('link', { name: /Nobody’s accounts/ }).click();
    await page.getByRole('searchbox', { name: 'Search name or e-mail' }).fill('person-01');
    await expect(page.getByRole('row').filter({ hasText: 'person-02' })).toHaveCount(0);
    await expect(page.getByRole('row').filter({ hasText: 'person-01' })).toContainText('ann@example.com');
  });

  test('reviews access by keyboard, signs it off, and sees access go', async ({ signedIn: page, server }) => {
    test.setTimeout(120_000);
    await settled(server);
    await page.goto(`${server.url}/access-reviews`);
    await expect(page.getByRole('heading', { name: 'No access reviews yet' })).toBeVisible();
    await page.getByRole('button', { name: 'New access review' }).first().click();
    const form = page.getByRole('dialog', { name: 'New access review' });
    await expect(form.getByText(`${PEOPLE} accounts in the data now.`, { exact: false })).toBeVisible();
    await expectSound(page);
    await form.getByRole('textbox', { name: 'Name' }).fill('First quarter');
    await form.getByLabel('Due').fill('2030-01-31');
    await form.getByRole('button', { name: 'Begin the review' }).click();
    await expect(page.getByRole('heading', { name: 'First quarter' })).toBeVisible();

    const row = (name: string) => page.getByRole('row').filter({ hasText: name });
    const pressed = (name: string, decision: string) =>
      expect(row(name).getByRole('button', { name: decision })).toHaveAttribute('aria-pressed', 'true');
    await expect(row('person-00')).toBeVisible();
    await page.keyboard.press('j');
    await expect(row('person-00')).toBeFocused();
    await page.keyboard.press('e');
    await expect(row('person-01')).toBeFocused();
    await page.keyboard.press('r');
    await expect(row('person-02')).toBeFocused();
    await pressed('person-00', 'Keep');
    await pressed('person-01', 'Revoke');
    await page.keyboard.press('c');
    await page.getByRole('textbox', { name: 'What is to be changed' }).fill('Staff only');
    await page.getByRole('button', { name: 'Save' }).click();
    await pressed('person-02', 'Change');
    await row('person-00').focus();
    await page.keyboard.press('u');
    await expect(row('person-00').getByRole('button', { name: 'Keep' })).toHaveAttribute('aria-pressed', 'false');
    await row('person-00').getByRole('button', { name: 'Keep' }).click();
    await expect(page.getByText('3 of 30 accounts decided')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Sign off' })).toBeDisabled();
    await expectSoundEverywhere(page, 'access-review');

    // Many at once; the page follows.
    await page.getByRole('link', { name: /^Not decided/ }).click();
    await expect(row('person-00')).toBeHidden();
    const id = Number(/access-reviews\/(\d+)/.exec(page.url())?.[1]);
    const review = `${WORKSPACE}/access-reviews/${id}`;
    const { data } = await server.call<{ data: { id: number }[] }>('GET', `${review}/items?decision=PENDING&size=100`);
    await server.call('POST', `${review}/items/actions`, { itemIds: data.map((item) => item.id), decision: 'KEEP' });
    await expect(page.getByRole('heading', { name: 'Everything is decided' })).toBeVisible();
    await page.getByRole('button', { name: 'Sign off' }).click();
    const end = page.getByRole('dialog', { name: 'Sign off: First quarter' });
    await expect(end.getByText('1 account to be revoked')).toBeVisible();
    await expectSound(page);
    await end.getByRole('textbox', { name: 'Note' }).fill('Agreed with the owners.');
    await end.getByRole('button', { name: 'Sign off 30 accounts' }).click();
    await expect(page.getByText('Agreed with the owners.')).toBeVisible();
    await expect(page.getByRole('button', { name: 'Sign off', exact: true })).toBeHidden();

    // What is to be revoked is followed.
    await page.getByRole('link', { name: /^Still to be revoked/ }).click();
    await expect(row('person-01')).toContainText('still there');
    await server.call('DELETE', `${path()}/records/u1`);
    await expect(page.getByText('everything revoked is gone')).toBeVisible();
    await page.getByRole('link', { name: /^Revoke/ }).click();
    await expect(row('person-01')).toContainText('gone from the data');
    await row('person-01').getByRole('cell').first().click();
    await expect(page.getByRole('dialog', { name: 'person-01' }).getByText('gone from the data')).toBeVisible();
    await expectSoundEverywhere(page, 'access-review-signed');
    await page.getByRole('button', { name: 'Close', exact: true }).click();
    const report = await page.request.get(
      `${server.url}${(await page.getByRole('link', { name: 'Report' }).getAttribute('href')) ?? ''}`,
    );
    expect(report.headers()['content-type']).toBe('application/pdf');
    await page.getByRole('link', { name: 'Access reviews', exact: true }).first().click();
    await expect(page.getByRole('cell', { name: 'Signed off', exact: true })).toBeVisible();
    await expectSoundEverywhere(page, 'access-reviews');
  });
});
