// The shell: figures that lead to their evidence, theme, messages, changed keys, and remembered layout.
import { expect, HOST_GONE, smallRecipe, test, waitForRecording } from './tapedeck.ts';

test('the theme is switched, remembered, follows the system when asked, and charts follow it', async ({
  page,
  bench,
}) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.emulateMedia({ colorScheme: 'light' });
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  const html = page.locator('html');
  await expect(html).toHaveAttribute('data-theme', 'dark');
  await expect(page.locator('.uplot canvas').first()).toBeVisible({ timeout: 90_000 });
  await page.keyboard.press('d');
  await expect(html).toHaveAttribute('data-theme', 'light');
  await page.reload();
  await expect(html).toHaveAttribute('data-theme', 'light');
  await page.getByTestId('theme-switch').click();
  await expect(page.getByTestId('theme-switch')).toHaveText('System');
  await expect(html).toHaveAttribute('data-theme', 'light');
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect(html).toHaveAttribute('data-theme', 'dark');
  // A chart is drawn with the colours of the theme: the darkest of its pixels are those of the light theme's lines.
  const brightness = (): Promise<number> =>
    page
      .locator('.uplot canvas')
      .first()
      .evaluate((canvas) => {
        if (!(canvas instanceof HTMLCanvasElement)) return -1;
        const pixels = canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
        let sum = 0;
        let count = 0;
        for (let at = 0; pixels && at < pixels.length; at += 4) {
          if ((pixels[at + 3] ?? 0) < 250) continue;
          sum += Math.max(pixels[at] ?? 0, pixels[at + 1] ?? 0, pixels[at + 2] ?? 0);
          count += 1;
        }
        return count === 0 ? -1 : sum / count;
      });
  await expect(page.locator('.uplot canvas').first()).toBeVisible({ timeout: 90_000 });
  await expect.poll(brightness).toBeGreaterThan(0);
  const dark = await brightness();
  await page.emulateMedia({ colorScheme: 'light' });
  await expect(html).toHaveAttribute('data-theme', 'light');
  await expect.poll(async () => Math.abs((await brightness()) - dark)).toBeGreaterThan(20);
});

test('every figure of the bar leads to where it comes from', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/listings'));
  await waitForRecording(page);
  await page.getByTestId('status-durable').click();
  await expect(page.getByTestId('history-view').getByRole('button', { name: 'Durable delay' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await page.getByTestId('status-buffer').click();
  await expect(page.getByTestId('history-view').getByRole('button', { name: 'Buffer' })).toHaveAttribute(
    'aria-pressed',
    'true',
  );
  await page.getByTestId('status-gaps').click();
  await expect(page.getByTestId('panel-gaps')).toBeVisible();
  await expect(page.getByTestId('status-clock')).toHaveText('in step');
  await page.getByTestId('status-host').click();
  await expect(page.getByTestId('host-dialog')).toContainText(host.dataDir);
  await expect(page.getByTestId('host-processes').locator('tbody tr')).toHaveCount(3);
});

test('what the console told is kept, counted, read and deleted', async ({ page, bench, trouble }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await page.getByTestId('open-notices').click();
  await expect(page.getByTestId('notices-empty')).toBeVisible();
  await page.getByTestId('notices-mute').click();
  await page.keyboard.press('Escape');
  // The state of the recorder is news by itself, without a pop-up.
  trouble.expect(HOST_GONE);
  await bench.kill(host.child, 'SIGKILL');
  await expect(page.getByTestId('link-lost')).toBeVisible();
  await expect(page.getByTestId('still-true')).toContainText(
    /[\d,]+ frames were durable on disk at \d\d:\d\d:\d\d UTC/,
  );
  await expect(page.getByTestId('status-recording')).toHaveText(/^Unknown since \d\d:\d\d:\d\d UTC$/);
  await expect(page.getByTestId('open-notices')).toHaveAttribute('data-unread', '1');
  await page.reload().catch(() => undefined);
});

test('a panel that cannot be shown says so, and takes nothing else with it', async ({ page, bench, trouble }) => {
  trouble.expect(/ERR_FAILED|Failed to fetch dynamically imported module|health-panel/);
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.route('**/assets/health-panel*', (route) => route.abort());
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await page.getByTestId('nav-health').click();
  await expect(page.getByTestId('panel-failed')).toContainText('Recording goes on');
  await expect(page.getByTestId('status-recording')).toHaveText('Recording');
  await page.getByTestId('nav-gaps').click();
  await expect(page.getByTestId('panel-gaps')).toBeVisible();
  await page.unroute('**/assets/health-panel*');
  await page.getByTestId('nav-health').click();
  await expect(page.getByTestId('panel-health')).toBeVisible();
});

test('a key is changed, a taken one is asked about, and all are given back', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/listings'));
  await waitForRecording(page);
  await page.keyboard.press('?');
  await page.getByTestId('key-add').click();
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('key-capture')).toContainText('stays as it is');
  await page.keyboard.press('z');
  await expect(page.getByTestId('key-capture')).toContainText('Show times in KST');
  await page.getByTestId('key-take').click();
  await expect(page.getByTestId('key-zone')).toContainText('no key');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('shortcuts')).toBeHidden();
  // Buttons print the key that works now.
  await expect(page.getByTestId('listing-add')).toContainText('Z');
  await page.keyboard.press('n');
  await expect(page.getByTestId('add-dialog')).toBeHidden();
  await page.keyboard.press('z');
  await expect(page.getByTestId('add-dialog')).toBeVisible();
  await page.keyboard.press('Escape');
  await page.reload();
  await expect(page.getByTestId('listing-add')).toContainText('Z');
  await page.keyboard.press('?');
  await page.getByTestId('keys-reset').click();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('listing-add')).toContainText('N');
});

test('dividers, widths, filters and the last panel are remembered, and given back by one command', async ({
  page,
  bench,
}) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  const side = page.locator('.live-side');
  const before = (await side.boundingBox())?.width ?? 0;
  await page.getByTestId('live-splitter').focus();
  await page.keyboard.press('ArrowLeft');
  await page.keyboard.press('ArrowLeft');
  await expect.poll(async () => (await side.boundingBox())?.width).toBe(before + 32);
  const head = page.getByTestId('lines-table').locator('th').first();
  const narrow = (await head.boundingBox())?.width ?? 0;
  await head.getByRole('button').focus();
  for (let n = 0; n < 3; n += 1) await page.keyboard.press('Shift+ArrowRight');
  await expect.poll(async () => (await head.boundingBox())?.width ?? 0).toBeGreaterThan(narrow + 30);
  await page.keyboard.press('3');
  await page.getByTestId('gaps-venue').selectOption('upbit');
  // Another visit: no panel in the address.
  await page.goto(`${host.ready.url}/`);
  await expect(page.getByTestId('panel-gaps')).toBeVisible();
  await expect(page.getByTestId('gaps-venue')).toHaveValue('upbit');
  await page.keyboard.press('1');
  await expect.poll(async () => (await side.boundingBox())?.width).toBe(before + 32);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('layout as it was');
  await page.keyboard.press('Enter');
  await expect.poll(async () => (await side.boundingBox())?.width).toBe(before);
  await page.keyboard.press('3');
  await expect(page.getByTestId('gaps-venue')).toHaveValue('all');
});

test('at 1024 px, and in the smallest window, nothing of the shell is cut off, and motion is not wanted where the system says so', async ({
  page,
  bench,
}) => {
  await page.setViewportSize({ width: 1024, height: 768 });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  const panels = await page.locator('[data-testid^="nav-"]').count();
  for (let key = 1; key <= panels; key += 1) {
    await page.keyboard.press(String(key));
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    expect(wider).toBeLessThanOrEqual(0);
    for (const id of ['status-recording', 'ticks-per-second', 'status-gaps', 'status-host', 'language-switch']) {
      await expect(page.getByTestId(id)).toBeInViewport({ ratio: 1 });
    }
  }
  // What does not fit into a low window scrolls in its panel: nothing lies over the bar.
  await page.setViewportSize({ width: 720, height: 480 });
  for (let key = 1; key <= panels; key += 1) {
    await page.keyboard.press(String(key));
    const covered = await page.evaluate(() =>
      ['status-recording', 'status-gaps', 'language-switch'].filter((id) => {
        const box = document.querySelector(`[data-testid="${id}"]`)?.getBoundingClientRect();
        const top = box && document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
        return !top?.closest('[data-testid="status-bar"]');
      }),
    );
    expect(covered).toEqual([]);
    expect(await page.evaluate(() => document.documentElement.scrollHeight - innerHeight)).toBeLessThanOrEqual(0);
  }
});
