// The Settings panel: a mistake is said at its field and mended, what changes is shown and applied without stopping the rest; by mouse and by keyboard alone.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { descendants } from './house/standstill.ts';
import { expect, figure, type Host, smallRecipe, test, waitForRecording, withoutNotices } from './tapedeck.ts';

interface Kept {
  readonly retention: { readonly rawDays: number };
  readonly venues: { readonly upbit: { readonly lines: number; readonly symbols: unknown } };
}

interface Seen {
  readonly children: Readonly<Record<string, number>>;
  readonly lines: readonly { readonly id: string; readonly venue: string; readonly connectedUs: number | null }[];
}

async function statusOf(host: Host): Promise<Seen> {
  const response = await fetch(`${host.ready.url}/request`, {
    method: 'POST',
    headers: { authorization: `Bearer ${host.ready.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'system.status' }),
  });
  return ((await response.json()) as { value: Seen }).value;
}

/** When each line of a venue was opened. */
function openedOf({ lines }: Seen, venue: string): string[] {
  return lines.filter((line) => line.venue === venue).map((line) => `${line.id} ${line.connectedUs}`);
}

const read = (path: string): Kept => JSON.parse(readFileSync(path, 'utf8')) as Kept;

test('a mistake is said at its field, mended, and what is applied does not stop the rest', async ({ page, bench }) => {
  const { settingsFile } = await bench.venues(smallRecipe(), withoutNotices);
  const host = await bench.host(['--settings', settingsFile]);
  await page.goto(host.address('#/settings/storage'));
  await waitForRecording(page);
  await expect(page.getByTestId('changes-none')).toBeVisible();
  const row = page.getByTestId('setting-retention.rawDays');
  await row.getByRole('textbox').fill('4000');
  await expect(row.getByTestId('setting-issue')).toContainText('4000');
  const apply = page.getByTestId('settings-apply');
  await expect(apply).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByTestId('issue')).toHaveCount(1);

  // A second one on another page; "Show" leads back to the first.
  await page.getByTestId('settings-nav-upbit').click();
  const symbols = page.getByTestId('setting-venues.upbit.symbols');
  await symbols.getByRole('button', { name: 'List' }).click();
  await symbols.getByRole('textbox').fill('krw-btc');
  await expect(symbols.getByTestId('setting-issue')).toContainText('did you mean "KRW-BTC"?');
  await symbols.getByRole('textbox').fill('KRW-BTC');
  await expect(symbols.getByTestId('setting-issue')).toBeHidden();
  await expect(page.getByTestId('symbols-preview')).toContainText('1 of');
  await page.getByTestId('issue-show').click();
  await expect(row.getByRole('textbox')).toBeFocused();
  await row.getByRole('textbox').fill('3');
  const changes = page.getByTestId('change');
  await expect(changes).toHaveCount(2);
  await expect(page.locator('[data-path="venues.upbit.symbols"]')).toHaveAttribute('data-effect', 'reopens');
  await expect(page.locator('[data-path="retention.rawDays"]')).toHaveAttribute('data-effect', 'at-once');

  const before = await statusOf(host);
  await expect(apply).toHaveAttribute('aria-disabled', 'false');
  await apply.click();
  const told = page.getByTestId('toasts');
  await expect(told).toContainText('only the lines of Upbit were touched');
  // What was told before speaks the language that is read now.
  await page.getByTestId('language-switch').locator('[data-value="ko"]').click();
  await expect(told).toContainText('Upbit 회선만 바뀌었습니다');
  await expect(told).not.toContainText('touched');
  await page.getByTestId('language-switch').locator('[data-value="en"]').click();
  await expect(page.getByTestId('changes-none')).toBeVisible();
  expect(read(settingsFile)).toMatchObject({
    retention: { rawDays: 3 },
    venues: { upbit: { symbols: ['KRW-BTC'] } },
  });
  // The same processes, and the lines of the other venues are the very same connections.
  await expect.poll(async () => openedOf(await statusOf(host), 'upbit')).not.toEqual(openedOf(before, 'upbit'));
  const after = await statusOf(host);
  expect(after.children).toEqual(before.children);
  expect(openedOf(after, 'binance')).toEqual(openedOf(before, 'binance'));
  await waitForRecording(page);
  await expect.poll(() => figure(page, 'ticks-per-second')).toBeGreaterThan(20);

  // The seconds between are asked for and proven to be there.
  await expect(page.getByTestId('status-gaps')).toHaveText('0');

  // What was in force before can be looked at and put back.
  await page.getByTestId('settings-nav-versions').click();
  await page.getByTestId('versions').getByRole('button').first().click();
  await expect(changes).toHaveCount(2);
  await expect(apply).toHaveAttribute('aria-disabled', 'false');
  await apply.click();
  await expect(page.getByTestId('changes-none')).toBeVisible();
  expect(read(settingsFile).retention.rawDays).toBe(5);
});

test('what was applied is told as it was, though the settings in force were asked for before the answer came', async ({
  page,
  bench,
}) => {
  const { settingsFile } = await bench.venues(smallRecipe(), withoutNotices);
  const host = await bench.host(['--settings', settingsFile]);
  await page.goto(host.address('#/settings/upbit'));
  await waitForRecording(page);
  const symbols = page.getByTestId('setting-venues.upbit.symbols');
  await symbols.getByRole('button', { name: 'List' }).click();
  await symbols.getByRole('textbox').fill('KRW-BTC');
  const apply = page.getByTestId('settings-apply');
  await expect(page.getByTestId('change')).toHaveCount(1);
  await expect(apply).toHaveAttribute('aria-disabled', 'false');
  // The collector, which has to close lines, stands still for longer than it takes until the page asks again, and not until the host starts another.
  const collector = descendants(host.ready.pid).find(({ line }) => line.includes('collector'))?.pid;
  if (collector === undefined) throw new Error('no collector runs');
  process.kill(collector, 'SIGSTOP');
  await apply.click();
  await page.waitForTimeout(12_000);
  process.kill(collector, 'SIGCONT');
  await expect(page.getByTestId('toasts')).toContainText('only the lines of Upbit were touched');
  await expect(page.getByTestId('changes-none')).toBeVisible();
  expect(read(settingsFile)).toMatchObject({ venues: { upbit: { symbols: ['KRW-BTC'] } } });
});

test('unsaved changes are asked for before the panel is left, and files go out and in', async ({ page, bench }) => {
  const { settingsFile } = await bench.venues(smallRecipe(), withoutNotices);
  const host = await bench.host(['--settings', settingsFile]);
  await page.goto(host.address('#/settings/alerts'));
  await waitForRecording(page);
  await page.getByTestId('setting-alerts.lagSeconds').getByRole('textbox').fill('12');
  await expect(page.getByTestId('change')).toHaveCount(1);
  await page.getByTestId('nav-live').click();
  await expect(page.getByTestId('leave-dialog')).toBeVisible();
  await page.getByTestId('leave-stay').click();
  await expect(page.getByTestId('panel-settings')).toBeVisible();
  await page.getByTestId('nav-live').click();
  await page.getByTestId('leave-keep').click();
  await expect(page.getByTestId('panel-live')).toBeVisible();
  await page.getByTestId('nav-settings').click();
  await expect(page.getByTestId('change')).toHaveCount(1);
  await page.getByTestId('settings-undo').click();
  await expect(page.getByTestId('changes-none')).toBeVisible();

  await page.getByTestId('settings-nav-versions').click();
  const saved = page.waitForEvent('download');
  await page.getByTestId('settings-export').click();
  const path = await (await saved).path();
  const mine = JSON.parse(readFileSync(path, 'utf8')) as { alerts: Record<string, number>; venuse?: object };
  mine.alerts.lagSeconds = 44;
  mine.venuse = {};
  const file = join(bench.dir, 'mine.json');
  writeFileSync(file, JSON.stringify(mine));
  const chooser = page.waitForEvent('filechooser');
  await page.getByTestId('settings-import').click();
  await (await chooser).setFiles(file);
  await expect(page.getByTestId('issue')).toContainText('did you mean "venues"?');
  await page.getByTestId('issue').getByRole('button').click();
  await expect(page.getByTestId('change')).toHaveCount(1);
  await expect(page.locator('[data-path="alerts.lagSeconds"]')).toContainText('44 s');
});

test('a setting is changed, mended and applied without a mouse', async ({ page, bench }) => {
  const { settingsFile } = await bench.venues(smallRecipe(), withoutNotices);
  const host = await bench.host(['--settings', settingsFile]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('settings');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('panel-settings')).toBeVisible();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('settings: alerts');
  await page.keyboard.press('Enter');
  await page.getByTestId('setting-alerts.durableMs').getByRole('textbox').focus();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('often');
  await expect(page.getByTestId('setting-alerts.durableMs').getByTestId('setting-issue')).toContainText('"often"');
  await page.keyboard.press('Tab');
  // With something to mend the key leads to it.
  await page.keyboard.press('Control+s');
  await expect(page.getByTestId('setting-alerts.durableMs').getByRole('textbox')).toBeFocused();
  await page.keyboard.press('Control+a');
  await page.keyboard.type('750');
  await expect(page.getByTestId('settings-apply')).toHaveAttribute('aria-disabled', 'false');
  await page.keyboard.press('Control+s');
  await expect(page.getByTestId('toasts')).toContainText('recording was not interrupted');
  const kept = JSON.parse(readFileSync(settingsFile, 'utf8')) as { alerts: { durableMs: number } };
  expect(kept.alerts.durableMs).toBe(750);
  await expect(page.getByTestId('changes-none')).toBeVisible();

  // Right after the last letter, before the host has said what it makes of it, the key waits for that.
  const field = page.getByTestId('setting-alerts.durableMs').getByRole('textbox');
  await field.fill('760');
  await page.keyboard.press('Control+s');
  const later = (): { alerts: { durableMs: number } } => JSON.parse(readFileSync(settingsFile, 'utf8'));
  await expect.poll(() => later().alerts.durableMs).toBe(760);
  await expect(page.getByTestId('changes-none')).toBeVisible();
  // A mistake is not applied, however quick the key.
  await field.fill('seldom');
  await page.keyboard.press('Control+s');
  await expect(page.getByTestId('setting-alerts.durableMs').getByTestId('setting-issue')).toContainText('"seldom"');
});

test('a rehearsal says why its settings cannot be changed', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/settings/storage'));
  await waitForRecording(page);
  await expect(page.getByTestId('settings-fixed')).toContainText('rehearsal');
  await expect(page.getByTestId('setting-retention.rawDays').getByRole('textbox')).toBeDisabled();
});
