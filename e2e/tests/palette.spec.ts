import { expect, expectSound, picture, test } from '../fixtures';

test('the palette finds and does things by keyboard alone', async ({ signedIn: page, server }) => {
  const target = await server.connect('Palette accounts', 'email', [
    { id: 'p-1', email: 'ann@example.com', mfa: true },
  ]);
  await server.push(target, [
    { id: 'p-1', email: 'ann@example.com', mfa: true },
    { id: 'p-2', email: 'bob@example.com', mfa: false },
  ]);
  const testId = await server.publish('Palette accounts use MFA', target, 'mfa', true);
  await page.goto(`${server.url}/`);
  await expect(page.getByRole('button', { name: 'Search and actions' })).toBeVisible();

  const field = page.getByRole('combobox', {
    name: 'Search pages, actions and things',
  });
  const chosen = page.getByRole('option', { selected: true });

  const open = async () => {
    await page.keyboard.press('Control+k');
    await expect(field).toBeFocused();
  };

  // A test by words of its name.
  await open();
  await page.keyboard.type('palette mfa');
  await expect(chosen).toHaveText('Palette accounts use MFA');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(new RegExp(`/tests/${testId}$`));
  await expect(page.getByRole('heading', { level: 1, name: 'Palette accounts use MFA' })).toBeFocused();

  // A record by the beginning of its id, below the resource that it is of.
  await open();
  await page.keyboard.type('p-2');
  await expect(chosen).toContainText('bob@example.com');
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/record=p-2/);
  await expect(page.getByRole('dialog').getByText('bob@example.com').first()).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();

  // Where one was, and the way back with the arrows, which go round.
  await open();
  await expect(page.getByRole('group', { name: 'Visited lately' }).getByRole('option').first()).toContainText(
    'Palette accounts use MFA',
  );
  await page.keyboard.press('ArrowUp');
  await expect(page.getByRole('option').last()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('ArrowDown');
  await expect(page.getByRole('option').first()).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('Escape');
  await expect(field).toBeHidden();

  // An action.
  await open();
  await page.keyboard.type('dark');
  await expect(chosen).toHaveText('Use the dark colour scheme');
  await page.keyboard.press('Enter');
  await expect(page.locator('html')).toHaveAttribute('data-mantine-color-scheme', 'dark');
  await open();
  await page.keyboard.type('run failing');
  await expect(chosen).toHaveText('Run all failing tests');
  await page.keyboard.press('Enter');
  await expect(page.getByText(/(One test is|\d+ tests are) running\./)).toBeVisible();

  // What is not there is said, in a sentence; markup is text.
  await open();
  await page.keyboard.type('<img src=x onerror=alert(1)>');
  await expect(page.getByText('Nothing is called “<img src=x onerror=alert(1)>”.')).toBeVisible();
  await page.keyboard.press('Escape');

  // Single keys: jumps, the list of keys, and off.
  await page.keyboard.press('g');
  await page.keyboard.press('c');
  await expect(page).toHaveURL(/\/connections$/);
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keys' });
  await expect(help.getByText('API reference')).toBeVisible();
  await expectSound(page);
  await picture(page, 'keys');
  await help.getByRole('switch').press('Space');
  await page.keyboard.press('Escape');
  await expect(help).toBeHidden();
  await page.keyboard.press('g');
  await page.keyboard.press('m');
  await open();
  await expect(page).toHaveURL(/\/connections$/);

  for (const scheme of ['light', 'dark'] as const) {
    await page.evaluate((name) => {
      document.documentElement.setAttribute('data-mantine-color-scheme', name);
    }, scheme);
    for (const width of [1280, 390]) {
      await page.setViewportSize({ width, height: 800 });
      await field.fill('');
      await expect(page.getByRole('group', { name: 'Pages' })).toBeVisible();
      await expectSound(page);
      await picture(page, `palette-empty-${scheme}-${width}`);
      await field.fill('palette');
      await expect(page.getByRole('group', { name: 'Tests' })).toBeVisible();
      await expectSound(page);
      await picture(page, `palette-${scheme}-${width}`);
    }
  }
});
