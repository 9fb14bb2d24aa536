import { expect, expectSound, expectSoundEverywhere, test } from '../fixtures';
import { Server } from '../server';

test.describe('a server without users', () => {
  let fresh: Server | undefined;

  test.beforeAll(async () => {
    fresh = await Server.start({ administrator: false });
  });
  test.afterAll(async () => {
    await fresh?.stop();
  });
  // A link that is used up is refused on purpose.
  test.use({ provokes: [/status of 40[01]/] });

  test('says where the set-up link is, and the link makes the administrator', async ({ guarded: page }) => {
    if (fresh === undefined) throw new Error('no server');
    for (const path of ['/', '/tests', '/sign-in', '/set-up']) {
      await page.goto(fresh.url + path);
      await expect(page.getByRole('heading', { name: 'Welcome to Plumbline' })).toBeVisible();
      await expect(page.getByText('plumbline users setup-link')).toBeVisible();
    }
    await expectSound(page);
    const link = (await fresh.users(['setup-link'])).split('\n')[0] ?? '';
    expect(link).toContain(`${fresh.url}/set-up#token=`);

    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'Set up Plumbline' })).toBeVisible();
    expect(page.url()).toBe(`${fresh.url}/set-up`);
    await expect(page.getByLabel('E-mail address')).toBeFocused();
    await page.getByLabel('E-mail address').fill('grace@example.com');
    await page.getByLabel('First name').fill('Grace');
    await page.getByLabel('Password', { exact: true }).fill('password1234');
    await page.getByRole('button', { name: 'Create the administrator' }).click();
    await expect(page.getByText('first that others would try')).toBeVisible();
    await expectSound(page);
    await page.getByLabel('Password', { exact: true }).fill('nine otters ride a tram');
    await page.getByRole('button', { name: 'Create the administrator' }).click();
    await expect(page.getByRole('button', { name: 'Your account: Grace' })).toBeVisible();
    const token = link.split('#token=')[1] ?? '';
    expect(await page.evaluate(() => JSON.stringify([sessionStorage, localStorage]))).not.toContain(token);

    await page.context().clearCookies();
    await page.goto('about:blank');
    await page.goto(link);
    await expect(page.getByRole('heading', { name: 'This link does not work' })).toBeVisible();
    await expectSound(page);
  });
});

test('the sign-in page and the account are sound everywhere', async ({ guarded: page, server }) => {
  await page.goto(server.url);
  await expect(page.getByRole('heading', { name: 'Sign in to Plumbline' })).toBeVisible();
  expect(page.url()).toBe(`${server.url}/sign-in`);
  await expectSoundEverywhere(page, 'sign-in');
  await page.context().addCookies([await server.cookie()]);
  await page.goto(`${server.url}/account`);
  await expect(page.getByRole('heading', { name: 'Your account' })).toBeVisible();
  await expectSoundEverywhere(page, 'account', page.getByText('(this one)'));
});

test.describe('signing in', () => {
  test.use({ provokes: [/status of 4(00|01|29)/] });

  test('works by keyboard alone, leads back, and ends everywhere', async ({ guarded: page, server }) => {
    // The session of the administrator is for the other tests.
    const kim = { email: 'kim@example.com', password: 'violet tractor 9 sings' };
    await server.users(
      ['create', '--email', kim.email, '--first-name', 'Kim', '--last-name', 'Cole', '--role', 'ADMIN'],
      kim.password,
    );
    await page.goto(`${server.url}/tests?result=FAILED`);
    await expect(page.getByLabel('E-mail address')).toBeFocused();
    expect(page.url()).toBe(`${server.url}/sign-in?return=%2Ftests%3Fresult%3DFAILED`);
    await page.keyboard.type(kim.email);
    await page.keyboard.press('Tab');
    await page.keyboard.type('not the password');
    await page.keyboard.press('Enter');
    await expect(page.getByRole('alert')).toHaveText('The e-mail address and the password do not fit together');
    await expectSound(page);
    await page.keyboard.press('ControlOrMeta+A');
    await page.keyboard.type(kim.password);
    await page.keyboard.press('Enter');
    await expect(page).toHaveURL(`${server.url}/tests?result=FAILED`);

    // A second browser, which this one signs out.
    const other = await (await page.context().browser()?.newContext())?.newPage();
    if (other === undefined) throw new Error('no browser');
    await other.context().addCookies([await server.signIn(kim)]);
    await other.goto(`${server.url}/connections`);
    await expect(other.getByRole('heading', { name: 'Connections', level: 1 })).toBeVisible();

    await page.getByRole('button', { name: 'Your account: Kim Cole' }).click();
    await page.getByRole('menuitem', { name: 'Your account' }).click();
    await page.getByLabel('Job title').fill('Security lead');
    await page.getByRole('button', { name: 'Save name' }).click();
    await expect(page.getByText('Your name is saved.')).toBeVisible();
    await page.getByLabel('Current password', { exact: true }).fill('wrong');
    await page.getByLabel('New password', { exact: true }).fill('short');
    await page.getByRole('button', { name: 'Change password' }).click();
    await expect(page.getByText('The current password is not right')).toBeVisible();
    await page.getByRole('button', { name: 'End all others' }).click();
    await page
      .getByRole('dialog')
      .getByRole('button', { name: /^End \d+ session/ })
      .click();
    await expect(page.getByRole('button', { name: 'End all others' })).toBeHidden();

    // 401 leads to the sign-in and back.
    await other.goto(`${server.url}/tests`);
    await expect(other.getByRole('heading', { name: 'Sign in to Plumbline' })).toBeVisible();
    await other.context().close();

    await page.getByRole('button', { name: 'Your account: Kim Cole' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await expect(page.getByRole('heading', { name: 'Sign in to Plumbline' })).toBeVisible();
    await page.goBack();
    await expect(page.getByRole('heading', { name: 'Sign in to Plumbline' })).toBeVisible();
    await page.goto(`${server.url}/sign-in?return=https%3A%2F%2Fevil.test%2F`);
    await page.getByLabel('E-mail address').fill(kim.email);
    await page.getByLabel('Password', { exact: true }).fill(kim.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page).toHaveURL(`${server.url}/`);
  });

  test('waits after failures, and says how long', async ({ guarded: page, server }) => {
    await server.users(['create', '--email', 'slow@example.com', '--role', 'AUDITOR'], 'violet tractor 9 sings');
    await page.goto(`${server.url}/sign-in`);
    await page.getByLabel('E-mail address').fill('slow@example.com');
    await page.getByLabel('Password', { exact: true }).fill('not the password');
    await expect(async () => {
      await page.getByRole('button', { name: 'Sign in' }).click();
      await expect(page.getByRole('alert')).toContainText('Too many attempts failed: try again in', { timeout: 500 });
    }).toPass();
  });

  test('an invitation makes an account with what its roles allow', async ({ guarded: page, server }) => {
    const printed = await server.users([
      'invite',
      '--email',
      'bob@example.com',
      '--role',
      'AUDITOR',
      '--output',
      'json',
    ]);
    const { link } = JSON.parse(printed) as { link: { url: string } };
    await page.goto(link.url);
    await expect(page.getByLabel('E-mail address')).toHaveValue('bob@example.com');
    await page.getByLabel('First name').fill('Bob');
    await page.getByLabel('Password', { exact: true }).fill('nine otters ride a tram');
    await page.getByRole('button', { name: 'Accept the invitation' }).click();
    await expect(page.getByRole('button', { name: 'Your account: Bob' })).toBeVisible();
  });
});

test('pages come with the strict policy', async ({ guarded: page, server }) => {
  const response = await page.goto(server.url);
  const policy = response?.headers()['content-security-policy'] ?? '';
  for (const directive of ["default-src 'self'", "script-src 'self'", "connect-src 'self'", "frame-ancestors 'none'"]) {
    expect(policy.split(/;\s*/)).toContain(directive);
  }
});
