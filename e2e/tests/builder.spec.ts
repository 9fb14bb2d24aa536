import type { Locator, Page } from '@playwright/test';
import { expect, expectSound, expectSoundEverywhere, test } from '../fixtures';
import type { Server, Target } from '../server';

const TESTS = '/public/v2/workspaces/1/monitoring-tests';

type Seeded = { users: Target; odd: Target };
let seeded: Seeded | undefined;

async function seed(server: Server): Promise<Seeded> {
  const users = await server.connect('Staff directory', 'email', [
    {
      id: 'u1',
      email: 'ada@example.com',
      mfa: true,
      role: 'admin',
      logins: 3,
      tags: ['a'],
      seen: '2026-01-01T00:00:00Z',
    },
  ]);
  await server.push(
    users,
    Array.from({ length: 12 }, (_, at) => ({
      id: `u${at}`,
      email: `person-${at}@example.com`,
      mfa: at % 4 !== 0,
      role: at % 3 === 0 ? 'admin' : 'user',
      logins: at,
      tags: at % 2 === 0 ? ['blue', 'green'] : ['blue'],
      seen: '2026-01-01T00:00:00Z',
    })),
  );
  const record = (id: string, ok: boolean) => ({
    id,
    'a.b': ok,
    'it\'s "odd"': 'ü',
    $: 1,
    '': 'empty',
    größe: { tief: { tiefer: { 'am/tiefsten~': ok } } },
    disks: [
      { id: 'd1', encrypted: true },
      { id: 'd2', encrypted: ok },
    ],
    ...Object.fromEntries(Array.from({ length: 400 }, (_, at) => [`attribute_with_a_rather_long_name_${at}`, at])),
  });
  const odd = await server.connect('Odd things', 'id', [record('o1', true)]);
  await server.push(odd, [record('o1', true), record('o2', false)]);
  return { users, odd };
}

test.beforeAll(async ({ server }) => {
  seeded = await seed(server);
});

function targets(): Seeded {
  if (seeded === undefined) throw new Error('nothing was seeded');
  return seeded;
}

type Stored = {
  logic: { groups: Record<string, unknown>[] };
  draftLogic?: unknown;
  version: number | null;
  name: string;
};

/** The logic of a test as the server sends it, letter by letter. */
async function stored(server: Server, testId: string): Promise<{ text: string; test: Stored }> {
  const response = await fetch(`${server.url}${TESTS}/${testId}?expand[]=logic`, {
    headers: { Authorization: `Bearer ${server.key}` },
  });
  const text = await response.text();
  return { text, test: JSON.parse(text) as Stored };
}

const idIn = (page: Page): string => /\/tests\/(\d+)/.exec(page.url())?.[1] ?? '';
const figure = (page: Page, word: string): Locator =>
  page.getByRole('region', { name: 'Live preview' }).locator('dl > div').filter({ hasText: word }).locator('dd');

/** Goes on with Tab until something has the focus. */
async function tabTo(page: Page, target: Locator, key = 'Tab'): Promise<void> {
  for (let steps = 0; steps < 80; steps += 1) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press(key);
  }
  throw new Error('the keyboard does not reach it');
}

/** Opens the list of attributes that has the focus, and chooses by what is typed. */
async function chooseByKeys(page: Page, typed: string): Promise<void> {
  await page.keyboard.press('Enter');
  await expect(page.getByRole('textbox', { name: /^Search/ })).toBeFocused();
  await page.keyboard.type(typed);
  const first = page.getByRole('listbox').getByRole('option').first();
  await expect(first).toContainText(typed);
  await expect(first).toHaveAttribute('data-combobox-selected', 'true');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('listbox')).toHaveCount(0);
}

test('by keyboard alone from an empty page to a published test', async ({ signedIn: page, server }) => {
  await page.goto(`${server.url}/tests/new`);
  const name = page.getByRole('textbox', { name: 'Name', exact: true });
  await expect(name).toBeVisible();
  await tabTo(page, name);
  await page.keyboard.type('Staff use a second factor');
  await tabTo(page, page.getByRole('button', { name: /^Records of/ }));
  await chooseByKeys(page, 'Staff directory');

  // The first condition is there already and waits for its attribute.
  const first = page.getByRole('group', { name: 'Condition 1 of 1' });
  await tabTo(page, first.getByRole('button', { name: /^Attribute/ }));
  await chooseByKeys(page, 'mfa');
  await expect(figure(page, 'Failing')).toHaveText('3');
  await expect(figure(page, 'Passing')).toHaveText('9');
  await expect(page.getByRole('region', { name: 'Live preview' })).toContainText('person-0@example.com');

  // A second one, a number; the focus is on it when it has been added.
  await tabTo(page, page.getByRole('button', { name: 'Condition', exact: true }));
  await page.keyboard.press('Enter');
  const second = page.getByRole('group', { name: 'Condition 2 of 2' });
  await expect(second.getByRole('button', { name: /^Attribute/ })).toBeFocused();
  await chooseByKeys(page, 'logins');
  await tabTo(page, second.getByLabel('Value', { exact: true }));
  await page.keyboard.type('2');
  await expect(figure(page, 'Failing')).toHaveText('4');

  // Up and down again with Alt and the arrows, heard and with the focus kept.
  await tabTo(page, second.getByRole('button', { name: /move and more/ }), 'Shift+Tab');
  await page.keyboard.press('Alt+ArrowUp');
  await expect(page.getByText('Moved up. Now 1 of 2.')).toBeAttached();
  await expect(
    page.getByRole('group', { name: 'Condition 1 of 2' }).getByRole('button', { name: /move and more/ }),
  ).toBeFocused();
  await expect(page.getByRole('group', { name: 'Condition 1 of 2' })).toContainText('logins');
  await page.keyboard.press('Alt+ArrowDown');
  const last = page.getByRole('group', { name: 'Condition 2 of 2' });
  await expect(last).toContainText('logins');
  await expect(last.getByRole('button', { name: /move and more/ })).toBeFocused();

  // Into a group of its own by the menu, and taken back.
  await page.keyboard.press('Enter');
  await tabToItem(page, 'Put into a group: at least one of these');
  await page.keyboard.press('Enter');
  const group = page.getByRole('group', { name: 'Group of conditions 2 of 2' });
  await expect(group).toContainText('logins');
  await expect(page.getByRole('menu')).toHaveCount(0);
  await page.keyboard.press('Control+z');
  await expect(group).toHaveCount(0);
  await page.keyboard.press('Control+Shift+z');
  await expect(group).toHaveCount(1);
  await expect(figure(page, 'Failing')).toHaveText('4');

  await tabTo(page, page.getByRole('button', { name: 'Publish' }), 'Shift+Tab');
  await page.keyboard.press('Enter');
  const dialog = page.getByRole('dialog', { name: 'Publish this test' });
  await expect(dialog).toContainText('4 of 12 records in scope failing');
  await expect(dialog.getByRole('textbox', { name: 'Note' })).toBeFocused();
  await page.keyboard.type('The first one');
  await tabTo(page, dialog.getByRole('button', { name: 'Publish' }));
  await page.keyboard.press('Enter');
  await expect(page).toHaveURL(/\/tests\/\d+$/);
  await expect(page.getByRole('heading', { level: 1 })).toContainText('Staff use a second factor');
  await expect(page.getByText('person-0@example.com').first()).toBeVisible();

  const { test: saved } = await stored(server, idIn(page));
  expect(saved.version).toBe(1);
  expect(saved.logic.groups[0]?.evaluator).toEqual({
    all: [
      { fact: 'mfa', operator: 'equal', value: true },
      { any: [{ fact: 'logins', operator: 'greaterThanInclusive', value: 2 }] },
    ],
  });
});

async function tabToItem(page: Page, name: string): Promise<void> {
  const item = page.getByRole('menuitem', { name });
  await expect(item).toBeVisible();
  for (let steps = 0; steps < 20; steps += 1) {
    if (await item.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('ArrowDown');
  }
  throw new Error(`the menu does not reach ${name}`);
}

test('with the mouse: drag, suggestions, elements of lists, words, records that are tried', async ({
  signedIn: page,
  server,
}) => {
  const { users } = targets();
  await page.goto(`${server.url}/tests/new?resource=${users.resourceId}`);
  await page.getByRole('button', { name: 'mfa', exact: true }).click();
  await page.getByRole('button', { name: 'Condition', exact: true }).click();
  await page.getByRole('button', { name: 'role', exact: true }).click();
  const role = page.locator('[data-condition="/groups/0/evaluator/all/1"]');
  await role.getByLabel('Value', { exact: true }).click();
  // Real values, the most frequent first.
  await expect(page.getByRole('listbox').getByRole('option').first()).toContainText('user');
  await page.getByRole('option', { name: 'admin' }).click();
  await expect(figure(page, 'Failing')).toHaveText('9');

  await page.getByRole('button', { name: 'Group', exact: true }).click();
  await page.getByRole('menuitem', { name: 'At least one of these' }).click();
  const group = page.getByRole('group', { name: 'Group of conditions 3 of 3' });
  await group.getByRole('button', { name: 'tags', exact: true }).click();
  await group.getByLabel('Value', { exact: true }).fill('green');
  await expect(figure(page, 'Failing')).toHaveText('11');

  // The condition on the role goes into the group, above what is there.
  await drag(
    page,
    role.getByRole('button', { name: /move and more/ }),
    group.getByRole('group', { name: 'Condition 1 of 1' }),
  );
  await expect(page.getByText(/^Moved\. Now 1 of 2\.$/)).toBeAttached();
  const inGroup = page.getByRole('group', { name: 'Group of conditions 2 of 2' });
  await expect(inGroup.getByRole('group', { name: 'Condition 1 of 2' })).toContainText('role');
  await expect(figure(page, 'Failing')).toHaveText('7');
  await expect(page.locator('[aria-roledescription]')).toHaveCount(0);

  await page.getByRole('tab', { name: 'In words' }).click();
  await expect(page.getByRole('tabpanel')).toContainText('role is "admin"');
  await expect(page).toHaveURL(/side=words/);

  // A failing record is opened, taken over, and mended until it passes.
  await page.getByRole('tab', { name: 'Failing' }).click();
  await page.getByRole('button', { name: 'person-0@example.com' }).click();
  const drawer = page.getByRole('dialog', { name: 'person-0@example.com' });
  await expect(drawer).toContainText('"mfa": false');
  await drawer.getByRole('button', { name: 'Try changes of it' }).click();
  const tried = page.getByRole('group', { name: 'Record 1' });
  await expect(tried).toContainText('✓ fails');
  const text = tried.getByRole('textbox');
  await text.fill((await text.inputValue()).replace('"mfa": false', '"mfa": true'));
  await expect(tried).toContainText('✗ passes');
  await tried.getByText('Must pass').click();
  await expect(tried).toContainText('✓ passes');

  // A draft is kept apart; it runs without counting.
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Dragged');
  await page.getByRole('button', { name: 'Save draft' }).click();
  await expect(page).toHaveURL(/\/tests\/\d+\/edit/);
  await expect(page.getByText('All changes are saved')).toBeVisible();
  await page.getByRole('button', { name: 'Run draft' }).click();
  await expect(page.getByText('7 failing, 5 passing')).toBeVisible();
  const { test: saved } = await stored(server, idIn(page));
  expect(saved.version).toBeNull();

  // What is unsaved is not left by accident.
  await page.getByRole('textbox', { name: 'Description' }).fill('Why it matters');
  await page.getByRole('link', { name: 'Connections', exact: true }).first().click();
  const leave = page.getByRole('dialog', { name: 'Leave without saving?' });
  await leave.getByRole('button', { name: 'Go on editing' }).click();
  await expect(page.getByText('Unsaved changes')).toBeVisible();
  await page.getByRole('link', { name: 'Connections', exact: true }).first().click();
  await leave.getByRole('button', { name: 'Discard the changes' }).click();
  await expect(page).toHaveURL(`${server.url}/connections`);
});

/** Drags one thing onto the upper edge of another, as a hand would. */
async function drag(page: Page, from: Locator, to: Locator): Promise<void> {
  const start = await from.boundingBox();
  const end = await to.boundingBox();
  if (start === null || end === null) throw new Error('nothing to drag');
  await page.mouse.move(start.x + start.width / 2, start.y + start.height / 2);
  await page.mouse.down();
  await page.mouse.move(start.x + 30, start.y + 20, { steps: 4 });
  await page.mouse.move(end.x + end.width / 2, end.y + 4, { steps: 8 });
  await page.mouse.move(end.x + end.width / 2, end.y - 4, { steps: 4 });
  // The gap that opens follows the pointer a little later, and is not let go of before.
  const gap = page.locator('[data-over]');
  await expect
    .poll(async () => {
      const tops = await gap.evaluateAll((all) => all.map((each) => each.getBoundingClientRect().top));
      const { y, height } = (await to.boundingBox()) ?? end;
      return tops.length === 1 && tops.every((top) => top < y + height / 2);
    })
    .toBe(true);
  await page.mouse.up();
}

test('odd attributes: dots, quotes, nothing, depth, lists of objects and four hundred of them', async ({
  signedIn: page,
  server,
}) => {
  const { odd } = targets();
  await page.goto(`${server.url}/tests/new?resource=${odd.resourceId}`);
  const add = page.getByRole('button', { name: 'Condition', exact: true });
  const choose = async (row: Locator, typed: string, option: string) => {
    await row.getByRole('button', { name: /^Attribute/ }).click();
    await page.getByRole('textbox', { name: 'Search: Attribute' }).fill(typed);
    await page.getByRole('option', { name: option }).first().click();
  };
  const row = (place: number) => page.locator('[data-condition="/groups/0/evaluator/all/' + String(place) + '"]');
  await choose(row(0), 'a.b', 'a.b');
  await expect(figure(page, 'Failing')).toHaveText('1');
  await add.click();
  await choose(row(1), 'tiefsten', 'am/tiefsten~');
  await expect(figure(page, 'Passing')).toHaveText('1');
  await add.click();
  await choose(row(2), 'odd', `it's "odd"`);
  await row(2).getByLabel('Value', { exact: true }).fill('ü');
  await add.click();
  // More attributes than are listed: one that is not can be named.
  await choose(row(3), 'attribute_with_a_rather_long_name_399', 'which is not among the known ones');
  await row(3)
    .getByRole('button', { name: /^Compare with/ })
    .click();
  await page.getByRole('menuitem', { name: 'Number' }).click();
  await row(3).getByLabel('Value', { exact: true }).fill('399.0');
  await add.click();
  await choose(row(4), 'disks', 'disks');
  await page
    .locator('[data-condition="/groups/0/evaluator/all/4/value"]')
    .getByRole('button', { name: 'encrypted', exact: true })
    .click();
  await expect(figure(page, 'Passing')).toHaveText('1');
  await expect(figure(page, 'Errors')).toHaveText('0');
  await expectSound(page);
  await page.setViewportSize({ width: 390, height: 844 });
  await expectSound(page);

  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Odd');
  await page.getByRole('button', { name: 'Save draft' }).click();
  await expect(page).toHaveURL(/\/tests\/\d+\/edit/);
  const { text } = await stored(server, idIn(page));
  expect(text).toContain('"value":399.0');
  expect(text).toContain('am/tiefsten~');
});

const EXACT = `{
  "resourceId": RESOURCE,
  "evaluator": {
    "all": [
      {
        "fact": "logins",
        "operator": "equal",
        "value": 9007199254740993,
        "params": {
          "10": 1.0,
          "2": 1e300
        }
      },
      {
        "fact": "mfa",
        "operator": "equals",
        "value": true,
        "unknown": [
          1.50
        ]
      }
    ]
  }
}`;

test('as JSON and back: nothing is lost, broken JSON is told, suggestions are taken', async ({
  signedIn: page,
  server,
}) => {
  const { users } = targets();
  const exact = EXACT.replace('RESOURCE', String(users.resourceId));
  await page.goto(`${server.url}/tests/new?resource=${users.resourceId}`);
  await page.getByText('JSON', { exact: true }).click();
  await expect(page).toHaveURL(/mode=json/);
  const editor = page.getByRole('textbox', { name: 'The group as JSON' });
  await replace(page, editor, exact);
  const toBuilder = () => page.getByText('Builder', { exact: true }).click();
  await toBuilder();
  await expect(page.getByRole('group', { name: 'Condition 2 of 2' })).toContainText('The builder has no form');
  await expect(page.getByLabel('Condition as JSON')).toContainText('1.50');
  await expect(page.getByRole('group', { name: 'Condition 1 of 2' }).getByLabel('Value', { exact: true })).toHaveValue(
    '9007199254740993',
  );
  await page.getByText('JSON', { exact: true }).click();
  await expect.poll(() => textOf(editor)).toBe(exact);

  // What cannot be read does not become a builder.
  await replace(page, editor, '{ "resourceId": ');
  await expect(page.getByRole('alert').first()).toContainText('This is not JSON yet');
  await toBuilder();
  await expect(editor).toBeVisible();
  await expect(page.getByRole('button', { name: 'Publish' })).toBeDisabled();
  await page.getByRole('button', { name: 'Go back to what it was' }).click();
  await expect.poll(() => textOf(editor)).toBe(exact);
  await replace(page, editor, exact.replace(/,\s*"unknown": \[\s*1\.50\s*\]/, ''));
  await toBuilder();

  // The server knows what was meant; its suggestion is a button beside the condition.
  const second = page.getByRole('group', { name: 'Condition 2 of 2' });
  await expect(second).toContainText('equals');
  await second.getByRole('listitem').getByRole('button').first().click();
  await expect(second.getByRole('button', { name: 'Attribute: mfa' })).toBeVisible();
  await page.getByText('JSON', { exact: true }).click();
  await expect(editor).toContainText('9007199254740993');
  await expect(editor).toContainText('"operator": "equal",');
});

async function textOf(editor: Locator): Promise<string> {
  return (await editor.locator('.cm-line').allTextContents()).join('\n');
}

async function replace(page: Page, editor: Locator, text: string): Promise<void> {
  await editor.click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(text);
}

test.describe('a conflict', () => {
  test.use({ provokes: [/status of 409/] });

  test('two people edit one test: the second is told, sees what changed, and decides', async ({
    signedIn: page,
    server,
  }) => {
    const { users } = targets();
    const testId = await server.publish('Shared by two', users, 'mfa', true);
    const path = `${TESTS}/${testId}`;
    const logic = (value: boolean) => ({
      logic: 'ALL_GROUPS',
      groups: [{ resourceId: users.resourceId, evaluator: { all: [{ fact: 'mfa', operator: 'equal', value }] } }],
    });
    await page.goto(`${server.url}/tests/${testId}/edit`);
    await page.getByRole('textbox', { name: 'Description' }).fill('Mine');
    await server.call('PUT', path, { name: 'Theirs', logic: logic(false) });
    await page.getByRole('button', { name: 'Save draft' }).click();
    const dialog = page.getByRole('dialog', { name: 'Somebody else changed this test' });
    await expect(dialog).toContainText('The name is now “Theirs”.');
    await expect(dialog).toContainText('true → false');
    await expectSound(page);
    await dialog.getByRole('button', { name: 'Take theirs' }).click();
    await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('Theirs');
    await expect(page.getByText('All changes are saved')).toBeVisible();
    // What was mine is one undo away.
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect(page.getByRole('textbox', { name: 'Description' })).toHaveValue('Mine');

    await server.call('PUT', path, { name: 'Theirs again' });
    await page.getByRole('button', { name: 'Save draft' }).click();
    await dialog.getByRole('button', { name: 'Save mine over it' }).click();
    await expect(dialog).toBeHidden();
    await expect(page.getByText('All changes are saved')).toBeVisible();
    const { test: saved } = await stored(server, String(testId));
    expect(saved.name).toBe('Shared by two');

    // Publishing shows which verdicts it changes.
    await page.getByText('false', { exact: true }).click();
    await expect(figure(page, 'Failing')).toHaveText('9');
    await page.getByRole('button', { name: 'Publish' }).click();
    const publish = page.getByRole('dialog', { name: 'Publish this version' });
    await expect(publish).toContainText('3 failing now, 9 with this version');
    await expect(publish).toContainText('9 records: passing → failing');
    await expect(publish).toContainText('3 records: failing → passing');
    await expectSound(page);
    await publish.getByRole('button', { name: 'Publish' }).click();
    await expect(page).toHaveURL(new RegExp(`/tests/${testId}$`));
    const { test: published } = await stored(server, String(testId));
    expect(published.logic.groups[0]?.evaluator).toEqual(logic(false).groups[0]?.evaluator);
  });
});

test('unsaved work survives a reload and is offered', async ({ page, server }) => {
  page.on('dialog', (dialog) => void dialog.accept());
  await page.context().addCookies([await server.cookie()]);
  const { users } = targets();
  await page.goto(`${server.url}/tests/new?resource=${users.resourceId}`);
  await page.getByRole('button', { name: 'mfa', exact: true }).click();
  await page.getByRole('textbox', { name: 'Name', exact: true }).fill('Half done');
  await expect
    .poll(() => page.evaluate(() => sessionStorage.getItem('plumbline.builder.1.new')))
    .toContain('Half done');
  await page.reload();
  await expect(page.getByText(/You have unsaved changes from/)).toBeVisible();
  await page.getByRole('button', { name: 'Restore them' }).click();
  await expect(page.getByRole('textbox', { name: 'Name', exact: true })).toHaveValue('Half done');
  await expect(figure(page, 'Failing')).toHaveText('3');
});

test('is sound everywhere', async ({ signedIn: page, server }) => {
  test.setTimeout(120_000);
  const { users } = targets();
  await page.goto(`${server.url}/tests/new`);
  await expectSoundEverywhere(page, 'builder-empty', page.getByRole('button', { name: /^Records of/ }));
  // All of it can be done on a narrow window.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`${server.url}/tests/new?resource=${users.resourceId}`);
  await page.getByRole('button', { name: /^Attribute/ }).click();
  await expectSoundEverywhere(page, 'builder-attributes', page.getByRole('listbox').getByRole('option').first());
  await page.setViewportSize({ width: 390, height: 844 });
  await page.keyboard.press('Escape');
  await page.getByRole('button', { name: 'mfa', exact: true }).click();
  await page.getByRole('combobox', { name: 'Which of them are tested' }).selectOption({ index: 1 });
  await page
    .locator('[data-condition^="/groups/0/filteringCriteria"]')
    .getByRole('button', { name: 'logins', exact: true })
    .click();
  await page.locator('input[aria-label="Value"]').first().fill('1');
  await page.getByRole('button', { name: 'Group', exact: true }).last().click();
  await page.getByRole('menuitem', { name: 'At least one of these' }).click();
  await page.getByRole('button', { name: 'role', exact: true }).click();
  await page.locator('input[aria-label="Value"]').last().fill('admin');
  await page.keyboard.press('Escape');
  await page.getByRole('combobox', { name: 'What must hold of all records' }).selectOption({ index: 2 });
  await expect(figure(page, 'Filtered out')).toHaveText('1');
  await expectSoundEverywhere(page, 'builder');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole('tab', { name: 'Try records' }).click();
  await page.getByRole('button', { name: 'Write a record' }).click();
  await expect(page.getByRole('group', { name: 'Record 1' })).toContainText(/passes|fails|filtered out/);
  await page.getByText('JSON', { exact: true }).click();
  await expectSoundEverywhere(page, 'builder-json', page.getByRole('textbox', { name: 'The group as JSON' }));
});
