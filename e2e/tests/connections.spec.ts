import { expect, expectSound, expectSoundEverywhere, picture, test } from '../fixtures';
import type { Server, Target } from '../server';

const recordsOf = (server: Server, target: Target) =>
  `${server.url}/connections/${target.connectionId}?tab=records&resource=${target.resourceId}`;

test.describe('a new connection', () => {
  // A sample and a schema that are not right yet are refused while they are typed.
  test.use({ provokes: [/status of 400/] });

  test('leads from a sample to the first record, sent by a real call', async ({ signedIn: page, server }) => {
    test.setTimeout(120_000);
    await page.goto(`${server.url}/connections`);
    await page
      .getByRole('link', {
        name: /^(New connection|Create the first connection)$/,
      })
      .first()
      .click();
    const go = page.getByRole('button', { name: 'Continue' });
    await expect(go).toBeDisabled();
    await page.getByLabel('Name', { exact: false }).first().fill('Badge readers');
    await page.getByLabel('Description').fill('Doors of the head office.');
    await expectSound(page);
    await go.click();

    // A schema by hand: the server names the place, and what is fine is shown.
    await page.getByText('JSON Schema', { exact: true }).click();
    const schema = page.getByRole('textbox', { name: 'JSON Schema' });
    await schema.fill('{"type": "object", "properties": {"a": {"type": "text"}, "b": {"type": "string"}}}');
    await expect(page.getByText(/at \/properties\/a\/type/).first()).toBeVisible();
    await expect(go).toBeDisabled();
    await schema.fill('{"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "string"}}}');
    await expect(page.getByText('The schema is fine: 2 properties')).toBeVisible();

    await page.getByText('Sample data', { exact: true }).first().click();
    const sample = page.getByRole('textbox', { name: 'Sample data' });
    await sample.fill('{"id": "d-1", "door": ');
    await expect(page.getByText(/not acceptable/)).toBeVisible();
    await sample.fill('{"id": "d-1", "door": "North", "locked": true}\n{"id": "d-2", "door": "South", "locked": null}');
    await expect(page.getByText('2 records, 3 properties')).toBeVisible();
    await expect(page.getByRole('row', { name: /locked/ })).toContainText('boolean or null');
    await expectSoundEverywhere(page, 'wizard-data');

    // Back loses nothing, and neither does loading the page again.
    await page.getByRole('button', { name: 'Back' }).click();
    await expect(page.getByLabel('Name', { exact: false }).first()).toHaveValue('Badge readers');
    await page.goBack();
    await expect(go).toBeEnabled();
    await page.reload();
    await expect(page.getByText('2 records, 3 properties')).toBeVisible();
    await go.click();

    await page.getByRole('combobox', { name: 'Display name' }).click();
    await page.getByRole('option', { name: 'door – such as North' }).click();
    await page.getByText('1 day', { exact: true }).click();
    await expect(page.getByLabel('Freshness limit in hours')).toHaveValue('24');
    await expectSound(page);
    await page.getByRole('button', { name: 'Create the connection' }).click();

    await page.getByRole('button', { name: 'Make the key' }).click();
    const key = await page.locator('code').innerText();
    expect(key).toMatch(/^plk_/);
    await expectSound(page);
    await go.click();

    await expect(page.getByText('Waiting for the first record')).toBeVisible();
    await expect(page.locator('pre[aria-label="curl"]')).toContainText('"door": "North"');
    await expectSound(page);
    await picture(page, 'wizard-waiting');
    const command = await page.locator('pre[aria-label="curl"]').innerText();
    const url = /'(http[^']*)'/.exec(command)?.[1] ?? '';
    const sent = await fetch(url, {
      method: 'POST',
      headers: {
        Authorization: `Bearer ${key}`,
        'Content-Type': 'application/json',
      },
      body: /-d '([^']*)'/.exec(command)?.[1] ?? '',
    });
    expect(sent.status).toBe(201);
    await expect(page.getByText('The data is here: 1 record')).toBeVisible();
    await expectSound(page);
    await picture(page, 'wizard-arrived');
    await expect(page.getByRole('link', { name: 'Write a test over it' })).toHaveAttribute(
      'href',
      /\/tests\/new\?resource=\d+/,
    );
    await page.getByRole('link', { name: 'Look at the records' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Badge readers');
    await expect(page.getByRole('link', { name: 'North' })).toBeVisible();

    await page.goto(`${server.url}/connections?health=HEALTHY`);
    await page.getByRole('searchbox', { name: 'Search connections' }).fill('badge');
    await expect(page).toHaveURL(/q=badge/);
    await expect(
      page.getByRole('table', { name: 'Connections' }).getByRole('row', { name: /Badge readers/ }),
    ).toContainText('Healthy');
    await expect(page.getByText('1 connection')).toBeVisible();
    await page.goto(`${server.url}/connections?health=STALE&q=badge`);
    await expect(page.getByText('No connection fits')).toBeVisible();
  });
});

test.describe('a connection', () => {
  // A record that the schema refuses, and one that is gone.
  test.use({ provokes: [/status of 40[04]/] });

  test('a record is edited, compared with what it was, deleted and brought back', async ({
    signedIn: page,
    server,
  }) => {
    test.setTimeout(120_000);
    const target = await server.connect('Laptops', 'name', [
      { id: 'l1', name: 'Ada’s', encrypted: true, os: { version: 14 } },
    ]);
    await server.push(target, [
      { id: 'l1', name: 'Ada’s', encrypted: true, os: { version: 14 } },
      { id: 'l2', name: 'Bo’s', encrypted: false, os: { version: 13 } },
    ]);
    await server.publish('Laptops are encrypted', target, 'encrypted', true);

    await page.goto(recordsOf(server, target));
    await page.getByRole('combobox', { name: 'Property' }).click();
    await page.getByRole('option', { name: 'encrypted' }).click();
    await page.getByRole('textbox', { name: 'Value of encrypted' }).fill('FALSE');
    await page.keyboard.press('Enter');
    await expect(page.getByText('1 record found')).toBeVisible();
    await expect(page).toHaveURL(/property=encrypted&value=FALSE/);
    await page.getByRole('link', { name: 'Bo’s' }).click();
    const drawer = page.getByRole('dialog');
    await expect(drawer.getByText('Fails')).toBeVisible();
    await expect(drawer.getByText('The first version.')).toBeVisible();

    await drawer.getByRole('button', { name: 'Edit' }).click();
    const editor = drawer.getByRole('textbox', { name: 'Record as JSON' });
    const edited = (encrypted: string) =>
      `{"id": "l2", "name": "Bo’s", "encrypted": ${encrypted}, "os": {"version": 15}}`;
    await editor.fill(edited('"yes"'));
    await drawer.getByRole('button', { name: 'Save the record' }).click();
    await expect(drawer.getByText(/must be boolean/).first()).toBeVisible();
    await editor.fill(edited('true'));
    await drawer.getByRole('button', { name: 'Save the record' }).click();
    const difference = drawer.getByRole('list', {
      name: 'What changed in version 2',
    });
    await expect(difference.getByRole('listitem')).toHaveCount(2);
    await expect(difference).toContainText('os.version');
    await expect(difference).toContainText('15');
    await expect(drawer.getByText('Passes')).toBeVisible();
    await expectSoundEverywhere(page, 'record', difference);

    await drawer.getByRole('button', { name: 'Delete' }).click();
    await page.getByRole('button', { name: 'Delete the record' }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    await page.goto(recordsOf(server, target));
    await expect(page.getByRole('link', { name: 'Ada’s' })).toBeVisible();
    await expect(page.getByRole('link', { name: 'Bo’s' })).toBeHidden();

    // Another one, brought back.
    await page.getByRole('checkbox', { name: 'Select Ada’s' }).check();
    await page.getByRole('button', { name: 'Delete', exact: true }).click();
    await page.getByRole('button', { name: 'Delete 1 record' }).click();
    await expect(page.getByText('No records yet')).toBeVisible();
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('link', { name: 'Ada’s' })).toBeVisible();
    const { attributes } = await server.call<{ attributes: unknown }>(
      'GET',
      `/public/v2/custom-connections/${target.connectionId}/resources/${target.resourceId}/records/l1`,
    );
    expect(attributes).toEqual({
      id: 'l1',
      name: 'Ada’s',
      encrypted: true,
      os: { version: 14 },
    });
  });

  test('a schema that stored records break is not saved, and what it would break is told', async ({
    signedIn: page,
    server,
  }) => {
    test.setTimeout(180_000);
    const target = await server.connect('Tickets', 'title', [{ id: 't1', title: 'a', severity: 'low' }]);
    await server.push(target, [
      { id: 't1', title: 'a', severity: 'low' },
      { id: 't2', title: 'b', severity: 'high' },
    ]);
    await server.publish('No high tickets', target, 'severity', 'low');
    const session = `/public/v2/custom-connections/${target.connectionId}/resources/${target.resourceId}/sessions/nightly-1`;
    await server.call('POST', session, {
      data: [{ id: 't9', title: 'z', severity: 'low' }],
    });
    const at = `${server.url}/connections/${target.connectionId}`;

    await page.goto(`${at}?tab=schema`);
    await expect(page.getByText('severity', { exact: true })).toBeVisible();
    await page.getByRole('button', { name: 'Edit the schema' }).click();
    const editor = page.getByRole('textbox', { name: 'JSON Schema' });
    await editor.fill(
      '{"type": "object", "properties": {"title": {"type": "string"}, "due": {"type": "string"}}, "required": ["due"]}',
    );
    await page.getByRole('button', { name: 'Save the schema' }).click();
    const found = page.getByRole('status').filter({ hasText: 'satisfy' });
    await expect(found).toContainText('2 of 2 stored records do not satisfy it, so it was not saved.');
    await expect(found).toContainText('No high tickets');
    await expect(found.getByRole('link', { name: 't1' })).toBeVisible();
    await expectSound(page);
    await picture(page, 'schema-refused');
    const schema = () =>
      server.call<{ version: number }>(
        'GET',
        `/public/v2/custom-connections/${target.connectionId}/resources/${target.resourceId}/schema`,
      );
    expect((await schema()).version).toBe(1);
    await editor.fill(
      '{"type": "object", "properties": {"title": {"type": "string"}, "severity": {"type": "string"}}}',
    );
    await page.getByRole('button', { name: 'Save the schema' }).click();
    await expect(page.getByText('now version 2')).toBeVisible();

    // The session replaces the records, once it is told what that means.
    await page.goto(`${at}?tab=sessions`);
    await page.getByRole('button', { name: /^Complete the session/ }).click();
    await expect(page.getByRole('dialog')).toContainText('2 deleted');
    await page.getByRole('dialog').getByRole('button', { name: 'Complete the session' }).click();
    await expect(page.getByRole('row', { name: /nightly-1/ })).toContainText('Active');
    await expect(page.getByText('1 record', { exact: true }).first()).toBeVisible();

    for (const tab of ['overview', 'records', 'sessions', 'schema', 'monitoring', 'api', 'settings']) {
      await page.goto(`${at}?tab=${tab}`);
      await expect(page.locator('h1')).toHaveText('Tickets');
      await expect(page.getByLabel(/^Loading /)).toHaveCount(0);
      await expectSoundEverywhere(page, `connection-${tab}`);
    }

    // Settings are saved and can be undone; deleting says what goes.
    await page.getByLabel('Name', { exact: true }).fill('Old tickets');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Old tickets');
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('heading', { level: 1 })).toHaveText('Tickets');
    await page.getByRole('button', { name: 'Delete the connection' }).click();
    await expect(page.getByRole('dialog')).toContainText('1 record with their history');
    await expect(page.getByRole('dialog')).toContainText('No high tickets');
    await page.getByRole('dialog').getByRole('button', { name: 'Delete the connection' }).click();
    await expect(page).toHaveURL(/\/connections$/);
    await expect(page.getByRole('link', { name: 'Tickets', exact: true })).toBeHidden();
  });

  test('twenty thousand records are walked through with few of them drawn', async ({ signedIn: page, server }) => {
    test.setTimeout(120_000);
    const RECORDS = 20_000;
    const LOT = 5_000;
    const target = await server.connect('Events', 'name', [{ id: 'e0', name: 'Event 0', kind: 'x' }]);
    for (let first = 0; first < RECORDS; first += LOT) {
      await server.push(
        target,
        Array.from({ length: LOT }, (_, at) => ({
          id: `e${first + at}`,
          name: `Event ${first + at}`,
          kind: at % 2 ? 'odd' : 'even',
        })),
      );
    }
    await page.goto(`${recordsOf(server, target)}&sortDir=ASC`);
    const table = page.getByRole('table', { name: 'Records' });
    await expect(table).toHaveAttribute('aria-rowcount', String(RECORDS + 1));
    const frame = page.getByRole('group', { name: 'Records' });
    const row = (index: number) => table.locator(`tr[aria-rowindex="${index + 2}"]`);
    const walkTo = async (index: number) => {
      await expect(async () => {
        if ((await row(index).count()) === 0) {
          await frame.evaluate(
            (element, to) => element.scrollTo({ top: Math.min(to, element.scrollHeight) }),
            index * 36,
          );
        }
        await expect(row(index)).toContainText(`Event ${index}`, {
          timeout: 400,
        });
      }).toPass({ timeout: 60_000 });
      expect(await table.getByRole('row').count()).toBeLessThan(80);
    };
    await walkTo(RECORDS / 2);
    await walkTo(RECORDS - 1);
    await frame.focus();
    await page.keyboard.press('End');
    await expect(row(RECORDS - 1)).toBeFocused();
    // The last row ends with its frame, whose line is the only one there.
    const end = await row(RECORDS - 1).evaluate((last) => ({
      gap: Math.round((last.closest('[role=group]')?.getBoundingClientRect().bottom ?? 0) - last.getBoundingClientRect().bottom),
      line: Array.from(last.children, (cell) => getComputedStyle(cell).borderBottomWidth),
    }));
    expect(end.gap).toBe(0);
    expect(new Set(end.line)).toEqual(new Set(['0px']));
    await page.keyboard.press('Home');
    await expect(row(0)).toContainText('Event 0');
    expect(await table.getByRole('row').count()).toBeLessThan(80);

    // A search goes over all of them.
    await page.getByRole('searchbox').fill('event 19999');
    await expect(page.getByText('1 record found')).toBeVisible();
    await expect(row(0)).toContainText('Event 19999');
  });
});
