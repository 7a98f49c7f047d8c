// The Gaps panel: a gap is seen with its evidence, asked for by button and by key, and becomes repaired; nothing missing says so.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ALL_SUBSCRIBED, expect, smallRecipe, test, waitForRecording } from './tapedeck.ts';

/**
 * Every venue is away, for so long that somebody asks for the gaps before they end: then nothing but the asking has begun. When it is back it
 * takes no questions for a while.
 */
const faults = [
  { atSeconds: 14, kind: 'refuse', forSeconds: 25 },
  { atSeconds: 14.1, kind: 'cut' },
  { atSeconds: 35, kind: 'rest-429', forSeconds: 20 },
];
// Counted from when all streams are subscribed, however long that takes.
const outage = smallRecipe({ timesFrom: ALL_SUBSCRIBED, faults });
/** One stream more, of a venue whose history is its newest 60 trades: less than it prints in the outage. */
const lossy = smallRecipe({
  instruments: [
    { base: 'BTC', price: 61837.63, ratePerSecond: 40 },
    { base: 'XRP', price: 0.5231, ratePerSecond: 200, venues: ['bybit:spot'] },
  ],
  timesFrom: { subscriptions: 8 },
  faults,
});

/**
 * A minute that was lost in part is looked at once more when its candle is there, and may then be a gap of its own. What is looked for here
 * comes before that when the outage and its repair lie within one minute of the clock: the recorder takes some seconds to be subscribed.
 */
async function nearTheEndOfAMinute(): Promise<void> {
  const seconds = (Date.now() / 1000) % 60;
  await new Promise((resolve) => setTimeout(resolve, ((105 - seconds) % 60) * 1000));
}

test('a gap is seen, back-filled by button, and becomes repaired; one that cannot come back says why, alarms and is told', async ({
  page,
  bench,
}) => {
  await nearTheEndOfAMinute();
  const host = await bench.host(['--recipe', bench.recipe(lossy)]);
  await page.goto(host.address('#/gaps'));
  await waitForRecording(page);
  await expect(page.getByTestId('gaps-empty')).toBeVisible();
  const rows = page.getByTestId('gap-line');
  await expect(rows.first()).toBeVisible({ timeout: 90_000 });
  await page.getByTestId('gaps-scope').getByRole('button', { name: 'All' }).click();
  await page.getByTestId('gaps-search').fill('upbit KRW-BTC');
  await expect(rows).toHaveCount(1);
  await rows.first().click();
  const detail = page.getByTestId('gap-detail');
  await expect(detail).toContainText('KRW-BTC');
  await expect(page.getByTestId('coverage-bar')).toContainText('line 0 covered');
  const asked = page.getByTestId('repair-job');
  const button = page.getByTestId('repair-one');
  // The venue is still away: it is asked as soon as the gap has an end.
  await button.click({ timeout: 20_000 });
  await expect(asked.first()).toBeVisible();
  // Why nothing comes yet: in the gap, and of all venues beside the back-fills.
  await expect(page.getByTestId('gap-refusal')).toContainText(
    /^Upbit spot: .*asked.* has refused since .*upbit REST answered 429/,
  );
  await expect(page.getByTestId('refusals')).toContainText(/Bybit spot: .*asked.* has refused since/);
  await expect(page.getByTestId('gap-state')).toHaveText('Repaired');
  await expect(page.getByTestId('refusals')).toHaveCount(0);
  await expect(page.getByTestId('gap-evidence').locator('li')).not.toHaveCount(0);
  await expect(page.getByTestId('repair-job').first()).toHaveAttribute('data-state', 'done');

  // The other venue gave its newest trades, and no older ones. The shell tells it, and leads to it.
  await page.getByTestId('open-notices').click();
  const told = page.getByTestId('notices-list');
  await expect(told).toContainText('1 gap ended without all of its trades');
  await expect(told).toContainText('No gap is open any more; 1 lacks trades that cannot be had');
  await page.keyboard.press('Escape');
  await page.getByTestId('nav-live').click();
  await page
    .getByTestId('gap-card')
    .getByRole('link', { name: /missing/ })
    .click();
  await page.getByTestId('gaps-search').fill('bybit');
  await expect(rows).toHaveCount(1);
  await expect(rows.first()).toContainText('Unrecoverable');
  await expect(rows.first()).toContainText('disconnected');
  await rows.first().click();
  await expect(detail).toContainText('XRPUSDT');
  const ended = page.getByTestId('gap-ended');
  await expect(ended).toContainText('These trades cannot come back: history gave 60 trades, 0 of them new');
  await expect(ended).toContainText('the venue gives its newest 60 trades only');
  await expect(detail).toContainText(/Attempts1 last \d{4}-\d\d-\d\d/);
  await expect(detail).toContainText(/Can be asked for.*no longer/);
  await expect(button).toHaveAttribute('aria-disabled', 'true');

  await page.getByTestId('nav-health').click();
  const alert = page.getByTestId('alert-row').filter({ hasText: 'Trades lost for good' });
  await expect(alert).toContainText(
    "1 gap ended within ten minutes without all of its trades; in all 0 filled in part and 1 out of the venue's reach",
  );
  await alert.click();
  await page.getByTestId('acknowledge-one').click();
  await expect(alert).toContainText('Known');
  // On disk too, so that it is history after the host.
  await expect
    .poll(() => readFileSync(join(host.dataDir, 'alerts.jsonl'), 'utf8'))
    .toMatch(/"rule":"trades-lost".*"acknowledgedUs":\d+/);
  await page.getByTestId('language-switch').locator('[data-value="ko"]').click();
  await expect(page.getByTestId('alert-row').filter({ hasText: '체결 영구 유실' })).toContainText('조회 범위 밖 1건');
  await page.getByTestId('alert-missing').click();
  await expect(ended).toContainText('거래소는 최근 체결 60건만 제공');
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
  await expect(rows).toHaveCount(3);
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
  await expect(page.getByTestId('repair-job').first()).toBeVisible({ timeout: 90_000 });
  await expect(page.getByTestId('status-gaps')).toHaveText('0');
});
