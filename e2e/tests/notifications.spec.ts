import { expect, expectSound, expectSoundEverywhere, picture, test } from '../fixtures';
import { genuine, Receiver } from '../receiver';

test.use({
  settings: { PLUMBLINE_NOTIFY_NETWORKS: '127.0.0.0/8', PLUMBLINE_NOTIFY_WINDOW: '1s' },
});

// Each begins where the one before it ended.
test.describe.configure({ mode: 'serial' });

test.describe('notifications', () => {
  // An address that is no URL, and a message that cannot be tried anew, are refused on purpose.
  test.use({ provokes: [/Failed to load resource: the server responded with a status of (400|409)/] });
  let receiver: Receiver;
  test.beforeAll(async () => {
    receiver = await Receiver.start();
  });
  test.afterAll(async () => {
    await receiver.stop();
  });

  test('a webhook is made, tried and told by a rule; what fails says why and can be tried anew', async ({
    signedIn: page,
    server,
  }) => {
    await page.goto(`${server.url}/settings`);
    await page.getByRole('link', { name: 'Notifications' }).click();
    await expect(page.getByText('Nobody is told of anything yet')).toBeVisible();
    await expectSound(page);
    await picture(page, 'notifications-empty');

    await page.getByRole('button', { name: 'Add a channel' }).click();
    const dialog = page.getByRole('dialog');
    await expectSound(page);
    await dialog.getByText('Webhook', { exact: true }).click();
    await dialog.getByLabel('Name').fill('Ticket robot');
    const key = await dialog.getByLabel('Signing key', { exact: true }).inputValue();
    expect(key).toMatch(/^[0-9a-f]{48}$/);
    await dialog.getByLabel('Address').fill('ftp://127.0.0.1/');
    await dialog.getByRole('button', { name: 'Create the channel' }).click();
    await expect(dialog.getByLabel('Address')).toHaveAttribute('aria-invalid', 'true');
    await dialog.getByLabel('Address').fill(receiver.url);
    await expectSound(page);
    await dialog.getByRole('button', { name: 'Create the channel' }).click();
    await expect(page.getByRole('row', { name: /Ticket robot.*127\.0\.0\.1/ })).toBeVisible();
    await expect(page.getByText(receiver.url)).toHaveCount(0);

    // A test message goes out at once and tells what came of it.
    await page.getByRole('button', { name: 'Send a test to Ticket robot' }).click();
    await expect(page.getByText('The test of Ticket robot arrived.')).toBeVisible();
    expect(receiver.posted.map((posted) => genuine(posted, key))).toEqual([true]);
    receiver.status = 500;
    await page.getByRole('button', { name: 'Send a test to Ticket robot' }).click();
    await expect(dialog).toContainText('500');
    await expectSound(page);
    await dialog.getByRole('button', { name: 'Done' }).click();
    receiver.status = 204;

    // Another key takes effect with the next message; the address stays.
    await page.getByRole('button', { name: 'Actions for Ticket robot' }).click();
    await page.getByRole('menuitem', { name: 'Edit' }).click();
    await dialog.getByRole('button', { name: 'Make a new one' }).click();
    const second = await dialog.getByLabel('Signing key', { exact: true }).inputValue();
    await dialog.getByRole('button', { name: 'Save' }).click();
    await expect(dialog).toBeHidden();
    await page.getByRole('button', { name: 'Send a test to Ticket robot' }).click();
    await expect.poll(() => receiver.posted.length).toBe(3);
    expect(receiver.posted.map((posted) => genuine(posted, second))).toEqual([false, false, true]);

    // A rule: a test that fails is told, and what was told is listed by itself.
    await expect(page.getByText('Nothing is told yet')).toBeVisible();
    await page.getByRole('button', { name: 'Add a rule' }).click();
    await dialog.getByLabel('Name').fill('Access tests');
    await dialog.getByText('As a digest').click();
    await expect(dialog.getByLabel('Time', { exact: true })).toHaveValue('08:00');
    await expectSound(page);
    await dialog.getByText('At once').click();
    await dialog.getByRole('button', { name: 'Create the rule' }).click();
    await expect(page.getByRole('row', { name: /Access tests.*At once.*Ticket robot/ })).toBeVisible();

    const target = await server.connect('Told accounts', 'email', [{ id: 'a', email: 'ann@example.com', mfa: true }]);
    await server.push(target, [{ id: 'a', email: 'ann@example.com', mfa: true }]);
    await server.publish('Told accounts use MFA', target, 'mfa', true);
    await server.push(target, [{ id: 'a', email: 'ann@example.com', mfa: false }]);
    const messages = page.getByRole('table').last();
    await expect(messages.getByRole('row', { name: /Told accounts use MFA.*Sent/ })).toBeVisible();
    const told = receiver.posted.at(-1);
    expect(JSON.parse(told?.body ?? '{}')).toMatchObject({
      type: 'event',
      rule: 'Access tests',
      events: [{ topic: 'TEST_FAILED', testName: 'Told accounts use MFA' }],
    });

    // The other side fails: the message is on its way, with the reason.
    receiver.status = 503;
    await server.push(target, [{ id: 'a', email: 'ann@example.com', mfa: true }]);
    const waiting = messages.getByRole('row', { name: /On its way/ });
    await expect(waiting).toContainText('503');
    await page.getByLabel('State').first().click();
    await page.getByRole('option', { name: 'On its way' }).click();
    await expect(page).toHaveURL(/status=PENDING/);
    await expect(messages.getByRole('row')).toHaveCount(2);
    // To give up takes hours, so the page is told that it is over; the server then says what it thinks of that.
    await page.route(/\/deliveries\/\d+$/, async (route) => {
      const response = await route.fetch();
      const delivery = (await response.json()) as Record<string, unknown>;
      await route.fulfill({ response, json: { ...delivery, status: 'FAILED' } });
    });
    await waiting.getByRole('button').click();
    await expect(dialog).toContainText('503');
    await expectSound(page);
    await dialog.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByText('only one that is FAILED can be tried anew')).toBeVisible();
  });

  test('a rule is deleted and comes back by Undo; a channel in use stays; an auditor only looks', async ({
    signedIn: page,
    server,
  }) => {
    await page.goto(`${server.url}/settings/notifications`);
    await expectSoundEverywhere(page, 'notifications', page.getByRole('row', { name: /Told accounts/ }).first());
    const dialog = page.getByRole('dialog');
    await page.getByRole('switch', { name: 'Access tests is on' }).click({ force: true });
    await expect(page.getByRole('row', { name: /Access tests.*Switched off/ })).toBeVisible();
    await page.getByRole('button', { name: 'Actions for Ticket robot' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await dialog.getByRole('button', { name: 'Delete the channel' }).click();
    await expect(dialog).toContainText('is in use by the rules “Access tests”');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Actions for Access tests' }).click();
    await page.getByRole('menuitem', { name: 'Delete' }).click();
    await expect(page.getByText('Nothing is told yet')).toBeVisible();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('row', { name: /Access tests.*Switched off/ })).toBeVisible();

    // What is switched on stands in the policies.
    await page.getByRole('link', { name: 'Policies' }).click();
    await page.getByRole('switch', { name: 'Frameworks of your own' }).click({ force: true });
    await expect(page.getByText('The policies are saved.')).toBeVisible();
    const settings = await server.call<{ disabledFeatures: string[] }>('GET', '/public/v2/settings');
    expect(settings.disabledFeatures).toEqual(['CUSTOM_FRAMEWORKS']);
    await expectSound(page);

    const auditor = { email: 'audit@example.com', password: 'violet tractor 9 sings' };
    await server.users(['create', '--email', auditor.email, '--role', 'AUDITOR'], auditor.password);
    await page.goto('about:blank');
    await page.context().clearCookies();
    await page.context().addCookies([await server.signIn(auditor)]);
    await page.goto(`${server.url}/settings/notifications`);
    await expect(page.getByRole('row', { name: /Ticket robot/ }).first()).toBeVisible();
    await expect(page.getByRole('button', { name: /Add|Send a test|Actions for/ })).toHaveCount(0);
  });
});
