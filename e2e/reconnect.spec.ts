// The host is killed without warning and started again: the page says so, says how old its figures are, and recovers by itself.
import { expect, figure, HOST_GONE, smallRecipe, test, waitForRecording } from './tapedeck.ts';

test('the page survives kill -9 of the host', async ({ page, bench, trouble }) => {
  const { settingsFile } = await bench.venues(smallRecipe());
  const host = await bench.host(['--settings', settingsFile]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await expect.poll(() => figure(page, 'ticks-per-second')).toBeGreaterThan(20);

  trouble.expect(HOST_GONE);
  await bench.kill(host.child, 'SIGKILL');
  const banner = page.getByTestId('link-lost');
  await expect(banner).toBeVisible();
  await expect(banner).toHaveAttribute('data-reach', 'gone');
  await expect(banner).toContainText(/[3-9] s old/);
  // The bar must not go on saying that all is well.
  await expect(page.getByTestId('status-recording')).toHaveAttribute('data-state', 'unseen');
  await expect(page.getByTestId('ticks-per-second')).toHaveText('–');
  const before = (await page.getByTestId('balance-ticks').locator('b').first().textContent()) ?? '';

  const again = await bench.host(['--settings', settingsFile], host.dataDir);
  expect(again.ready.url).toBe(host.ready.url);
  expect(again.ready.token).toBe(host.ready.token);
  await expect(banner).toBeHidden({ timeout: 90_000 });
  await waitForRecording(page);
  await expect.poll(() => figure(page, 'ticks-per-second')).toBeGreaterThan(20);
  const total = page.getByTestId('balance-ticks').locator('b').first();
  const number = (text: string): number => Number(text.replaceAll(',', ''));
  await expect.poll(async () => number((await total.textContent()) ?? '')).toBeGreaterThan(number(before));
  await expect(page.getByTestId('balance-ticks')).toHaveAttribute('data-off', '0');
});
