import { expect, expectSound, expectSoundEverywhere, test } from '../fixtures';

test('how data came in is told step by step, and a connection that is not well leads to the reason', async ({
  signedIn: page,
  server,
}) => {
  test.setTimeout(120_000);
  const target = await server.connect('Laptops', 'name', [{ id: 'l1', name: 'Ada’s', encrypted: true }]);
  const at = `${server.url}/connections/${target.connectionId}`;
  const resource = `/public/v2/custom-connections/${target.connectionId}/resources/${target.resourceId}`;
  await server.publish('Laptops are encrypted', target, 'encrypted', true);

  // Before anything came in, nothing is made up.
  await page.goto(at);
  await expect(page.getByText('No data yet').first()).toBeVisible();
  await expect(page.getByText('Nothing has come in yet.', { exact: false })).toBeVisible();
  await expect(page.getByText('nothing is made up for the time before', { exact: false })).toBeVisible();

  // Refused records: the page moves by itself, and says which and why.
  await server.call('POST', `${resource}/records`, {
    data: [
      { id: 'l1', name: 'Ada’s', encrypted: true },
      { id: 'l2', name: 'Bo’s', encrypted: 'yes' },
    ],
  });
  const health = page.getByRole('region', { name: 'Health', exact: true });
  await expect(health).toContainText('In “Laptops”, 1 of 2 records were refused; the others were taken.');
  const steps = page.getByRole('list', { name: 'Steps' });
  await expect(steps.getByRole('listitem').filter({ hasText: 'Validate' })).toContainText('failed');
  await expect(steps.getByRole('listitem').filter({ hasText: 'Evaluate' })).toContainText('completed');
  const refused = page.getByRole('region', { name: 'Validate failed' });
  await expect(refused.getByRole('row', { name: /l2/ })).toContainText('/encrypted');
  await expect(refused.getByRole('row', { name: /l2/ })).toContainText('must be boolean');
  await expectSoundEverywhere(page, 'sync-unhealthy');

  // The list and Home lead to it.
  await page.goto(`${server.url}/connections`);
  await page.getByRole('combobox', { name: 'Health' }).click();
  await page.getByRole('option', { name: 'Unhealthy' }).click();
  await expect(page).toHaveURL(/health=UNHEALTHY/);
  const row = page.getByRole('table', { name: 'Connections' }).getByRole('row', { name: /Laptops/ });
  await expect(row).toContainText('Unhealthy');
  await expect(row.getByTitle(/1 of 2 records were refused/)).toBeVisible();
  await expectSoundEverywhere(page, 'sync-list');
  await page.goto(`${server.url}/connections?health=STALE`);
  await expect(page.getByText('No connection fits')).toBeVisible();
  await page.goto(`${server.url}/`);
  await page.getByRole('link', { name: '1 unhealthy' }).click();
  await row.getByRole('link', { name: 'Laptops' }).click();

  // A session that its guard refuses, then completes.
  await server.call('POST', `${resource}/sessions/nightly`, { data: [{ id: 'l9', name: 'Cy’s', encrypted: true }] });
  await server
    .call('POST', `${resource}/sessions/nightly/actions`, { action: 'complete', maxDeletePercent: 5 })
    .catch(() => undefined);
  await expect(page.getByRole('region', { name: 'Complete failed' })).toContainText('1 of 1 live records');
  await server.call('POST', `${resource}/sessions/nightly/actions`, { action: 'complete' });
  await expect(page.getByRole('region', { name: 'Complete failed' })).toHaveCount(0);
  await expect(health).toHaveCount(0);
  await expect(page.getByText('Healthy', { exact: true }).first()).toBeVisible();

  const runs = page.getByRole('table').filter({ hasText: 'Took' });
  await expect(runs.getByRole('row')).toHaveCount(3);
  await page.getByRole('combobox', { name: 'State of the runs' }).click();
  await page.getByRole('option', { name: 'Failed' }).click();
  await expect(page).toHaveURL(/sync=FAILED/);
  await expect(runs.getByRole('row')).toHaveCount(2);
  await runs.getByRole('link', { name: /^Pushes of/ }).click();
  await expect(page).toHaveURL(/run=\d+/);
  const drawer = page.getByRole('dialog', { name: 'Sync run' });
  await expect(drawer.getByRole('row', { name: /l2/ })).toContainText('must be boolean');
  await expectSoundEverywhere(page, 'sync-run', drawer);
  await page.reload();
  await expect(drawer).toBeVisible();
  await drawer.getByRole('button', { name: 'Close' }).click();
  await expect(page).not.toHaveURL(/run=/);

  // Disconnected: the data stays, and none comes in.
  await page.getByRole('button', { name: 'More actions' }).click();
  await expect(page.getByRole('menuitem', { name: 'Refresh now' })).toHaveCount(0);
  await page.getByRole('menuitem', { name: 'Disconnect…' }).click();
  const sure = page.getByRole('dialog', { name: 'Disconnect Laptops?' });
  await expect(sure).toContainText('keeps its 1 record');
  await expectSound(page);
  await sure.getByRole('button', { name: 'Disconnect' }).click();
  await expect(page.getByRole('region', { name: 'Disconnected', exact: true })).toContainText('takes none');
  const push = server.call('POST', `${resource}/records`, { data: { id: 'l3', name: 'Di’s', encrypted: true } });
  await expect(push).rejects.toThrow(/409.*disconnected/);
  await expectSoundEverywhere(page, 'sync-disconnected');
  await page.getByRole('button', { name: 'Connect again' }).click();
  await expect(page.getByRole('region', { name: 'Disconnected', exact: true })).toHaveCount(0);
  await server.call('POST', `${resource}/records`, { data: { id: 'l3', name: 'Di’s', encrypted: true } });
  await expect(page.getByText('2 records').first()).toBeVisible();
});
