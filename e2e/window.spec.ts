// The window of an extract: a listing comes and is told, is extracted by itself, its window is read, zoomed, exported and its report opened; by mouse, then by keyboard alone.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { ALL_SUBSCRIBED, expect, momentAgo, smallRecipe, test, waitForRecording, withoutNotices } from './tapedeck.ts';

const HOSTILE =
  '<img src=x onerror="alert(1)">"><script>alert(2)</script> 솔라나(SOL) 신규 거래지원 안내 (KRW, BTC, USDT 마켓)';

async function range(page: Page): Promise<number> {
  const plot = page.getByTestId('window-plot');
  return Number(await plot.getAttribute('data-to')) - Number(await plot.getAttribute('data-from'));
}

async function openTab(page: Page, tab: string): Promise<void> {
  await page.getByTestId('window-tabs').locator(`[data-value="${tab}"]`).click();
}

test('a listing is told, extracted by itself, and its window read to the last digit', async ({
  page,
  context,
  bench,
}) => {
  const recipe = smallRecipe({
    timesFrom: ALL_SUBSCRIBED,
    listing: [{ coin: 'SOL', atSeconds: 24, pumpFactor: 12, pumpSeconds: 8, priceMultiple: 1.5, title: HOSTILE }],
  });
  const host = await bench.host(['--recipe', bench.recipe(recipe)]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  const alert = page.locator('[data-testid="listing-alert"][data-coin="SOL"]');
  await expect(alert).toBeVisible({ timeout: 90_000 });
  await expect(alert).toContainText(HOSTILE);
  await alert.getByTestId('listing-alert-open').click();
  await expect(alert).toHaveCount(0);
  await expect(page.getByTestId('automatic')).toContainText('20 s before to 20 s after');
  await expect(page.getByTestId('window-open')).toBeVisible({ timeout: 90_000 });
  await page.getByTestId('window-open').click();

  // All venues, every tick or no extreme lost, and a crosshair that reads the venues' own digits.
  await expect(page.getByTestId('window-plot').locator('canvas')).toBeVisible();
  await expect(page.getByTestId('window-drawing')).toContainText('tick');
  const rows = page.getByTestId('figures-row');
  await expect(rows).toHaveCount(3);
  const manifest = JSON.parse(
    readFileSync(`${host.dataDir}/exports/${await folderName(page)}/manifest.json`, 'utf8'),
  ) as {
    writer: string;
    streams: { instrument: string; figures: { base: { price: string }; trades: number } }[];
    leads: { by: string; order: unknown[] }[];
  };
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8')) as {
    version: string;
  };
  expect(manifest.writer).toBe(`Tapedeck ${version}`);
  for (const { figures } of manifest.streams) {
    await expect(rows.filter({ hasText: figures.base.price }).first()).toContainText(
      figures.trades.toLocaleString('en'),
    );
  }
  const box = await page.getByTestId('window-plot').boundingBox();
  if (!box) throw new Error('the plot has no place');
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2);
  await expect(page.getByTestId('window-at')).toContainText(/At \+\d/);
  await expect(rows.locator('[data-exact]')).toHaveCount(3);
  // A drag that cannot move the whole any further takes the figures along with the line.
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.3, box.y + box.height / 2, { steps: 5 });
  await expect(page.getByTestId('window-at')).toContainText(/At [-−]\d/);
  await page.mouse.up();
  const whole = await range(page);
  await page.mouse.wheel(0, -600);
  await expect.poll(() => range(page)).toBeLessThan(whole * 0.6);
  await expect(page.getByTestId('window-drawing')).toHaveAttribute('data-settled', 'true');
  await page.mouse.dblclick(box.x + box.width / 2, box.y + box.height / 2);
  await expect.poll(() => range(page)).toBeCloseTo(whole, 3);

  // The whole pump is in sight, in the other theme as well.
  const high = async (): Promise<number> => Number(await page.getByTestId('window-plot').getAttribute('data-high'));
  await expect.poll(high).toBeGreaterThan(30);
  const before = await high();
  await page.keyboard.press('d');
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  await expect.poll(high).toBe(before);

  // The other clocks and drawings.
  await page.getByTestId('window-clock').getByRole('button', { name: 'First trade' }).click();
  await expect(page.getByTestId('window-plot').locator('canvas')).toBeVisible();
  await page.getByTestId('window-layout').getByRole('button', { name: 'Each' }).click();
  await expect(page.getByTestId('window-lane')).toHaveCount(3);

  // Who moved first, with what that means beside it.
  await openTab(page, 'leads');
  expect(manifest.leads.length).toBeGreaterThan(0);
  await expect(page.getByTestId('lead-row').first()).toContainText('first');
  await expect(page.getByTestId('lead-definition')).toContainText('minus');
  await openTab(page, 'clocks');
  await expect(page.getByTestId('source-row').first()).toContainText(HOSTILE);

  // Written once more as CSV: a version of its own, and the way back to the first.
  await openTab(page, 'files');
  await page.getByTestId('files-format').getByRole('button', { name: 'CSV' }).click();
  await page.getByTestId('files-write').click();
  await expect(page.getByTestId('window-version')).toContainText('Version 2');
  await openTab(page, 'files');
  const downloading = page.waitForEvent('download');
  await page.locator('[data-file="trades.csv"]').getByTestId('file-download').click();
  const csv = readFileSync(await (await downloading).path(), 'utf8');
  expect(csv.split('\n')[0]?.replaceAll('"', '')).toBe(
    'venue,market,symbol,channel,id,price,qty,baseQty,side,eventUs,recvUs,origin,lines',
  );
  await openTab(page, 'versions');
  await expect(page.getByTestId('version-row')).toHaveCount(2);
  await page.locator('[data-testid="version-row"][data-version="1"]').getByTestId('version-open').click();
  await expect(page.getByTestId('window-version')).toContainText('Version 1');

  // The report: a page of its own, no script, both languages, the title as text.
  await openTab(page, 'files');
  const opening = context.waitForEvent('page');
  await page.getByTestId('report-open').click();
  const report = await opening;
  await report.waitForLoadState();
  await expect(report.locator('body')).toContainText(HOSTILE);
  await expect(report.locator('img, script')).toHaveCount(0);
  await expect(report.getByRole('heading', { name: 'Who moved first' })).toBeVisible();
  await report.getByText('한국어').click();
  await expect(report.getByRole('heading', { name: '누가 먼저 움직였나' })).toBeVisible();
  await expect(report.getByRole('heading', { name: 'Who moved first' })).toBeHidden();
  await report.close();
});

async function folderName(page: Page): Promise<string> {
  await openTab(page, 'files');
  const folder = (await page.locator('.files-folder code').textContent()) ?? '';
  await openTab(page, 'figures');
  return folder.split('/').at(-1) ?? '';
}

test('the window by keyboard alone: opened, read, zoomed, drawn otherwise, closed', async ({ page, bench }) => {
  const { settingsFile } = await bench.venues(smallRecipe(), withoutNotices);
  const host = await bench.host(['--settings', settingsFile]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await expect
    .poll(async () => Number((await page.getByTestId('balance-ticks').getAttribute('data-off')) ?? 1))
    .toBe(0);
  await page.keyboard.press('2');
  await expect(page.getByTestId('panel-listings')).toBeVisible();
  await page.keyboard.press('n');
  await page.keyboard.type('btc');
  await page.keyboard.press('Tab');
  await page.keyboard.type(momentAgo(2));
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('add-dialog')).toBeHidden();
  await page.keyboard.press('e');
  await expect(page.getByTestId('extract-done')).toBeVisible({ timeout: 90_000 });
  await page.keyboard.press('w');
  const plot = page.getByTestId('window-plot');
  await expect(plot.locator('canvas')).toBeVisible();
  const whole = await range(page);
  for (let steps = 0; steps < 20; steps += 1) {
    if (await plot.evaluate((element) => element === document.activeElement)) break;
    await page.keyboard.press('Tab');
  }
  await expect(plot).toBeFocused();
  await page.keyboard.press('ArrowRight');
  await expect(page.getByTestId('figures-row').locator('[data-exact]').first()).toBeVisible();
  await expect(page.getByTestId('window-at')).toContainText('At ');
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('ArrowUp');
  await expect.poll(() => range(page)).toBeLessThan(whole * 0.5);
  await page.keyboard.press('0');
  await expect.poll(() => range(page)).toBeCloseTo(whole, 3);
  await page.keyboard.press('=');
  await expect.poll(() => range(page)).toBeCloseTo(whole / 2, 3);
  await page.keyboard.press('-');
  await expect.poll(() => range(page)).toBeCloseTo(whole, 3);
  // By name, too.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('next drawing');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('window-lanes').locator('canvas')).toHaveCount(1);
  await page.keyboard.press('p');
  await expect(page.getByTestId('window-lane')).toHaveCount(3);
  await page.keyboard.press('k');
  await expect(page.getByTestId('window-tabs')).toContainText('누가 먼저 움직였나');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('listing-detail')).toBeVisible();
});

test('a late repair writes a new version, and the window says what changed', async ({ page, bench }) => {
  test.setTimeout(500_000);
  const recipe = smallRecipe({
    timesFrom: ALL_SUBSCRIBED,
    listing: [{ coin: 'SOL', atSeconds: 10, pumpFactor: 6, pumpSeconds: 5, priceMultiple: 1.4 }],
    // Inside the window every line is down for three seconds, and no venue gives history until long after it.
    faults: [
      { atSeconds: 12, kind: 'refuse', forSeconds: 3 },
      { atSeconds: 12.1, kind: 'cut' },
      { atSeconds: 12, kind: 'rest-429', forSeconds: 90 },
    ],
  });
  const { settingsFile } = await bench.venues(recipe, (settings) => ({
    ...settings,
    extract: { beforeSeconds: 4, afterSeconds: 8 },
  }));
  const host = await bench.host(['--settings', settingsFile]);
  // Recorded by then or already away: a slow machine may show the page only then.
  await page.goto(host.address('#/listings'));
  const row = page.locator('[data-testid="listing-row"][data-coin="SOL"]');
  await expect(row).toBeVisible({ timeout: 90_000 });
  await row.click();
  await expect(page.getByTestId('window-open')).toBeVisible({ timeout: 90_000 });
  await page.getByTestId('window-open').click();
  await expect(page.getByTestId('window-version')).toHaveText('Version 1');
  await expect(page.getByTestId('window-verdict')).toContainText('Incomplete');
  await page.getByTestId('window-newest').click({ timeout: 200_000 });
  await expect(page.getByTestId('window-version')).toContainText('Version 2');
  await expect(page.getByTestId('window-verdict')).not.toContainText('Incomplete');
  await openTab(page, 'versions');
  const repaired = page.locator('[data-testid="version-row"][data-version="2"]');
  await expect(repaired).toContainText('After a repair');
  await expect(repaired).toContainText(/Since version 1: .*Incomplete → (Proven|Covered|Unproved), 1 gap filled/);
  await page.keyboard.press('[');
  await expect(page.getByTestId('window-version')).toContainText('Version 1');
});
