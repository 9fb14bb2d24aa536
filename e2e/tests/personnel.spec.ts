import { readFile } from 'node:fs/promises';
import { expect, expectSoundEverywhere, test } from '../fixtures';

test.use({ provokes: [/status of 400/] });

const V2 = '/public/v2';

test('people come from an HR system, are decided upon by hand, and given back', async ({ signedIn: page, server }) => {
  test.setTimeout(120_000);
  await page.goto(`${server.url}/personnel`);
  await page.getByRole('button', { name: 'Connect an HR system' }).click();
  const connect = page.getByRole('dialog', { name: 'Connect an HR system' });
  await connect.getByRole('textbox', { name: 'Name' }).fill('The HR system');
  await connect.getByRole('button', { name: 'Create' }).click();
  await expect(page.getByRole('heading', { name: 'Nobody was sent yet' })).toBeVisible();
  const hris = Number(/connections\/(\d+)/.exec(page.url())?.[1]);

  // What a script sends is here at once; the first identities make people by themselves.
  await server.call('POST', `${V2}/custom-connections/${hris}/hris-user-identities`, [
    { identityId: 'e-1', email: 'grace@example.com', firstName: 'Grace', lastName: 'Hopper', jobTitle: 'Analyst' },
    { identityId: 'e-2', email: 'ben@example.com', firstName: 'Ben', lastName: 'Left', separatedAt: '2020-01-31' },
    { identityId: 'e-3', firstName: 'Cyd', lastName: 'Unreached' },
  ]);
  await expect(page.getByRole('row', { name: /Cyd Unreached.*without an address/ })).toBeVisible();
  await expect(page.getByRole('link', { name: 'Grace Hopper' })).toBeVisible();
  await expectSoundEverywhere(page, 'identities');
  await page.getByRole('link', { name: 'Identity sync' }).click();
  const strip = page.getByRole('region', { name: 'Identity sync' });
  await expect(strip).toContainText('2 new, 1 without an address');
  await strip.getByRole('button', { name: 'Sync now' }).click();
  await expect(strip).toContainText('2 as before, 1 without an address');
  await expect(page.getByRole('row', { name: /2 as before/ })).toBeVisible();
  await expectSoundEverywhere(page, 'identity-syncs');

  await page.getByRole('link', { name: 'People', exact: true }).click();
  await expect(page.getByRole('link', { name: 'Ben Left' })).toBeVisible();
  await expectSoundEverywhere(page, 'personnel');
  await page.setViewportSize({ width: 390, height: 844 });
  const list = page.getByRole('group', { name: 'People' });
  expect(await list.evaluate((frame) => frame.scrollWidth - frame.clientWidth)).toBe(0);
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.getByRole('link', { name: /^1 Without a device/ }).click();
  await expect(page).toHaveURL(/look=device/);
  await expect(page.getByRole('link', { name: 'Ben Left' })).toHaveCount(0);
  await expect(page.getByRole('row').filter({ hasText: 'Grace Hopper' })).toContainText('No device reports');
  await page.getByRole('link', { name: 'Grace Hopper' }).click();

  // A device that is reported shows itself on the page that is open.
  const checks = page.getByRole('group', { name: 'Compliance checks' });
  await expect(checks.getByRole('row', { name: /A device reports/ })).toContainText('Fails');
  const mdm = await server.call<{ id: number }>('POST', `${V2}/custom-connections`, { name: 'MDM', providerTypes: ['MDM'] });
  await server.call('POST', `${V2}/custom-connections/${mdm.id}/devices`, {
    personnelId: 'email:grace@example.com',
    platformName: 'MACOS',
    platformVersion: '15.1',
    serialNumber: 'C02XY',
    alias: 'grace-mac',
    encryptionEnabled: false,
  });
  await expect(checks.getByRole('row', { name: /A device reports/ })).toContainText('Passes');
  await expect(checks.getByRole('row', { name: /Disk encryption/ })).toContainText('Switch on disk encryption');
  await expect(page.getByRole('group', { name: 'Devices' })).toContainText('grace-mac');

  // What is noted of people besides, where fields are defined.
  await expect(page.getByRole('heading', { name: 'Custom fields' })).toHaveCount(0);
  await server.call('POST', `${V2}/custom-fields`, { kind: 'PERSONNEL', name: 'Team', choices: ['Red', 'Blue'] });
  await server.call('POST', `${V2}/custom-fields`, { kind: 'PERSONNEL', name: 'Desk' });
  await page.getByRole('button', { name: 'Edit the custom fields' }).click();
  const custom = page.getByRole('dialog', { name: 'Custom fields of Grace Hopper' });
  await custom.getByRole('combobox', { name: 'Team' }).click();
  await page.getByRole('option', { name: 'Blue' }).click();
  await custom.getByRole('textbox', { name: 'Desk' }).fill('x'.repeat(192));
  await custom.getByRole('button', { name: 'Save' }).click();
  await expect(custom.getByText('may have at most 191 characters')).toBeVisible();
  await custom.getByRole('textbox', { name: 'Desk' }).fill('The one by the door');
  await custom.getByRole('button', { name: 'Save' }).click();
  await expect(custom).toBeHidden();
  await expect(page.getByRole('definition').filter({ hasText: 'Blue' })).toBeVisible();
  await expect(page.getByRole('definition').filter({ hasText: 'The one by the door' })).toBeVisible();
  await expectSoundEverywhere(page, 'person');

  // By hand, with the refusal beside its field, and back again.
  await page.getByRole('button', { name: 'Take out of scope' }).click();
  const form = page.getByRole('dialog', { name: 'Take Grace Hopper out of scope' });
  await form.getByRole('textbox', { name: 'Reason' }).fill('  ');
  await form.getByRole('button', { name: 'Take out of scope' }).click();
  await expect(form.getByText('must have 1 to 30000 characters')).toBeVisible();
  await form.getByRole('textbox', { name: 'Reason' }).fill('She is an engine.');
  await form.getByRole('button', { name: 'Take out of scope' }).click();
  await expect(form).toBeHidden();
  // The history below tells it too, in quotation marks, a moment later and for ever.
  const reason = page.getByText('She is an engine.', { exact: true });
  await expect(reason).toBeVisible();
  await page.getByRole('button', { name: 'Give back to the sync' }).click();
  await expect(reason).toBeHidden();
  await expect(page.getByText('Follows The HR system.')).toBeVisible();

  // A file is judged before anything happens, and taken in without the rows that cannot be.
  await page.goto(`${server.url}/personnel`);
  await page.getByRole('link', { name: 'Import', exact: true }).click();
  const downloading = page.waitForEvent('download');
  await page.getByRole('link', { name: 'What is there now' }).click();
  const present = await readFile(await (await downloading).path(), 'utf8');
  expect(present.split('\r\n')[0]).toContain(',customFields.Team,customFields.Desk,');
  expect(present).toMatch(/grace@example\.com.*,Blue,The one by the door,/);
  const file = (name: string, text: string) => page.locator('input[type=file]').setInputFiles({ name, mimeType: 'text/csv', buffer: Buffer.from(text) });
  await file('none.csv', 'Name\nA');
  await expect(page.getByText('The column is missing: the file needs email or id')).toBeVisible();
  await file('people.csv', 'email,firstName,jobTitle,startedAt,TEAM,customFields.Desk\nnew@example.com,Nell,Cook,2024-01-31,,\nlate@example.com,Lee,,31.01.2024,Green,\ngrace@example.com,Gracia,,2020-01-01,red,null\n');
  await expect(page.getByText('1 row cannot be taken')).toBeVisible();
  const rows = page.getByRole('table', { name: 'Rows of the file' });
  await expect(rows.getByRole('row', { name: /startedAt is "31.01.2024".*Refused/ })).toBeVisible();
  await rows.getByRole('row', { name: /startedAt is/ }).click();
  const fault = page.getByRole('dialog', { name: 'Line 3' });
  await expect(fault.getByText('customFields.Team “Team” cannot be "Green"; it must be one of Red, Blue')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(fault).toBeHidden();
  await expect(page.getByRole('button', { name: /^Import/ })).toHaveCount(0);
  await page.getByRole('switch', { name: 'Leave out the rows that cannot be taken' }).click();
  await expect(page.getByText('1 person would be new, 1 changed. 1 row is left out.')).toBeVisible();
  await page.getByRole('link', { name: /^1 Changed/ }).click();
  await expect(page).toHaveURL(/show=changed/);
  await expect(rows.getByRole('row', { name: /Nell/ })).toHaveCount(0);
  await expectSoundEverywhere(page, 'import');
  await rows.getByRole('row', { name: /Grace Hopper/ }).click();
  const line = page.getByRole('dialog', { name: 'Line 4: Grace Hopper' });
  await expect(line.getByRole('row', { name: /startedAt empty 2020-01-01/ })).toBeVisible();
  await expect(line.getByRole('row', { name: 'customFields.Team Blue Red' })).toBeVisible();
  await expect(line.getByRole('row', { name: 'customFields.Desk The one by the door empty' })).toBeVisible();
  await expect(line.getByText('firstName. They sign in here')).toBeVisible();
  await expectSoundEverywhere(page, 'import-line');
  await page.keyboard.press('Escape');
  await expect(line).toBeHidden();
  await page.getByRole('button', { name: 'Import 2 people' }).click();
  await expect(page.getByText('1 person new, 1 changed, 0 as before, 1 row left out.')).toBeVisible();
  await page.getByRole('link', { name: 'See the people' }).click();
  await expect(page.getByRole('link', { name: 'Nell', exact: true })).toBeVisible();

  await page.keyboard.press('Control+k');
  await page.getByRole('combobox', { name: 'Search pages, actions and things' }).fill('hopper');
  await expect(page.getByRole('option', { name: /Grace Hopper.*grace@example.com/ })).toBeVisible();
});
