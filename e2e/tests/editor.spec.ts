import type { Page } from '@playwright/test';
import { expect, expectSound, expectSoundEverywhere, picture, test } from '../fixtures';
import type { Server, Target } from '../server';

const editor = '.cm-content';

/** For how long the editor takes no key in a list that has just come, in milliseconds: its interactionDelay. */
const NO_KEY_YET = 75;

/** Takes the proposal at hand, of a list that is seen. */
async function take(page: Page): Promise<void> {
  await expectSound(page);
  await page.waitForTimeout(NO_KEY_YET + 25);
  await page.keyboard.press('Enter');
}

async function seed(server: Server, name: string): Promise<{ users: Target; testId: number }> {
  const people = Array.from({ length: 30 }, (_, at) => ({
    id: `u${at}`,
    email: `person-${at}@example.com`,
    mfa: at % 6 !== 0,
    team: at % 3 === 0 ? 'red' : 'blue',
    lastLogin: '2026-01-01T10:00:00Z',
    profile: { 'job title': 'engineer' },
  }));
  const users = await server.connect(`${name}: people`, 'email', people);
  await server.push(users, people);
  const testId = await server.publish(name, users, 'mfa', true);
  return { users, testId };
}

const large = (resourceId: number, lines: number) =>
  JSON.stringify(
    {
      resourceId,
      evaluator: {
        any: Array.from({ length: Math.ceil(lines / 5) }, (_, at) => ({ fact: 'team', operator: 'equal', value: `t${at}` })),
      },
    },
    null,
    2,
  );

test('a group is written in the editor by keyboard alone, mended, laid out and undone', async ({ signedIn: page, server }) => {
  test.setTimeout(120_000);
  const { users, testId } = await seed(server, 'Written by keyboard');
  await page.setViewportSize({ width: 1280, height: 800 });
  await page.goto(`${server.url}/tests/${testId}/edit?mode=json`);
  const text = page.getByRole('textbox', { name: 'The group as JSON' });
  await expect(text).toBeVisible();
  const status = page.getByText(/^(No problems|\d+ (error|warning|note).*)$/);
  await expect(status).toHaveText('No problems');

  // Completion: facts, operators that fit, known values, keys.
  await text.press('ControlOrMeta+a');
  await page.keyboard.insertText(`{"resourceId": ${users.resourceId}, "evaluator": {"all": [{}]}}`);
  await text.press('ControlOrMeta+End');
  for (let step = 0; step < 4; step += 1) await text.press('ArrowLeft');
  await text.press('Control+Space');
  const options = page.getByRole('listbox', { name: 'Completions' }).getByRole('option');
  await expect(options.first()).toContainText('fact');
  await take(page);
  // Inside the empty quotes the attributes come by themselves.
  await expect(options.filter({ hasText: 'profile.job title' })).toBeVisible();
  await page.keyboard.type('te');
  await expect(options.first()).toContainText('team');
  await picture(page, 'editor-completion');
  await take(page);
  await expect(text).toContainText('"fact": "team"');
  await page.keyboard.type(', "operator": "');
  await expect(options.filter({ hasText: 'starts with' })).toBeVisible();
  await expect(options.filter({ hasText: 'has an element where' })).toHaveCount(0);
  await page.keyboard.type('equal');
  await expect(options.first()).toContainText('equal');
  await take(page);
  await page.keyboard.type(', "value": ');
  await text.press('Control+Space');
  await expect(options.first()).toContainText('blue');
  await take(page);
  await expect(text).toContainText('"value": "blue"');
  await expect(status).toHaveText('No problems');

  // Layout keeps every digit, and undo takes it back.
  await page.keyboard.type(', "priority": 9007199254740993');
  await expect(text).toContainText('9007199254740993');
  const shown = page.locator('.cm-line');
  await expect(shown).toHaveCount(1);
  await text.press('Shift+Alt+f');
  await expect(shown.filter({ hasText: /^ +"operator": "equal",$/ })).toBeVisible();
  await expect(text).toContainText('9007199254740993');
  await text.press('ControlOrMeta+z');
  await expect(shown).toHaveCount(1);

  // An error at its line while typing, and the change that mends it.
  await page.getByRole('button', { name: 'Format' }).click();
  await expect(shown).not.toHaveCount(1);
  await shown.filter({ hasText: '"operator"' }).getByText('"equal"').dblclick();
  await page.keyboard.insertText('equals');
  const problems = page.getByRole('list', { name: 'Problems in the text' });
  await expect(problems.getByRole('listitem')).toContainText('Unknown operator equals');
  await expect(problems.getByRole('listitem')).toContainText(/line \d/);
  await expect(page.locator('.cm-lintRange-error')).toHaveText('"equals"');
  await expectSound(page);
  await text.press('ControlOrMeta+.');
  await expect(text).toContainText('"operator": "equal"');
  await expect(status).toHaveText('No problems');

  // Help where the pointer rests.
  await shown.filter({ hasText: '"operator"' }).getByText('"equal"').hover();
  await expect(page.locator('.cm-help')).toContainText('Compares value and type');
  await page.mouse.move(0, 0);

  // The builder shows the same, and the way back has the history and the layout.
  const lines = await shown.count();
  await page.getByText('Builder', { exact: true }).click();
  await expect(page.locator(editor)).toHaveCount(0);
  await page.getByText('JSON', { exact: true }).click();
  await expect(text).toContainText('9007199254740993');
  await expect(shown).toHaveCount(lines);
  await text.press('ControlOrMeta+z');
  await expect(text).toContainText('"equals"');

  // Tab stays in the editor, Escape and Tab leave it.
  await text.press('Tab');
  await expect(text).toBeFocused();
  await text.press('Escape');
  await text.press('Tab');
  await expect(text).not.toBeFocused();
});

test('twenty thousand lines are edited, and the editor is sound everywhere', async ({ signedIn: page, server }) => {
  test.setTimeout(120_000);
  const { users, testId } = await seed(server, 'Long and sound');
  const text = page.getByRole('textbox', { name: 'The group as JSON' });
  await page.goto(`${server.url}/tests/${testId}/edit?mode=json`);
  await expect(text).toBeVisible();
  await text.press('ControlOrMeta+a');
  await page.keyboard.insertText('{"evaluator": {"all": [{"fact": "tem", "operator": "equals", "value": 1.0}, ]}');
  await expect(page.getByRole('list', { name: 'Problems in the text' })).toBeVisible();
  await text.press('ControlOrMeta+f');
  await expectSoundEverywhere(page, 'editor', page.getByRole('textbox', { name: 'Find' }));
  await text.press('Escape');
  await text.press('ControlOrMeta+z');
  await expect(page.getByText('No problems')).toBeVisible();
  await text.press('ControlOrMeta+a');
  const long = large(users.resourceId, 20_000);
  // Pasted, as nobody types so much.
  await text.evaluate((element, pasted) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', pasted);
    element.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, long);
  await text.press('ControlOrMeta+End');
  await expect(page.locator('.cm-lineNumbers')).toContainText(String(long.split('\n').length));
  await page.keyboard.type(' x');
  await expect(page.getByText(/^1 error/)).toBeVisible({ timeout: 20_000 });
  await expect(page.locator('.cm-lintRange-error')).toHaveText('x');
});
