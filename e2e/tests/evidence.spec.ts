import { expect, test } from '../fixtures';

test('from the connection to the cause, and green without a reload when the record is fixed', async ({
  signedIn: page,
  server,
}) => {
  const users = await server.connect('Directory', 'email', [{ id: 'u1', email: 'ada@example.com', mfa: true }]);
  await server.push(users, [
    { id: 'u1', email: 'ada@example.com', mfa: true },
    { id: 'u2', email: 'bo@example.com', mfa: false },
  ]);
  const testId = await server.publish('Everybody has a second factor', users, 'mfa', true);

  await page.goto(server.url);
  await expect(page.getByText('1 failing of 2')).toBeVisible();
  const { data: tests } = await server.call<{ data: { checkResultStatus: string }[] }>(
    'GET',
    '/public/v2/workspaces/1/monitoring-tests?size=500',
  );
  const figures = page.getByRole('region', { name: 'Tests by result' });
  for (const result of ['Failed', 'Error', 'Ready', 'Passed']) {
    const number = tests.filter((test) => test.checkResultStatus === result.toUpperCase()).length;
    await expect(figures.getByRole('link', { name: result })).toHaveText(`${number}${result}`);
  }
  expect(tests.some((test) => test.checkResultStatus === 'FAILED')).toBe(true);

  await page.goto(`${server.url}/connections`);
  const listed = page.getByRole('table', { name: 'Connections' }).getByRole('row', { name: /Directory/ });
  await expect(listed).toContainText('2');
  await listed.getByRole('link').click();
  await page.getByRole('link', { name: 'Records', exact: true }).click();
  await expect(page.getByText('2 records').first()).toBeVisible();
  await expect(page.getByRole('columnheader', { name: 'mfa' })).toBeVisible();
  await expect(page.getByRole('row', { name: /bo@example\.com/ })).toContainText('false');

  await page.goto(`${server.url}/tests`);
  const row = page.getByRole('row', { name: /Everybody has a second factor/ });
  await expect(row).toContainText('Failed');
  await expect(row).toContainText('1 of 2');
  const filters = page.getByRole('navigation', { name: 'Tests by result' });
  await filters.getByRole('link', { name: 'Passed' }).click();
  await expect(page).toHaveURL(`${server.url}/tests?result=PASSED`);
  await expect(row).toBeHidden();
  await filters.getByRole('link', { name: 'Failed' }).click();
  await expect(filters.locator('[aria-current]')).toHaveText([/Failed$/]);
  await row.getByRole('link', { name: 'Everybody has a second factor' }).click();

  await expect(page).toHaveURL(`${server.url}/tests/${testId}`);
  const finding = page.getByRole('row', { name: /bo@example\.com/ });
  await expect(finding).toContainText('mfa is false');
  await finding.click();
  await expect(page).toHaveURL(`${server.url}/tests/${testId}?finding=u2`);
  const condition = page.getByRole('dialog').getByRole('row').nth(1);
  for (const part of ['mfa', 'equal', 'true', 'false']) await expect(condition).toContainText(part);
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();

  // Navigation would throw the mark away.
  await page.evaluate(() => Object.assign(window, { notReloaded: true }));
  await server.push(users, [{ id: 'u2', email: 'bo@example.com', mfa: true }]);
  await expect(page.getByText('Passed', { exact: true })).toBeVisible();
  await expect(page.getByText('No record fails')).toBeVisible();
  expect(await page.evaluate(() => 'notReloaded' in window)).toBe(true);

  await page.getByRole('tab', { name: /Passing 2/ }).click();
  await expect(page.getByRole('row', { name: /bo@example\.com/ })).toBeVisible();
  await expect(page).toHaveURL(`${server.url}/tests/${testId}?show=passing`);

  await page.getByRole('tab', { name: 'Logic' }).click();
  await expect(page.getByLabel('logic as JSON', { exact: true })).toContainText('"operator": "equal"');
});

test('a test is disabled, enabled and run from its page', async ({ signedIn: page, server }) => {
  const hosts = await server.connect('Hosts', 'name', [{ id: 'h1', name: 'web-1', patched: true }]);
  await server.push(hosts, [{ id: 'h1', name: 'web-1', patched: true }]);
  const testId = await server.publish('Hosts are patched', hosts, 'patched', true);
  const status = async () =>
    (await server.call<{ checkStatus: string }>('GET', `/public/v2/workspaces/1/monitoring-tests/${testId}`)).checkStatus;

  await page.goto(`${server.url}/tests/${testId}`);
  await page.getByRole('button', { name: 'Disable' }).click();
  await page.getByRole('textbox', { name: 'Why' }).fill('The hosts are being replaced');
  await page.getByRole('dialog').getByRole('button', { name: 'Disable' }).click();
  await expect(page.getByRole('button', { name: 'Enable' })).toBeVisible();
  await expect(page.getByText('Reason: The hosts are being replaced')).toBeVisible();
  expect(await status()).toBe('DISABLED');
  await page.getByRole('button', { name: 'Enable' }).click();
  await expect(page.getByRole('button', { name: 'Run' })).toBeVisible();
  expect(await status()).toBe('ENABLED');
  await page.getByRole('button', { name: 'Run' }).click();
  await expect(page.getByText('Passed', { exact: true })).toBeVisible();
});

test('records are scrolled through, ordered and opened as the exact JSON that was pushed', async ({
  signedIn: page,
  server,
}) => {
  const rows = await server.connect('Many', 'name', [{ id: 'r1', name: 'Record 1', size: 1 }]);
  await server.push(
    rows,
    Array.from({ length: 700 }, (_, at) => ({ id: `r${at}`, name: `Record ${at}`, size: at })),
  );
  const path = `/public/v2/custom-connections/${rows.connectionId}/resources/${rows.resourceId}/records`;
  // Sent as text: JavaScript has no such number.
  const response = await fetch(server.url + path, {
    method: 'POST',
    headers: { Authorization: `Bearer ${server.key}`, 'Content-Type': 'application/json' },
    body: '{"data":{"id":"exact","name":"Exact","size":9007199254740993}}',
  });
  expect(response.ok).toBe(true);

  const at = `${server.url}/connections/${rows.connectionId}/resources/${rows.resourceId}`;
  await page.goto(at);
  const table = page.getByRole('table', { name: 'Records' });
  await expect(table).toHaveAttribute('aria-rowcount', '702');
  await page.getByRole('link', { name: 'Exact' }).click();
  await expect(page.getByRole('dialog')).toContainText('"size": 9007199254740993');
  await page.keyboard.press('Escape');
  await expect(page.getByRole('dialog')).toBeHidden();

  // The last of 701 rows, by one key.
  const frame = page.getByRole('group', { name: 'Records' });
  await frame.focus();
  await page.keyboard.press('End');
  const last = table.locator('tr[aria-rowindex="702"]');
  await expect(last).toContainText('Record 0');
  await expect(last).toBeFocused();
  expect(await table.getByRole('row').count()).toBeLessThan(80);
  await page.keyboard.press('ArrowUp');
  await expect(table.locator('tr[aria-rowindex="701"]')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(page.getByRole('dialog')).toContainText('"id": "r1"');
  await page.keyboard.press('Escape');

  await page.getByRole('button', { name: 'Columns' }).click();
  await page.getByRole('checkbox', { name: 'Created' }).check();
  await page.keyboard.press('Escape');
  await expect(page).toHaveURL(/columns=/);
  await table.getByRole('button', { name: 'Created' }).click();
  await expect(page).toHaveURL(/sortDir=ASC/);
  await expect(table.getByRole('columnheader', { name: 'Created' })).toHaveAttribute('aria-sort', 'ascending');
  await expect(table.locator('tr[aria-rowindex="2"]')).toContainText('Record 0');
  await expect(page.getByRole('link', { name: 'Exact' })).toBeHidden();
});
