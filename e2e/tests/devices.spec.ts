import type { Page } from '@playwright/test';
import { expect, expectSoundEverywhere, test } from '../fixtures';
import { synced } from '../hostile';
import type { Json, Server } from '../server';

const V2 = '/public/v2';
const PICTURE =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';

/** Somebody to whom devices belong. */
async function owner(server: Server): Promise<number> {
  const hris = await server.call<{ id: number }>('POST', `${V2}/custom-connections`, { name: 'People', providerTypes: ['HRIS'] });
  await server.call('POST', `${V2}/custom-connections/${hris.id}/hris-user-identities`, [
    { identityId: 'e-1', email: 'dora@example.com', firstName: 'Dora', lastName: 'Lovelace' },
  ]);
  return synced(server, 'dora@example.com');
}

/** Drops a file on the place for documents. */
async function drop(page: Page, name: string, base64: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    ({ name: called, base64: text }) => {
      const held = new DataTransfer();
      held.items.add(new File([Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))], called));
      return held;
    },
    { name, base64 },
  );
  await page.getByRole('group', { name: 'Add documents' }).dispatchEvent('drop', { dataTransfer: transfer });
}

test.describe('devices and assets', () => {
  test.use({ provokes: [/status of 4\d\d/] });

  test('a device comes by a report, and is proven by a document', async ({ signedIn: page, server }) => {
    test.setTimeout(180_000);
    const dora = await owner(server);
    await server.call('POST', `${V2}/devices/${dora}/documents`, {
      type: 'ANTIVIRUS_EVIDENCE',
      base64File: JSON.stringify({ base64String: `data:image/png;base64,${PICTURE}`, filename: 'before.png' }),
    });
    // Of whom several things are not proven, a file waits until somebody says what it proves.
    // The null device of somebody without one is shown with its person.
    await page.goto(`${server.url}/devices/${dora}`);
    await expect(page).toHaveURL(`${server.url}/personnel/${dora}`);
    await drop(page, 'disk.png', PICTURE);
    await drop(page, 'other.png', PICTURE);
    const waiting = page.getByRole('list', { name: 'Files on their way' });
    await expect(waiting.getByRole('alert')).toHaveCount(2);
    await waiting.getByRole('button', { name: 'Dismiss other.png' }).click();
    await page.getByRole('combobox', { name: 'What it proves' }).click();
    await page.getByRole('option', { name: 'Disk encryption' }).click();
    await expect(page.getByRole('row').filter({ hasText: 'disk.png' })).toContainText('Disk encryption');
    await expect(waiting).toHaveCount(0);
    await expect(page.getByRole('row').filter({ hasText: 'other.png' })).toHaveCount(0);

    await page.goto(`${server.url}/devices`);
    await expect(page.getByRole('heading', { name: 'No devices yet' })).toBeVisible();
    await page.getByRole('link', { name: 'Connect an MDM' }).first().click();
    const connect = page.getByRole('dialog', { name: 'Connect an MDM' });
    await connect.getByRole('textbox', { name: 'Name' }).fill('Laptops');
    await connect.getByRole('button', { name: 'Create' }).click();
    await expect(page.getByRole('heading', { name: 'Laptops' })).toBeVisible();
    await expect(page.getByLabel(/Report a device/).first()).toBeVisible();
    await expectSoundEverywhere(page, 'devices-none');
    const connectionId = /connections\/(\d+)/.exec(page.url())?.[1] ?? '';

    // The agent gets a key that can report devices here, and nothing else.
    await page.getByRole('button', { name: 'Install the agent' }).first().click();
    const agent = page.getByRole('dialog', { name: 'Install the agent' });
    await agent.getByRole('textbox', { name: 'Name of the key' }).fill('Office laptops');
    await agent.getByRole('button', { name: 'Make the key' }).click();
    await agent.getByRole('textbox', { name: 'Whose machine it is' }).fill('dora@example.com');
    await expect(agent).toContainText(/plk_[\w-]+/);
    await expect(agent).toContainText(`--connection ${connectionId}`);
    await expect(agent).toContainText('dora@example.com');
    await expect(agent).toContainText('systemctl');
    await agent.getByText('macOS', { exact: true }).click();
    await expect(agent).toContainText('agent run --once');
    await expect(agent).not.toContainText('systemctl');
    await expectSoundEverywhere(page, 'agent');
    await agent.getByRole('button', { name: 'Done' }).click();
    await expect(agent).toBeHidden();
    const keys = await server.call<{ data: { name: string; scopes: string[] }[] }>('GET', `${V2}/api-keys`);
    expect(keys.data.find(({ name }) => name === 'Office laptops')?.scopes).toEqual(['devices-report']);

    // What is reported shows itself, without a reload.
    const report = (more: Record<string, Json>) =>
      server.call<{ id: number; assetId: number }>('POST', `${V2}/custom-connections/${connectionId}/devices`, {
        personnelId: 'email:dora@example.com',
        platformName: 'MACOS',
        platformVersion: '15.1',
        model: 'MacBook Pro',
        serialNumber: 'C02XY',
        passwordManagerEnabled: true,
        antivirusEnabled: true,
        autoUpdateEnabled: true,
        screenLockEnabled: true,
        appList: [
          { name: 'Editor', version: '2' },
          { name: 'Browser', version: '131' },
        ],
        ...more,
      });
    const device = await report({ encryptionEnabled: false, encryptionExplanation: 'FileVault is off' });
    const row = page.getByRole('row').filter({ hasText: 'MacBook Pro' });
    await expect(row).toContainText('Fails');
    await page.goto(`${server.url}/devices?q=c02xy`);
    await expect(row).toContainText('Disk encryption');
    await expect(row).toContainText('Dora Lovelace');
    await page.getByRole('link', { name: /^1 A check fails/ }).click();
    await expect(page).toHaveURL(/look=fails$/);
    await page.getByRole('combobox', { name: 'Failing check' }).click();
    await page.getByRole('option', { name: 'Disk encryption (1)' }).click();
    await expect(page).toHaveURL(/check=HDD_ENCRYPTION/);
    await expect(row).toBeVisible();
    await expectSoundEverywhere(page, 'devices');

    await page.getByRole('link', { name: 'MacBook Pro' }).click();
    const check = page.getByRole('listitem').filter({ hasText: 'Disk encryption' });
    await expect(check).toContainText('encryptionEnabled: false');
    await expect(page.getByText('No documents yet.')).toBeVisible();

    // What alone is missing is what a file proves here, unless somebody says otherwise.
    await expect(page.getByRole('combobox', { name: 'What it proves' })).toHaveValue('Disk encryption');
    // A file that is not what it says it is is refused where it stands; a picture is taken, shown and deleted.
    await drop(page, 'evidence.pdf', Buffer.from('no such thing').toString('base64'));
    const refused = page.getByRole('list', { name: 'Files on their way' });
    await expect(refused.getByRole('alert')).toBeVisible();
    await refused.getByRole('button', { name: 'Dismiss' }).click();
    await drop(page, 'evidence.png', PICTURE);
    const preview = page.getByRole('button', { name: 'evidence.png', exact: true });
    await expect(preview).toBeVisible();
    await expectSoundEverywhere(page, 'device');
    await preview.click();
    const image = page.getByRole('dialog').getByRole('img', { name: 'evidence.png' });
    await expect(image).toHaveJSProperty('naturalWidth', 1);
    await page.getByRole('dialog').getByRole('button', { name: 'Close' }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);

    // What was proven of the person before there was a device is still there to see.
    await page.getByRole('link', { name: 'Dora Lovelace' }).first().click();
    await expect(page.getByRole('row').filter({ hasText: 'before.png' })).toContainText('no more');
    await expectSoundEverywhere(page, 'person-with-device');
    await page.goBack();

    await report({ encryptionEnabled: true });
    await expect(check).toContainText('Passes');
    await page.getByRole('link', { name: /^Applications/ }).click();
    await page.getByRole('searchbox', { name: 'Search by name' }).fill('brow');
    await expect(page.getByRole('cell', { name: 'Browser' })).toBeVisible();
    await expect(page.getByRole('cell', { name: 'Editor' })).toHaveCount(0);

    await page.getByRole('link', { name: 'History' }).click();
    const changes = page.getByRole('list', { name: 'Changes' });
    await expect(changes.getByRole('listitem').filter({ hasText: 'encryptionEnabled' }).first()).toContainText('was reported');
    await expect(changes.getByRole('listitem').filter({ hasText: 'encryptionEnabled' }).first()).toContainText('true');
    await expect(changes).toContainText('Became known');
    // What changes no field stands there by itself, too.
    await server.call('POST', `${V2}/devices/${device.id}/documents`, {
      type: 'ANTIVIRUS_EVIDENCE',
      base64File: JSON.stringify({ base64String: `data:image/png;base64,${PICTURE}`, filename: 'again.png' }),
    });
    await expect(changes.getByRole('listitem').first()).toContainText('again.png');
    await expect(changes.getByRole('listitem').first()).toContainText('Noted');
    await expectSoundEverywhere(page, 'device-history');

    // Its asset keeps what people write; the rest follows the device.
    await page.goto(`${server.url}/assets/${device.assetId}`);
    await page.getByRole('button', { name: 'Edit' }).click();
    const edit = page.getByRole('dialog', { name: 'Edit MacBook Pro' });
    await expect(edit.getByRole('textbox', { name: 'Name' })).toHaveCount(0);
    await edit.getByRole('textbox', { name: 'Notes' }).fill('x'.repeat(192));
    await edit.getByRole('button', { name: 'Save' }).click();
    await expect(edit.getByText(/at most 191 characters/)).toBeVisible();
    await edit.getByRole('textbox', { name: 'Notes' }).fill('On loan');
    await edit.getByRole('button', { name: 'Save' }).click();
    await expect(edit).toBeHidden();
    await expect(page.getByText('On loan', { exact: true })).toBeVisible();
    await expect(page.getByRole('list', { name: 'Changes' })).toContainText('On loan');
    await expectSoundEverywhere(page, 'asset');
    await page.goto(`${server.url}/assets`);
    await expect(page.getByRole('link', { name: 'MacBook Pro' })).toBeVisible();
    await expectSoundEverywhere(page, 'assets');

    // What is deleted by mistake comes back as it was.
    const rack = await server.call<{ id: number }>('POST', `${V2}/assets`, {
      name: 'Rack 4',
      description: 'The one in the hall',
      assetClassTypes: ['HARDWARE'],
      assetType: 'PHYSICAL',
      ownerId: 1,
      notes: 'Loud',
    });
    await page.goto(`${server.url}/assets/${rack.id}`);
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete the asset' }).click();
    await expect(page.getByRole('link', { name: 'MacBook Pro' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Rack 4' })).toHaveCount(0);
    await page.getByRole('button', { name: 'Undo' }).click();
    await page.getByRole('link', { name: 'Rack 4' }).click();
    await expect(page.getByText('Loud', { exact: true })).toBeVisible();

    await page.goto(`${server.url}/devices/${device.id}`);
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete the device' }).click();
    await expect(page.getByRole('heading', { name: 'No devices yet' })).toBeVisible();
  });
});
