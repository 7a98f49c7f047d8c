// The Analysis panel: SQL is run, cancelled and exported, mistakes are marked, a million rows are walked, and no text is ever lost; by mouse and by keyboard alone.
import { readFileSync } from 'node:fs';
import type { Locator, Page } from '@playwright/test';
import { descendants } from './house/standstill.ts';
import { expect, smallRecipe, test, waitForRecording } from './tapedeck.ts';

test.use({ permissions: ['clipboard-read', 'clipboard-write'] });

/** Far more work than anybody waits for: it has to be cancelled. */
const ENDLESS = 'SELECT sum(a.range * b.range) FROM range(100000000) a, range(100000) b';

async function openAnalysis(page: Page): Promise<void> {
  await page.getByTestId('nav-analysis').click();
  await expect(page.getByTestId('sql-editor')).toHaveAttribute('data-state', 'ready');
}

/** Writes over what stands in the editor, as a person does. */
async function write(page: Page, sql: string): Promise<void> {
  await page.getByTestId('sql-text').click();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(sql);
}

/** A query that does not stop in time is ended together with its process: that is "stopped". */
const CANCELLED = /^(cancelled|stopped)$/;

/** Row and column from 0. */
const cellOf = (grid: Locator, row: number, column: number) =>
  grid.locator(`[aria-rowindex="${row + 2}"] td`).nth(column);

const ended = (page: Page, state: string | RegExp) =>
  expect(page.getByTestId('result-state')).toHaveAttribute('data-state', state);

test('a ready-made analysis is run, a mistake is shown at its place, a query is cancelled, rows are exported', async ({
  page,
  bench,
}) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await openAnalysis(page);
  await expect(page.getByTestId('result-none')).toBeVisible();

  const ready = page.getByTestId('analysis');
  await expect(ready).not.toHaveCount(0);
  await ready.filter({ hasText: 'Trades by venue' }).click();
  await expect(page.getByTestId('query-form').locator('input, select')).not.toHaveCount(0);
  await expect(page.getByTestId('query-tab')).toHaveCount(1);
  await page.getByTestId('query-run').click();
  await ended(page, 'done');
  await expect(page.getByTestId('result-grid')).toContainText('upbit');

  await page.getByTestId('query-add').click();
  await expect(page.getByTestId('query-tab')).toHaveCount(2);
  await write(page, 'SELECT venue,\n  prise\nFROM trade');
  await page.getByTestId('query-run').click();
  await expect(page.getByTestId('result-failure')).toContainText('prise');
  await expect(page.getByTestId('result-goto')).toContainText('line 2');
  await expect(page.getByTestId('sql-editor').locator('.cm-mistake')).toHaveText('prise');
  await page.getByTestId('result-goto').click();
  await expect(page.getByTestId('sql-text')).toBeFocused();

  await write(page, ENDLESS);
  await page.getByTestId('query-run').click();
  await ended(page, 'running');
  await page.getByTestId('query-cancel').click();
  await ended(page, CANCELLED);

  await write(
    page,
    "SELECT 1.50::DECIMAL(10,2) AS price, '솔라나, SOL' AS name, 23715934308417536::BIGINT AS id, NULL AS nothing",
  );
  await page.getByTestId('query-run').click();
  await ended(page, 'done');
  const row = page.getByTestId('grid-row').first();
  await expect(row.locator('td')).toHaveText(['1.50', '솔라나, SOL', '23715934308417536', 'NULL']);

  // Times are UTC and say so; beside Korean clocks that is said once more.
  await write(page, 'SELECT make_timestamp(0) AS began');
  await page.getByTestId('query-run').click();
  await expect(row.locator('td')).toHaveText(['1970-01-01 00:00:00']);
  const head = page.getByTestId('result-grid').locator('thead');
  await expect(head).toContainText(/TIMESTAMP UTC/);
  await expect(page.getByTestId('result-utc')).toHaveCount(0);
  await page.getByTestId('zone-switch').getByRole('button', { name: 'KST' }).click();
  await expect(page.getByTestId('result-utc')).toHaveText('SQL times are UTC, not KST');
  await expect(head).toContainText(/TIMESTAMP UTC/);
  await write(
    page,
    "SELECT 1.50::DECIMAL(10,2) AS price, '솔라나, SOL' AS name, 23715934308417536::BIGINT AS id, NULL AS nothing",
  );
  await page.getByTestId('query-run').click();
  await expect(row.locator('td')).toHaveText(['1.50', '솔라나, SOL', '23715934308417536', 'NULL']);
  await expect(page.getByTestId('result-utc')).toHaveCount(0);

  // To a file, and through the door to the reader.
  await page.getByTestId('export-csv').click();
  const done = page.locator('[data-testid="export"][data-state="done"]');
  await expect(done).toHaveCount(1);
  const downloading = page.waitForEvent('download');
  await done.getByTestId('export-download').click();
  const csv = readFileSync(await (await downloading).path(), 'utf8');
  expect(csv.split(/\r?\n/)[0]).toBe('price,name,id,nothing');
  expect(csv).toContain('1.50,"솔라나, SOL",23715934308417536,');
  await page.getByTestId('export-parquet').click();
  await expect(done).toHaveCount(2);
  await expect(page.getByTestId('export').first()).toContainText('.parquet');
});

test('a million rows are walked and copied by keys, and the page holds few of them', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/analysis'));
  await waitForRecording(page);
  await expect(page.getByTestId('sql-editor')).toHaveAttribute('data-state', 'ready');
  await page.getByTestId('sql-text').focus();
  await page.keyboard.insertText('SELECT range AS n, range * 2 AS twice FROM range(1000000)');
  await page.keyboard.press('Control+Enter');
  await ended(page, 'done');
  await expect(page.getByTestId('result-rows')).toHaveText('1,000,000 rows');
  const grid = page.getByTestId('result-grid');
  await grid.focus();
  await page.keyboard.press('Control+End');
  await expect(cellOf(grid, 999999, 1)).toHaveText('1999998');
  // The first rows have one digit or two; the last ones are not cut for that.
  await expect
    .poll(() => cellOf(grid, 999999, 1).evaluate((cell) => cell.scrollWidth - cell.clientWidth))
    .toBeLessThanOrEqual(0);
  await page.keyboard.press('ArrowUp');
  await page.keyboard.press('Shift+Home');
  await page.keyboard.press('Shift+ArrowUp');
  await page.keyboard.press('Control+c');
  await expect
    .poll(() => page.evaluate(() => navigator.clipboard.readText()))
    .toBe('n\ttwice\n999997\t1999994\n999998\t1999996');
  await page.keyboard.press('Control+Home');
  await expect(cellOf(grid, 0, 0)).toHaveText('0');
  expect(await page.getByTestId('grid-row').count()).toBeLessThan(80);

  // One turn of the wheel is a few rows even where the scroll bar stands for a million.
  const box = await grid.boundingBox();
  if (!box) throw new Error('the grid has no place');
  await page.mouse.move(box.x + 200, box.y + 120);
  await page.mouse.wheel(0, 240);
  await expect(cellOf(grid, 12, 0)).toHaveText('12');
  // At rest the lines follow each other in the page, too.
  await expect
    .poll(async () => Number(await page.getByTestId('grid-row').first().locator('th').textContent()))
    .toBeLessThan(20);
});

test('a query waits for an analyst that does not answer yet, and is cancelled before it does', async ({
  page,
  bench,
}) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/analysis'));
  await waitForRecording(page);
  await expect(page.getByTestId('sql-editor')).toHaveAttribute('data-state', 'ready');
  await page.getByTestId('sql-text').focus();
  await page.keyboard.insertText("SELECT 'first' AS which");
  await page.keyboard.press('Control+Enter');
  await ended(page, 'done');
  const pid = descendants(host.ready.pid).find(({ line }) => line.includes('analyst'))?.pid;
  if (pid === undefined) throw new Error('no analyst runs');
  const grid = page.getByTestId('result-grid');
  await expect(grid).toContainText('first');

  process.kill(pid, 'SIGSTOP');
  const waits = page.getByTestId('result-waits');
  const ask = async (sql: string): Promise<void> => {
    await page.getByTestId('sql-text').focus();
    await page.keyboard.press('Control+a');
    await page.keyboard.insertText(sql);
    await page.keyboard.press('Control+Enter');
    await expect(waits).toContainText('Waiting for the analyst');
  };
  await ask("SELECT 'given up' AS which");
  // What it waits for is given up with the same key that ends a run, and the result before it has its place again.
  await page.keyboard.press('Escape');
  await expect(waits).toHaveCount(0);
  await expect(page.getByTestId('result-rows')).toHaveText('1 row');
  await ask("SELECT 'waited for' AS which");
  await expect(page.getByTestId('query-cancel')).toBeVisible();
  process.kill(pid, 'SIGCONT');
  await expect(grid).toContainText('waited for');
  await expect(page.getByTestId('query-run')).toBeVisible();
  await expect(page.getByTestId('result-run')).toHaveCount(2);
});

test('what is written survives a reload and the kill of the host, in Hangul too', async ({ page, bench, trouble }) => {
  const args = ['--recipe', bench.recipe(smallRecipe())];
  const host = await bench.host(args);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('go to analysis');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('sql-editor')).toHaveAttribute('data-state', 'ready');
  await page.keyboard.press('e');
  await expect(page.getByTestId('sql-text')).toBeFocused();

  // A Hangul composition: nothing is cut, no key of it is taken for a command.
  await page.keyboard.insertText("SELECT '");
  const client = await page.context().newCDPSession(page);
  for (const text of ['ㅅ', '소', '솔']) {
    await client.send('Input.imeSetComposition', { text, selectionStart: text.length, selectionEnd: text.length });
  }
  await client.send('Input.insertText', { text: '솔' });
  await page.keyboard.insertText("라나' AS 이름 -- kept");
  const written = "SELECT '솔라나' AS 이름 -- kept";
  await expect(page.getByTestId('sql-text')).toContainText(written);
  await expect(page.getByTestId('panel-analysis')).toBeVisible();
  await expect(page.getByTestId('query-kept')).toHaveAttribute('data-state', 'kept');

  await page.keyboard.press('Control+Enter');
  await ended(page, 'done');
  await expect(page.getByTestId('result-grid')).toContainText('솔라나');
  await page.reload();
  await expect(page.getByTestId('sql-text')).toContainText(written);
  // The result is still there too.
  await expect(page.getByTestId('result-grid')).toContainText('솔라나');

  // Escape ends a run from the editor.
  await page.getByTestId('sql-text').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText(ENDLESS);
  await page.keyboard.press('Control+Enter');
  await ended(page, 'running');
  await page.keyboard.press('Escape');
  await ended(page, CANCELLED);

  // Killed without a warning; a new host on the same folder, at another address, so that nothing of this browser helps.
  await page.keyboard.press('Control+a');
  await page.keyboard.insertText('SELECT 42 AS survived');
  await expect(page.getByTestId('query-kept')).toHaveAttribute('data-state', 'kept');
  trouble.expect(/WebSocket|ERR_CONNECTION|Failed to load/);
  await bench.kill(host.child);
  const next = await bench.host(args);
  await page.goto(next.address('#/analysis'));
  await expect(page.getByTestId('sql-text')).toContainText('SELECT 42 AS survived');
});

test('an analysis is saved under a Korean name, found in the palette, and deleted', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/analysis'));
  await waitForRecording(page);
  await expect(page.getByTestId('sql-editor')).toHaveAttribute('data-state', 'ready');
  await page.getByTestId('sql-text').focus();
  await page.keyboard.insertText('SELECT count(*) AS n FROM trade WHERE venue = $venue');
  await expect(page.getByTestId('parameter-venue')).toBeVisible();
  await page.getByTestId('parameter-venue').fill('upbit');
  await page.keyboard.press('Control+s');
  await expect(page.getByTestId('save-name')).toBeFocused();
  await page.keyboard.insertText('업비트 체결 수');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('save-dialog')).toBeHidden();
  const saved = page.getByTestId('analysis').filter({ hasText: '업비트 체결 수' });
  await expect(saved).toBeVisible();
  await expect(page.getByTestId('query-tab')).toHaveText('업비트 체결 수');

  // Closed and opened again from the palette: its parameter begins with what it was saved with.
  await page.getByTestId('query-tab-close').click();
  await expect(page.getByTestId('sql-text')).toHaveText('');
  await page.keyboard.press('Control+k');
  await page.keyboard.insertText('업비트 체결');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('parameter-venue')).toHaveValue('upbit');
  await page.keyboard.press('Control+Enter');
  await ended(page, 'done');
  await expect(page.getByTestId('grid-row')).toHaveCount(1);
  await page.getByTestId('analysis-remove').click();
  await page.getByTestId('analysis-remove-go').click();
  await expect(saved).toHaveCount(0);
});
