// The Gaps panel: a gap is seen with its evidence, asked for by button and by key, and becomes repaired; nothing missing says so.
import { expect, smallRecipe, test, waitForRecording } from './tapedeck.ts';

/** Every venue is away for four seconds; history is refused for a while, so that the gaps stand until somebody asks. */
const outage = smallRecipe({
  // Counted from when all streams are subscribed, however long that takes.
  faultsFrom: { subscriptions: 9 },
  faults: [
    { atSeconds: 6, kind: 'refuse', forSeconds: 4 },
    { atSeconds: 6.1, kind: 'cut' },
    { atSeconds: 6, kind: 'rest-429', forSeconds: 14 },
  ],
});

test('a gap is seen, back-filled by button, and becomes repaired', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(outage)]);
  await page.goto(host.address('#/gaps'));
  await waitForRecording(page);
  await expect(page.getByTestId('gaps-empty')).toBeVisible();
  const rows = page.getByTestId('gap-line');
  await expect(rows.first()).toBeVisible({ timeout: 40_000 });
  await page.getByTestId('gaps-scope').getByRole('button', { name: 'All' }).click();
  await page.getByTestId('gaps-search').fill('upbit KRW-BTC');
  await expect(rows).toHaveCount(1);
  await rows.first().click();
  const detail = page.getByTestId('gap-detail');
  await expect(detail).toContainText('KRW-BTC');
  await expect(page.getByTestId('coverage-bar')).toContainText('line 0 covered');
  const asked = page.getByTestId('repair-job');
  const button = page.getByTestId('repair-one');
  await expect(button).toHaveAttribute('aria-disabled', 'false', { timeout: 40_000 });
  await button.click();
  await expect(asked.first()).toBeVisible();
  await expect(page.getByTestId('gap-state')).toHaveText('Repaired', { timeout: 60_000 });
  await expect(page.getByTestId('gap-evidence').locator('li')).not.toHaveCount(0);
  await expect(page.getByTestId('repair-job').first()).toHaveAttribute('data-state', 'done', { timeout: 30_000 });
});

test('the list is walked, ticked and asked for without a mouse', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(outage)]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await page.keyboard.press('3');
  await expect(page.getByTestId('panel-gaps')).toBeVisible();
  await page.keyboard.press('/');
  await expect(page.getByTestId('gaps-search')).toBeFocused();
  await page.keyboard.type('upbit');
  await page.getByTestId('gaps-scope').getByRole('button', { name: 'All' }).press('Enter');
  const rows = page.getByTestId('gap-line');
  await expect(rows).toHaveCount(3, { timeout: 40_000 });
  const list = page.getByRole('region', { name: 'Gaps' }).last();
  await list.focus();
  await page.keyboard.press('Home');
  await expect(rows.nth(0)).toHaveAttribute('aria-selected', 'true');
  await page.keyboard.press(' ');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press(' ');
  await expect(rows.nth(1)).toHaveAttribute('aria-selected', 'true');
  await expect(page.getByTestId('repair-ticked')).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('back-fill the ticked');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('repair-job').first()).toBeVisible({ timeout: 40_000 });
  await expect(page.getByTestId('status-gaps')).toHaveText('0', { timeout: 60_000 });
});
