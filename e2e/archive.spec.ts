// The Archive panel: what is held by day and venue, a day's instruments, the bars of one and its ticks, by mouse and by keyboard alone.
import { expect, smallRecipe, test, waitForRecording } from './tapedeck.ts';

/** UTC time of day of a moment, with milliseconds. */
const clock = (us: number): string => new Date(us / 1000).toISOString().slice(11, 23);

test('a day is opened, its bars are drawn, its ticks are sought', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await page.getByTestId('nav-archive').click();
  const held = page.locator('[data-testid="square"][data-row="upbit"][data-held]');
  await expect(held).toHaveCount(1);
  await expect(held).toHaveAttribute('aria-label', /^\d{4}-\d\d-\d\d UTC, Upbit: [\d,]+ ticks, 3 streams/);
  await held.click();
  await expect(page.getByTestId('day-venue')).toHaveValue('upbit');
  await expect(page.getByTestId('day-row')).toHaveCount(3);
  await page.getByTestId('day-search').fill('btc');
  await expect(page.getByTestId('day-row')).toHaveCount(1);
  await page.getByTestId('day-row').click();
  await expect(page.getByTestId('instrument-title')).toContainText('KRW-BTC');

  // Bars: drawn, told in figures, as a table, finer and in the other zone.
  const chart = page.getByTestId('bars-chart');
  await expect(chart).toHaveAttribute('data-state', 'ready');
  await expect(chart.locator('canvas').first()).toBeVisible();
  await expect(page.getByTestId('bars-figures')).toContainText(/UTC.*Open.*High.*Low.*Close.*Volume/);
  await page.getByTestId('bar-interval').getByRole('button', { name: '1 s', exact: true }).click();
  await expect.poll(async () => Number(await chart.getAttribute('data-bars'))).toBeGreaterThan(3);
  await page.getByTestId('zone-switch').getByRole('button', { name: 'KST' }).click();
  await expect(page.getByTestId('bars-figures')).toContainText('KST');
  await page.getByTestId('zone-switch').getByRole('button', { name: 'UTC' }).click();
  await page.getByTestId('instrument-view').getByRole('button', { name: 'Bars' }).click();
  await expect(page.getByTestId('bar-row').nth(3)).toBeVisible();
  await expect(page.getByTestId('bar-row').first()).toContainText(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);

  // Ticks: from the beginning, then from a moment, and back over it.
  await page.getByTestId('instrument-view').getByRole('button', { name: 'Ticks' }).click();
  const rows = page.getByTestId('tick-row');
  await expect(rows.first()).toBeVisible({ timeout: 90_000 });
  const us = async (nth: number): Promise<number> => Number(await rows.nth(nth).getAttribute('data-us'));
  const beginning = await us(0);
  const wanted = Math.ceil((beginning + 2_000_000) / 1000) * 1000;
  await page.getByTestId('ticks-seek').fill('soon');
  await expect(page.getByTestId('ticks-go')).toBeDisabled();
  await page.getByTestId('ticks-seek').fill(clock(wanted));
  await page.getByTestId('ticks-go').click();
  const active = page.locator('[data-testid="tick-row"][aria-selected="true"]');
  await expect.poll(async () => Number(await active.getAttribute('data-us'))).toBeGreaterThanOrEqual(wanted);
  expect(Number(await active.getAttribute('data-us'))).toBeLessThan(wanted + 5_000_000);
  await page.getByTestId('ticks').focus();
  for (let step = 0; step < 5; step += 1) await page.keyboard.press('ArrowUp');
  await expect.poll(async () => Number(await active.getAttribute('data-us'))).toBeLessThan(wanted);

  // On to a query about it.
  await page.getByTestId('instrument-query').click();
  await expect(page.getByTestId('panel-analysis')).toBeVisible();
  await expect(page.getByTestId('sql-text')).toContainText("symbol = 'KRW-BTC'");
});

test('the calendar is walked and an instrument is read without a mouse', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('go to archive');
  await page.keyboard.press('Enter');
  const grid = page.getByTestId('calendar-grid');
  await expect(grid).toBeVisible({ timeout: 90_000 });
  await expect(page.locator('[data-testid="square"][data-row="binance"][data-held]')).toHaveCount(1, {
    timeout: 90_000,
  });
  await grid.focus();
  // The newest day is where the arrows begin.
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('day-venue')).toHaveValue('binance');
  await page.keyboard.press('/');
  await expect(page.getByTestId('day-search')).toBeFocused();
  await page.keyboard.type('solusdt perp');
  await expect(page.getByTestId('day-row')).toHaveCount(1);
  await page.getByRole('region', { name: 'List of instruments' }).focus();
  await page.keyboard.press('ArrowDown');
  await expect(page.getByTestId('instrument-title')).toContainText('SOLUSDT');
  const chart = page.getByTestId('bars-chart');
  await expect(chart).toHaveAttribute('data-state', 'ready');
  await chart.focus();
  await page.keyboard.press('Home');
  await page.keyboard.press('Enter');
  // Enter on a bar leads to its ticks.
  await expect(page.getByTestId('tick-row').first()).toBeVisible({ timeout: 90_000 });
  await page.keyboard.press('t');
  await expect(page.getByTestId('ticks-seek')).toBeFocused();
  await page.keyboard.type('23:59:59');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('ticks-empty').or(page.getByTestId('tick-row').first())).toBeVisible();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('tick-row').first()).toBeVisible();
});
