import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '../fixtures';
import type { Server, Target } from '../server';

const FOLDER = process.env.PICTURES ?? '';

test.skip(FOLDER === '', '`make screenshots` makes the pictures of the documents');

const FIRST = ['Ada', 'Ben', 'Chloe', 'Deniz', 'Emil', 'Farah', 'Goran', 'Hana', 'Ines', 'Jonas', 'Kofi', 'Lena'];
const TEAMS = ['Platform', 'Finance', 'Support'];

async function seed(server: Server): Promise<{ users: Target; mfa: number; framework: number }> {
  const users = await server.connect('Identity provider', 'name', [
    { id: 'u-1', name: 'Ada', email: 'ada@example.com', status: 'ACTIVE', mfaEnabled: true, admin: false, team: 'IT' },
  ]);
  const people = FIRST.map((name, at) => ({
    id: `u-${100 + at}`,
    name,
    email: `${name.toLowerCase()}@example.com`,
    status: at === 7 ? 'SUSPENDED' : 'ACTIVE',
    mfaEnabled: at % 5 !== 3,
    admin: at % 6 === 0,
    team: TEAMS[at % TEAMS.length] ?? '',
  }));
  await server.push(users, people);
  const mfa = await server.publish('Everyone logs in with a second factor', users, 'mfaEnabled', true);
  await server.publish('Every account is active', users, 'status', 'ACTIVE');
  const repositories = await server.connect('Code hosting', 'name', [
    { id: 'r-1', name: 'web', private: true, branchProtected: true },
  ]);
  await server.push(
    repositories,
    ['web', 'api', 'infrastructure', 'handbook', 'billing'].map((name, at) => ({
      id: `r-${at}`,
      name,
      private: true,
      branchProtected: at !== 3,
    })),
  );
  await server.publish('Repositories protect their default branch', repositories, 'branchProtected', true);
  await server.publish('Repositories are private', repositories, 'private', true);
  const disks = await server.connect('Cloud disks', 'name', [{ id: 'd-1', name: 'vol-1', encrypted: true }]);
  await server.push(
    disks,
    Array.from({ length: 40 }, (_, at) => ({ id: `d-${at}`, name: `vol-${1000 + at}`, encrypted: true })),
  );
  const encrypted = await server.publish('Disks are encrypted', disks, 'encrypted', true);
  for (const slug of ['plumbline-essentials', 'soc-2']) {
    await server.call('POST', '/public/v2/workspaces/1/frameworks/actions', { action: 'install', slug });
  }
  const { data: frameworks } = await server.call<{ data: { id: number; slug: string }[] }>(
    'GET',
    '/public/v2/workspaces/1/frameworks?size=50',
  );
  const { data: controls } = await server.call<{ data: { id: number; code: string }[] }>(
    'GET',
    '/public/v2/workspaces/1/controls?size=500',
  );
  const control = (code: string) => controls.find((each) => each.code === code)?.id ?? 0;
  for (const [test, code] of [
    [mfa, 'PLB-001'],
    [encrypted, 'PLB-021'],
  ] as const) {
    await server.call('PUT', `/public/v2/workspaces/1/monitoring-tests/${test}`, { controlIds: [control(code)] });
  }
  return { users, mfa, framework: frameworks.at(-1)?.id ?? 0 };
}

test('pictures of the main pages', async ({ signedIn: page, server }) => {
  test.setTimeout(120_000);
  await mkdir(FOLDER, { recursive: true });
  const { users, mfa, framework } = await seed(server);
  const pages: [name: string, scheme: 'light' | 'dark', path: string, ready: string][] = [
    ['home-light', 'light', '/', 'Newest failing tests'],
    ['home-dark', 'dark', '/', 'Newest failing tests'],
    ['builder', 'light', `/tests/${mfa}/edit`, 'Live preview'],
    ['editor', 'dark', `/tests/${mfa}/edit?mode=json`, 'filteringCriteria'],
    ['test', 'light', `/tests/${mfa}`, 'Failing records'],
    ['records', 'dark', `/connections/${users.connectionId}?tab=records`, 'Chloe'],
    ['framework', 'dark', `/frameworks/${framework}`, 'Readiness'],
  ];
  for (const [name, scheme, path, ready] of pages) {
    await page.emulateMedia({ colorScheme: scheme });
    await page.goto(server.url + path);
    await expect(page.getByText(ready).first()).toBeVisible();
    await expect(page.getByLabel(/^Loading /)).toHaveCount(0);
    await page.screenshot({ path: join(FOLDER, `${name}.png`) });
  }
});
