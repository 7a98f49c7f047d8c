// The Health panel: a process is killed, seen, comes back and stays in the history; logs are filtered; the support bundle is a file.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { expect, smallRecipe, test, waitForRecording } from './tapedeck.ts';

/** An alert of a restart is over ten seconds after it: a part of a test that did not come so far by then begins again. */
const SOON_MS = 8000;

/** Does what needs the alert of a store that was killed; where that was over first, with another that is killed. */
async function whileAlerted(page: Page, killed: number, work: () => Promise<void>): Promise<void> {
  const store = page.getByTestId('process-store');
  let last = killed;
  await expect(async () => {
    const pid = Number(await store.getAttribute('data-pid', { timeout: SOON_MS }));
    const over = await page.getByTestId('alerts-none').isVisible();
    if (over && pid !== last) {
      last = pid;
      process.kill(pid, 'SIGKILL');
    }
    await work();
  }).toPass({ timeout: 240_000 });
}

test('a process that is killed is an alert, then history, and /health agrees', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/health'));
  await waitForRecording(page);
  await expect(page.getByTestId('alerts-none')).toBeVisible();
  const store = page.getByTestId('process-store');
  await expect(store).toHaveAttribute('data-state', 'ready');
  await expect(store).toContainText('MiB');
  await expect(page.getByTestId('disk-step-ok')).toHaveAttribute('aria-current', 'step');

  const pid = Number(await store.getAttribute('data-pid'));
  process.kill(pid, 'SIGKILL');
  // On a slow machine it may also be told as one that does not answer.
  const row = page.locator('[data-testid="alert-row"][data-row^="process-restart:store:"]');
  await expect(row).toContainText('was started again');
  const health = (await (await fetch(`${host.ready.url}/health`)).json()) as {
    status: string;
    alerts: { rule: string; subject: string }[];
  };
  expect(health).toMatchObject({ status: 'degraded', alerts: [{ rule: 'process-restart', subject: 'store' }] });
  await whileAlerted(page, pid, async () => {
    await row.click({ timeout: SOON_MS });
    await expect(page.getByTestId('alert-detail')).toContainText('SIGKILL', { timeout: SOON_MS });
    await page.getByTestId('acknowledge-one').click({ timeout: SOON_MS });
    await expect(row).toContainText('Known', { timeout: SOON_MS });
  });
  await expect(store).toHaveAttribute('data-state', 'ready');
  expect(Number(await store.getAttribute('data-pid'))).not.toBe(pid);
  await expect(page.getByTestId('process-words-store')).toContainText('SIGKILL');

  await expect(page.getByTestId('alerts-none')).toBeVisible({ timeout: 90_000 });
  await page.getByTestId('alerts-view').getByRole('button', { name: 'History' }).click();
  await expect(row).toContainText('Over');
});

test('logs are filtered, followed and read back, a support bundle is saved, and what an earlier host alarmed of is history', async ({
  page,
  bench,
}) => {
  // As a host leaves it that ends while trades are lost and somebody knows.
  const sinceUs = Date.now() * 1000 - 60_000_000;
  const lost = {
    id: `trades-lost::${sinceUs}`,
    rule: 'trades-lost',
    subject: '',
    severity: 'bad',
    sinceUs,
    untilUs: null,
    acknowledgedUs: sinceUs + 5_000_000,
    value: 2,
    worst: 3,
    limit: null,
    note: '2 gaps ended within ten minutes without all of their trades',
    times: 1,
  };
  const dataDir = join(bench.dir, 'data');
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'alerts.jsonl'), `${JSON.stringify(lost)}\n`);
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())], dataDir);
  await page.goto(host.address('#/health'));
  await waitForRecording(page);
  const rows = page.getByTestId('log-row');
  await expect(rows.first()).toBeVisible();
  await page.getByTestId('logs-process').selectOption('store');
  await expect(rows.filter({ hasText: 'Collector' })).toHaveCount(0);
  await expect(rows.first()).toContainText('Store');
  await page.getByTestId('logs-process').selectOption('');
  await page.getByTestId('logs-search').fill('collector ready');
  await expect(rows).toHaveCount(1);
  await rows.first().click();
  await expect(page.getByTestId('log-detail')).toContainText('"child":"collector"');
  await page.getByTestId('logs-search').fill('no such words anywhere');
  await expect(page.getByTestId('logs-none')).toBeVisible();

  // What happens is followed: a restart by button is in the logs a moment later.
  await page.getByTestId('logs-search').fill('an operator asked');
  await page.getByTestId('restart-store').click();
  await expect(page.getByTestId('restart-dialog')).toContainText('nothing is lost');
  await page.getByTestId('restart-confirm').click();
  await expect(rows.first()).toBeVisible({ timeout: 90_000 });
  await expect(page.getByTestId('process-store')).toHaveAttribute('data-state', 'ready');
  // Asked for, so it is no alert.
  await expect(page.getByTestId('alerts-none')).toBeVisible();
  await page.getByTestId('alerts-view').getByRole('button', { name: 'History' }).click();
  const ended = page.getByTestId('alert-row').filter({ hasText: 'Trades lost for good' });
  await expect(ended).toContainText('Over');
  await ended.click();
  await expect(page.getByTestId('alert-detail')).toContainText(/worst 3.*Acknowledged \d{4}-/);

  const saved = page.waitForEvent('download');
  await page.getByTestId('bundle').click();
  const file = await saved;
  expect(file.suggestedFilename()).toMatch(/^tapedeck-support-\d{8}T\d{6}Z\.tar\.gz$/);
  const tar = gunzipSync(readFileSync(await file.path())).toString();
  expect(tar).toContain('/status.json');
  expect(tar).toContain('/logs/host.log');
  expect(tar).not.toContain(host.ready.token);
});

test('alerts are read and acknowledged without a mouse', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('health');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('panel-health')).toBeVisible();
  const pid = Number(await page.getByTestId('process-store').getAttribute('data-pid'));
  process.kill(pid, 'SIGKILL');
  const row = page.getByTestId('alert-row').first();
  await expect(row).toBeVisible();
  await whileAlerted(page, pid, async () => {
    await page.getByRole('region', { name: 'List of alerts' }).focus({ timeout: SOON_MS });
    await page.keyboard.press('Home');
    await expect(row).toHaveAttribute('aria-selected', 'true', { timeout: SOON_MS });
    await page.keyboard.press('a');
    await expect(row).toContainText('Known', { timeout: SOON_MS });
  });
  await page.keyboard.press('h');
  await expect(page.getByTestId('alerts-history')).toBeVisible();
  await page.keyboard.press('/');
  await expect(page.getByTestId('logs-search')).toBeFocused();
  await page.keyboard.type('store ready');
  await expect(page.getByTestId('log-row').first()).toContainText('store ready');
});
