// The window of a coin on thirteen markets, zoomed through in every layout: no task of the page takes longer than 50 ms. By hand:
//   TAPEDECK_WINDOW=1 npm run e2e -- --project=measured --no-deps window.drill.ts
import { starved } from './house/judgement.ts';
import { traced } from './main-thread.ts';
import { expect, test, waitForRecording } from './tapedeck.ts';

const LONG_MS = 50;
const venues = ['binance', 'bybit', 'okx', 'kucoin', 'gate', 'phemex']
  .flatMap((venue) => [`${venue}:spot`, `${venue}:perp`])
  .concat('upbit:spot');

// Recording the page's DOM for a trace would itself be the long task.
test.use({ trace: 'off' });

test('the window of thirteen markets is zoomed in every layout without a long task', async ({
  page,
  browser,
  bench,
}) => {
  test.setTimeout(300_000);
  const recipe = {
    version: 1,
    seed: 7,
    instruments: [{ base: 'SOL', price: 154.27, ratePerSecond: 40, venues }],
    listing: [{ coin: 'SOL', atSeconds: 25, pumpFactor: 12, pumpSeconds: 8, priceMultiple: 1.5 }],
  };
  const host = await bench.host(['--recipe', bench.recipe(recipe)]);
  await page.goto(host.address('#/listings'));
  await waitForRecording(page);
  await page.locator('[data-testid="listing-row"][data-coin="SOL"]').click({ timeout: 90_000 });
  await page.getByTestId('window-open').click({ timeout: 120_000 });
  await expect(page.getByTestId('window-plot').locator('canvas')).toBeVisible();
  const drawing = page.getByTestId('window-drawing');
  await expect(drawing).toHaveAttribute('data-settled', 'true');
  const drawn = await drawing.textContent();
  const longest: Record<string, number> = {};
  for (let layout = 0; layout < 3; layout += 1) {
    const name = (await page.locator('.window-chart').getAttribute('data-layout')) ?? '';
    for (const key of ['=', '=', '=', '=', '-', '-', '0']) {
      const { longestCpuMs } = await traced(browser, page, async () => {
        await page.keyboard.press(key);
        // What the zoom asks for comes after it has paused.
        await page.waitForTimeout(200);
        await expect(drawing).toHaveAttribute('data-settled', 'true');
        await page.waitForTimeout(200);
      });
      longest[name] = Math.max(longest[name] ?? 0, longestCpuMs);
    }
    await page.keyboard.press('p');
    await expect(page.locator('.window-chart')).not.toHaveAttribute('data-layout', name);
  }
  console.log(`window: ${JSON.stringify({ drawn, longestCpuMs: longest, starved: starved() })}`);
  expect(Object.keys(longest)).toHaveLength(3);
  for (const [name, ms] of Object.entries(longest)) expect(ms, name).toBeLessThanOrEqual(LONG_MS);
});
