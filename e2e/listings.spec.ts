// Listings: the announcement appears by itself, its window is extracted by itself, by mouse and by keyboard alone.
import { readFileSync } from 'node:fs';
import type { Page } from '@playwright/test';
import { ALL_SUBSCRIBED, expect, momentAgo, smallRecipe, test, waitForRecording, withoutNotices } from './tapedeck.ts';

const HOSTILE = '<img src=x onerror="alert(1)">솔라나(SOL) 신규 거래지원 안내 (KRW, BTC, USDT 마켓)';

async function verdictRows(page: Page): Promise<string[]> {
  const rows = page.getByTestId('verdict-row');
  await expect(rows).not.toHaveCount(0);
  return rows.allInnerTexts();
}

test('an announcement is listed, extracted by itself, then again by mouse with another window', async ({
  page,
  bench,
}) => {
  const recipe = smallRecipe({
    timesFrom: ALL_SUBSCRIBED,
    listing: [{ coin: 'SOL', atSeconds: 15, pumpFactor: 6, pumpSeconds: 5, priceMultiple: 1.5, title: HOSTILE }],
  });
  const host = await bench.host(['--recipe', bench.recipe(recipe)]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await page.getByTestId('nav-listings').click();
  const row = page.locator('[data-testid="listing-row"][data-coin="SOL"]');
  await expect(row).toBeVisible({ timeout: 90_000 });
  await row.click();
  // What a stranger wrote is text, whatever it looks like.
  await expect(page.getByTestId('listing-title')).toHaveText(HOSTILE);
  await expect(page.locator('img')).toHaveCount(0);
  await expect(page.getByTestId('clock-published')).toHaveText(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3} UTC$/);

  // By itself: waits for the window, then writes.
  await expect(page.getByTestId('extract-progress')).toBeVisible();
  await expect(page.getByTestId('extract-done')).toBeVisible({ timeout: 90_000 });
  for (const text of await verdictRows(page)) expect(text).toMatch(/Proven|Covered|Unproved|Incomplete/);
  const plot = page.getByTestId('picture-plot');
  await expect(plot).toBeVisible();
  // The picture follows the window, wider and smaller again, and never lies over its legend.
  const width = (): Promise<number> => plot.evaluate((drawn) => drawn.querySelector('canvas')?.clientWidth ?? 0);
  const narrow = await width();
  await page.setViewportSize({ width: 1920, height: 1080 });
  await expect.poll(width).toBeGreaterThan(narrow + 300);
  await page.setViewportSize({ width: 1280, height: 800 });
  await expect.poll(width).toBe(narrow);
  // On a small screen the path, the downloads and what is under them stay whole in both languages.
  await page.setViewportSize({ width: 1280, height: 800 });
  for (const language of ['ko', 'en']) {
    await page.getByTestId('language-switch').locator(`[data-value="${language}"]`).click();
    await page.locator(`html[lang="${language}"]`).waitFor();
    const hidden = await page.getByTestId('extract-card').evaluate((card) => card.scrollHeight - card.clientHeight);
    expect(hidden).toBe(0);
  }

  const first = await page.getByTestId('extract-folder').textContent();
  await page.getByTestId('extract-before').fill('3');
  await page.getByTestId('extract-after').fill('2.5');
  await page.getByTestId('extract-format').getByRole('button', { name: 'JSONL' }).click();
  await page.getByTestId('extract-button').click();
  await expect(page.getByTestId('extract-folder')).not.toHaveText(first ?? '');
  await expect(page.getByTestId('extract-verdict')).toBeVisible();

  const downloading = page.waitForEvent('download');
  await page.getByTestId('extract-download').filter({ hasText: 'manifest.json' }).click();
  const manifest = JSON.parse(readFileSync(await (await downloading).path(), 'utf8')) as {
    coin: string;
    window: { fromUs: number; toUs: number };
    files: { format: string }[];
  };
  expect(manifest.coin).toBe('SOL');
  expect(manifest.window.toUs - manifest.window.fromUs).toBe(5_500_000);
  expect(manifest.files.map((file) => file.format)).toContain('jsonl');
});

test('from nothing to the extract by keyboard alone', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await expect
    .poll(async () => Number((await page.getByTestId('balance-ticks').getAttribute('data-off')) ?? 1))
    .toBe(0);
  await page.keyboard.press('2');
  await expect(page.getByTestId('panel-listings')).toBeVisible();
  await page.keyboard.press('n');
  await expect(page.getByTestId('add-coin')).toBeFocused();
  await page.keyboard.type('btx');
  await expect(page.getByTestId('add-unlisted')).toContainText('BTX (near to it: BTC)');
  await page.keyboard.press('Backspace');
  await page.keyboard.type('c');
  await expect(page.getByTestId('add-unlisted')).toBeEmpty();
  await page.keyboard.press('Tab');
  await page.keyboard.type(momentAgo(4));
  await expect(page.getByTestId('add-reads')).toContainText('KST');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('add-dialog')).toBeHidden();
  await expect(page.locator('[data-testid="listing-row"][data-coin="BTC"]')).toHaveAttribute('aria-selected', 'true');

  // The window by keyboard too: to the fields with Tab, and the button with Enter.
  await page.getByTestId('listings-list').focus();
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('extract-button')).toBeFocused();
  for (let steps = 0; steps < 12; steps += 1) {
    if (await page.getByTestId('extract-before').evaluate((field) => field === document.activeElement)) break;
    await page.keyboard.press('Shift+Tab');
  }
  await expect(page.getByTestId('extract-before')).toBeFocused();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('2');
  await page.keyboard.press('Tab');
  await page.keyboard.press('Control+a');
  await page.keyboard.type('1');
  await page.keyboard.press('Tab');
  await page.keyboard.press('e');
  await expect(page.getByTestId('extract-done')).toBeVisible({ timeout: 90_000 });
  await expect(page.getByTestId('verdict-card')).toContainText('Verdict of the extract');
  const rows = await verdictRows(page);
  expect(rows.length).toBeGreaterThanOrEqual(3);
});

test('a running extraction is cancelled, and a coin that nobody recorded teaches what to do', async ({
  page,
  bench,
}) => {
  const { settingsFile } = await bench.venues(smallRecipe(), withoutNotices);
  const host = await bench.host(['--settings', settingsFile]);
  await page.goto(host.address('#/listings'));
  await waitForRecording(page);
  await expect(page.getByTestId('listings-empty')).toBeVisible();
  await page.getByTestId('listing-add').click();
  await page.getByTestId('add-coin').fill('nothere');
  // Said before anything is stored; whoever knows better goes on.
  await expect(page.getByTestId('add-unlisted')).toContainText('No recorded venue lists NOTHERE');
  await page.getByTestId('add-now').click();
  await page.getByTestId('add-extract').click();
  await expect(page.getByTestId('add-dialog')).toBeHidden();
  await expect(page.getByTestId('verdict-row').first()).toContainText('no instrument of NOTHERE');
  await expect(page.getByTestId('picture-empty')).toBeVisible();
  await page.getByTestId('extract-cancel').click();
  await expect(page.getByTestId('extract-cancelled')).toBeVisible();
});

test('a mistyped coin on the command line is told with what was meant, and extracted only when asked for', async ({
  bench,
}) => {
  const { settingsFile } = await bench.venues(smallRecipe(), withoutNotices);
  const { dataDir } = await bench.host(['--settings', settingsFile]);
  const at = new Date(Date.now() - 60_000).toISOString();
  const extract = (coin: string, ...more: string[]) =>
    bench.command(['extract', '--data', dataDir, '--coin', coin, '--at', at, '--before', '1', '--after', '1', ...more]);
  // Nobody knows which coins there are before the lists are read: the answer is awaited.
  await expect(async () => {
    const refused = await extract('BTX');
    expect(refused).toMatchObject({ code: 1, stdout: '' });
    expect(refused.stderr).toContain('no recorded venue lists BTX; did you mean BTC?');
  }).toPass({ timeout: 90_000 });
  const { code, stdout } = await extract('BTX', '--unlisted');
  expect([code, stdout.includes('no instrument of BTX')]).toEqual([0, true]);
  expect((await extract('btc')).code).toBe(0);
});
