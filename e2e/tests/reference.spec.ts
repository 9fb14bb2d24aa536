import { expect, test } from '../fixtures';

type Document = { paths: Record<string, Record<string, unknown>> };

test('the reference shows every operation, from this server alone and without a key', async ({
  guarded: page,
  server,
}) => {
  const document = (await (await fetch(`${server.url}/public/openapi.json`)).json()) as Document;
  const methods = ['get', 'post', 'put', 'patch', 'delete'];
  const number = Object.values(document.paths)
    .flatMap((item) => Object.keys(item))
    .filter((method) => methods.includes(method)).length;
  expect(number).toBeGreaterThan(10);

  await page.goto(`${server.url}/docs`);
  await expect(page.getByRole('status')).toHaveText(`${number.toLocaleString('en')} operations`);
  await expect(page.getByRole('main').getByRole('heading', { level: 3 })).toHaveCount(number);

  await page.getByRole('searchbox', { name: 'Filter operations' }).fill('post /public/v2/custom-connections records');
  const head = page.getByRole('link', {
    name: /POST \/public\/v2\/custom-connections\/\{connectionId\}\/resources\/\{resourceId\}\/records/,
  });
  await expect(head).toHaveCount(1);
  await head.click();
  await expect(head).toHaveAttribute('aria-expanded', 'true');
  await expect(page.getByText('custom-connections-data-post')).toBeVisible();
  await expect(page.getByLabel(/^curl: /)).toContainText(`${server.url}/public/v2/custom-connections/$CONNECTION_ID`);
  await expect(page.getByRole('row', { name: /connectionId/ })).toContainText('path');

  const address = page.url();
  await page.goto(address);
  await expect(head, 'the address opens the same operation').toHaveAttribute('aria-expanded', 'true');
});
