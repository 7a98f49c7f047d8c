// A window that nobody sees costs next to nothing, however crowded its console is.
import { crowd, openCrowded, openGaps } from './crowd.ts';
import { judge, traced } from './main-thread.ts';
import { standIn } from './stand-in.ts';
import { expect, test } from './tapedeck.ts';

const HIDDEN_SHARE = 0.02;

test.use({ trace: 'off' });

test('a hidden window costs less than a fiftieth of a core on every panel', async ({ page, browser, bench }) => {
  const host = await bench.host([]);
  await standIn(page, crowd);
  await openCrowded(page, host.address('#/live'));
  await openGaps(page);
  // The page is told that it is hidden. The browser's own throttling of hidden windows is not counted on.
  await page.evaluate(() => {
    Object.defineProperty(document, 'hidden', { get: () => true });
    Object.defineProperty(document, 'visibilityState', { get: () => 'hidden' });
    document.dispatchEvent(new Event('visibilitychange'));
  });
  const shares: Record<string, number> = {};
  for (const panel of await page.locator('[data-testid^="nav-"]').all()) {
    const id = (await panel.getAttribute('data-testid'))?.slice(4) ?? '';
    await panel.click();
    await page.getByTestId(`panel-${id}`).waitFor();
    await expect(page.getByTestId(`panel-${id}`)).toBeVisible();
    // What the arrival asked for comes first.
    await page.evaluate(() => new Promise((done) => setTimeout(done, 1500)));
    await judge(async () => {
      const { cpuMs, wallMs } = await traced(browser, page, () =>
        page.evaluate(() => new Promise((done) => setTimeout(done, 4000))),
      );
      shares[id] = cpuMs / wallMs;
      return [{ name: `share of a core, hidden, ${id}`, value: cpuMs / wallMs, limit: HIDDEN_SHARE, kind: 'average' }];
    });
  }
  expect(Object.keys(shares)).toHaveLength(8);
  console.log(`hidden: ${JSON.stringify({ cpuShares: shares })}`);
});
