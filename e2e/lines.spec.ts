// The Lines panel on the built app: a line dies and comes back before the eyes, is renewed by keys alone, stopped and started by mouse.
import { ALL_SUBSCRIBED, expect, smallRecipe, test, waitForRecording } from './tapedeck.ts';

/** One line of Binance spot is cut and refused for a while; the other stands, so nothing is lost. */
const cut = smallRecipe({
  timesFrom: ALL_SUBSCRIBED,
  faults: [
    { atSeconds: 12, kind: 'refuse', venue: 'binance', market: 'spot', forSeconds: 4 },
    { atSeconds: 12.1, kind: 'cut', venue: 'binance', market: 'spot', line: 1 },
  ],
});

test('a line is seen to die and to recover, and its log says why', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(cut)]);
  await page.goto(host.address('#/lines'));
  await waitForRecording(page);
  const rows = page.getByTestId('line-line');
  await expect(rows.first()).toBeVisible();
  const line = page.locator('[data-testid="line-line"][data-row="binance:spot:1"]');
  await line.click();
  await expect(page.getByTestId('line-detail')).toContainText('binance:spot:1');
  const log = page.getByTestId('line-log');
  // Dead: shape, word, and the twin that stands beside it.
  await expect(log.locator('[data-kind="close"]').first()).toContainText('connection lost');
  await expect(line).toContainText('Live');
  await expect(log.locator('li').first()).toContainText('symbols acknowledged');
  await expect(page.getByTestId('line-pair').locator('td[data-worse]').first()).toContainText(/[1-9]/);
  // With the other line alive nothing is missing.
  await expect(page.getByTestId('status-gaps')).toHaveText('0');
  await page.getByTestId('line-gaps').click();
  await expect(page.getByTestId('panel-gaps')).toBeVisible();
  await expect(page.getByTestId('gaps-search')).toHaveValue('binance spot');
  await page.goBack();
  await page.reload();
  await expect(page.getByTestId('line-log').locator('[data-kind="close"]').first()).toBeVisible();
  // The same is in the stream of what happened on Live, and leads back to the line.
  await page.keyboard.press('1');
  await page.getByTestId('live-pane').getByRole('button', { name: 'Happened' }).first().click();
  const lost = page.getByTestId('happening').filter({ hasText: 'Line back' }).first();
  await expect(lost).toContainText('binance:spot:1');
  await expect(lost).toContainText('UTC');
  await lost.getByRole('link').click();
  await expect(page.getByTestId('line-detail')).toContainText('binance:spot:1');
});

test('a line is renewed by keys alone', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('lines');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('panel-lines')).toBeVisible();
  await page.keyboard.press('/');
  await expect(page.getByTestId('lines-search')).toBeFocused();
  await page.keyboard.type('upbit:spot:1');
  const row = page.getByTestId('line-line');
  await expect(row).toHaveCount(1);
  await page.getByRole('region', { name: 'Lines' }).last().focus();
  await page.keyboard.press('Home');
  await expect(row).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press('r');
  const dialog = page.getByTestId('line-confirm');
  await expect(dialog).toContainText('Nothing is lost');
  await expect(dialog).toContainText('upbit:spot:0 records the same symbols meanwhile');
  await expect(page.getByTestId('line-do')).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(dialog).toBeHidden();
  await expect(page.getByTestId('line-log').locator('[data-kind="close"]').first()).toContainText(
    'closed after its renewal',
    { timeout: 90_000 },
  );
  await expect(page.getByTestId('line-pair').locator('tr', { hasText: 'Renewals' }).locator('td').nth(1)).toHaveText(
    '1',
  );
  await expect(page.getByTestId('status-gaps')).toHaveText('0');
});

test('a line is stopped and started by mouse; the last one only after a warning', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/lines'));
  await waitForRecording(page);
  const line = (id: string) => page.locator(`[data-testid="line-line"][data-row="${id}"]`);
  await line('binance:perp:0').click();
  await page.getByTestId('line-stop').click();
  await expect(page.getByTestId('line-confirm')).toContainText('no trade is lost');
  await page.getByTestId('line-do').click();
  await expect(line('binance:perp:0')).toContainText('Stopped');
  await expect(page.getByTestId('line-pair')).toContainText('Stopped by hand');
  await expect(page.getByTestId('status-recording')).toHaveAttribute('data-state', 'partly');
  await line('binance:perp:1').click();
  await page.getByTestId('line-stop').click();
  await expect(page.getByTestId('line-confirm')).toContainText('will be MISSING');
  await expect(page.getByTestId('line-cancel')).toBeFocused();
  await page.getByTestId('line-cancel').click();
  await expect(line('binance:perp:1')).toContainText('Live');
  await line('binance:perp:0').click();
  await expect(page.getByTestId('line-log').locator('[data-kind="line-stopped"]')).toBeVisible();
  await page.getByTestId('line-start').click();
  await page.getByTestId('line-do').click();
  await expect(line('binance:perp:0')).toContainText('Live');
  await waitForRecording(page);
  await expect(page.getByTestId('status-gaps')).toHaveText('0');
  // Both stopped: what is missing bears the hand's name.
  await page.getByTestId('line-stop').click();
  await page.getByTestId('line-do').click();
  await expect(line('binance:perp:0')).toContainText('Stopped');
  await line('binance:perp:1').click();
  await page.getByTestId('line-stop').click();
  await page.getByTestId('line-do').click();
  await expect(line('binance:perp:1')).toContainText('Stopped');
  for (const id of ['binance:perp:0', 'binance:perp:1']) {
    await line(id).click();
    await page.getByTestId('line-start').click();
    await page.getByTestId('line-do').click();
    await expect(line(id)).toContainText('Live');
  }
  await page.getByTestId('line-gaps').click();
  await expect(page.getByTestId('gap-line').first()).toContainText('stopped by hand');
});
