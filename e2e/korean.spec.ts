// Korean throughout: after one switch no English sentence is left on either panel, in dialogs or in the palette.
import type { Page } from '@playwright/test';
import { expect, momentAgo, smallRecipe, test, waitForRecording, withoutNotices } from './tapedeck.ts';

/** Names, units and formats that are written the same in Korean. */
const NAMES =
  /^(tapedeck|binance|upbit|bybit|okx|kucoin|gate|phemex|spot|perp|notices|utc|kst|btc|eth|sol|usdt|krw|parquet|csv|jsonl|kib|mib|gib|tib|ms|ctrl|enter|tab|esc|en|json|show|in|english|usd|manifest|ticks|api|cpu|pid|ip|id|sql)$/i;

/** English words on the page outside of what the venues or the store wrote, and of the names of tables. */
async function englishWords(page: Page): Promise<string[]> {
  const texts = await page.evaluate(() => {
    const theirs =
      '.extract-result, [data-testid="notes"], [data-testid="result-none"], [data-testid="listing-title"], .line-note, .line-log-note, [data-testid="log-row"], .cm-editor';
    const found: string[] = [];
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (!parent || parent.closest(theirs) || parent.closest('noscript, script, kbd, code')) continue;
      if (parent.checkVisibility()) found.push(node.textContent ?? '');
    }
    for (const element of document.querySelectorAll('[placeholder], [aria-label]')) {
      if (element.closest(theirs)) continue;
      found.push(element.getAttribute('placeholder') ?? '', element.getAttribute('aria-label') ?? '');
    }
    return found;
  });
  const words = texts.flatMap((text) => text.match(/[A-Za-z]{2,}/g) ?? []);
  return [...new Set(words.filter((word) => !NAMES.test(word) && !/^(BTCUSDT|ETHUSDT|SOLUSDT)$/.test(word)))];
}

test('one switch turns the whole screen Korean', async ({ page, bench }) => {
  const { settingsFile } = await bench.venues(smallRecipe(), withoutNotices);
  const host = await bench.host(['--settings', settingsFile]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await expect(page.getByTestId('status-recording')).toHaveText('Recording');
  await page.getByTestId('language-switch').getByRole('button', { name: '한' }).click();
  await expect(page.getByTestId('status-recording')).toHaveText('수집 중');
  await expect(page.locator('html')).toHaveAttribute('lang', 'ko');
  expect(await englishWords(page)).toEqual([]);

  await page.keyboard.press('2');
  await expect(page.getByTestId('listings-empty')).toContainText('아직 상장이 없습니다');
  expect(await englishWords(page)).toEqual([]);
  await page.keyboard.press('n');
  await expect(page.getByTestId('add-dialog')).toContainText('공지 시각');
  expect(await englishWords(page)).toEqual([]);
  await page.getByTestId('add-coin').fill('SOL');
  await page.getByTestId('add-time').fill(momentAgo(3));
  await page.getByTestId('add-save').click();
  await expect(page.getByTestId('verdict-row')).not.toHaveCount(0);
  expect(await englishWords(page)).toEqual([]);
  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('palette')).toBeVisible();
  expect(await englishWords(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await page.keyboard.press('?');
  await expect(page.getByTestId('shortcuts')).toContainText('키보드 단축키');
  expect(await englishWords(page)).toEqual([]);
  await page.keyboard.press('Escape');

  // What the recorder wrote of a verdict is said in Korean as well, and every other panel.
  await expect(page.locator('.verdict-reasons').first()).toHaveText(/[가-힣]/);
  for (const [panel, shown] of [
    ['gaps', 'gaps-empty'],
    ['lines', 'line-line'],
    ['archive', 'calendar-grid'],
    ['analysis', 'analysis'],
    ['health', 'log-row'],
    ['settings', 'settings-nav-upbit'],
  ] as const) {
    await page.getByTestId(`nav-${panel}`).click();
    await expect(page.getByTestId(shown).first()).toBeVisible({ timeout: 90_000 });
    expect({ panel, words: await englishWords(page) }).toEqual({ panel, words: [] });
  }

  // Remembered, and back again from the keyboard.
  await page.reload();
  await expect(page.getByTestId('status-recording')).toHaveText('수집 중');
  await page.keyboard.press('k');
  await expect(page.getByTestId('status-recording')).toHaveText('Recording');
});
