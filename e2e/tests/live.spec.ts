import { expect, expectSoundEverywhere, test } from '../fixtures';

test.describe('live', () => {
  // A server that is down is what the browser complains of.
  test.use({ provokes: [/net::ERR_|Failed to load resource/] });

  test('what others push turns up by itself, in all tabs over one stream, and a lost connection shows and heals', async ({
    signedIn: page,
    context,
    server,
  }) => {
    const target = await server.connect('Live accounts', 'email', [{ id: 'l-1', email: 'ann@example.com', mfa: true }]);
    await server.push(target, [{ id: 'l-1', email: 'ann@example.com', mfa: true }]);
    const testId = await server.publish('Live accounts use MFA', target, 'mfa', true);

    const streams: string[] = [];
    context.on('request', (request) => {
      if (request.url().endsWith('/public/v2/stream')) streams.push(request.url());
    });
    await page.goto(`${server.url}/connections/${target.connectionId}/resources/${target.resourceId}`);
    await expect(page.getByText('ann@example.com')).toBeVisible();
    await expect.poll(() => streams.length).toBe(1);

    const other = await context.newPage();
    await other.goto(`${server.url}/tests/${testId}`);
    await expect(other.getByText('Passed').first()).toBeVisible();

    // Both are told of the push, over the stream of the first.
    await server.push(target, [{ id: 'l-2', email: 'bob@example.com', mfa: false }]);
    await expect(page.getByText('bob@example.com')).toBeVisible();
    await expect(other.getByText('bob@example.com')).toBeVisible();
    await expect(other.getByText('Failed').first()).toBeVisible();
    expect(streams).toHaveLength(1);

    // Eight tabs would use up what a browser opens to a host, if each had its own.
    const more = await Promise.all(Array.from({ length: 6 }, () => context.newPage()));
    for (const each of more) {
      await each.goto(`${server.url}/connections`);
      await expect(each.getByText('Live accounts').first()).toBeVisible();
    }
    expect(streams).toHaveLength(1);

    // The tab with the stream goes: another one takes it over and misses nothing.
    await page.close();
    await expect.poll(() => streams.length).toBe(2);
    await server.push(target, [{ id: 'l-2', email: 'bob@example.com', mfa: true }]);
    await expect(other.getByText('Passed').first()).toBeVisible();
    await Promise.all(more.map((each) => each.close()));

    // Down: what is there stays, and a calm line says how it stands.
    await server.goDown();
    const line = other.getByText('Not connected: what you see may be old.');
    await expect(line).toBeVisible();
    await expect(other.getByRole('heading', { name: 'Live accounts use MFA' })).toBeVisible();
    await expectSoundEverywhere(other, 'not-connected', line);

    await server.comeBack();
    await server.push(target, [{ id: 'l-3', email: 'cyd@example.com', mfa: false }]);
    // By the button, unless it has found back by itself since.
    const again = other.getByRole('button', { name: 'Try now' }).click();
    await Promise.race([again.catch(() => undefined), line.waitFor({ state: 'hidden' })]);
    await expect(line).toBeHidden();
    await expect(other.getByText('cyd@example.com')).toBeVisible();
  });
});
