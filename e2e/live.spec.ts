// The Live panel on real input: figures move, sums add up, lines are acknowledged; zone, palette and keys.
import { expect, figure, smallRecipe, test, waitForRecording } from './tapedeck.ts';

test('numbers move, the balance sheet adds up, every line is acknowledged', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await expect(page.getByTestId('panel-live')).toBeVisible();
  await expect.poll(() => figure(page, 'ticks-per-second')).toBeGreaterThan(50);
  // The figure counts trades; what both lines brought is told beside it.
  const shown = page.getByTestId('ticks-per-second').locator('xpath=ancestor::*[@title][1]');
  await expect
    .poll(async () => {
      const [, copies = ''] = /copies: ([\d,]+)\/s/.exec((await shown.getAttribute('title')) ?? '') ?? [];
      return Number(copies.replaceAll(',', '')) / (await figure(page, 'ticks-per-second'));
    })
    .toBeCloseTo(2, 0);

  const total = page.getByTestId('balance-ticks').locator('b').first();
  const before = await total.textContent();
  await expect(total).not.toHaveText(before ?? '');
  await expect(page.getByTestId('balance-frames')).toHaveAttribute('data-off', '0');
  await expect(page.getByTestId('balance-ticks')).toHaveAttribute('data-off', '0');
  await expect(page.getByTestId('balance-sheet').locator('[data-shape="ok"]')).toHaveCount(2);

  const lines = page.getByTestId('line-row');
  await expect(lines).not.toHaveCount(0);
  const count = await lines.count();
  await expect(page.getByTestId('lines-table').locator('[data-shape="ok"]')).toHaveCount(count);
  await expect(page.getByTestId('status-durable')).toContainText('ms');
  await expect(page.getByTestId('status-gaps')).toHaveText('0');
  // Three venues markets, sorted by a click on the head of a column.
  await page.getByTestId('lines-table').getByRole('button', { name: 'Line', exact: true }).click();
  await expect(page.getByTestId('lines-table').locator('th').first()).toHaveAttribute('aria-sort', 'ascending');
});

test('every time shows its zone, and one switch changes all of them', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  const cells = page.getByTestId('lines-table').locator('td:nth-child(7)');
  await expect(cells.first()).toHaveText(/^\d\d:\d\d:\d\d UTC$/);
  await page.getByTestId('zone-switch').getByRole('button', { name: 'KST' }).click();
  await expect(cells.first()).toHaveText(/^\d\d:\d\d:\d\d KST$/);
  await expect(page.locator('body')).not.toContainText(/\d\d:\d\d UTC/);
  await page.reload();
  await expect(cells.first()).toHaveText(/KST$/);
});

test('the palette and the shortcut sheet do everything without a mouse', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await page.keyboard.press('Control+k');
  await expect(page.getByTestId('palette')).toBeVisible();
  await page.keyboard.type('listings');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('panel-listings')).toBeVisible();
  await page.keyboard.press('1');
  await expect(page.getByTestId('panel-live')).toBeVisible();
  await page.keyboard.press('?');
  await expect(page.getByTestId('shortcuts')).toBeVisible();
  await page.keyboard.press('2');
  await expect(page.getByTestId('panel-live')).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('shortcuts')).toBeHidden();
  // Single keys do nothing while text is being written, nor while a syllable is being composed.
  await page.keyboard.press('Control+k');
  await page.keyboard.type('2z');
  await expect(page.getByTestId('palette-input')).toHaveValue('2z');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('palette')).toBeHidden();
});

test('Hangul is composed to its end before Enter acts', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.addInitScript(() => localStorage.setItem('tapedeck.preferences', '{"language":"ko","zone":"KST"}'));
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await page.keyboard.press('Control+k');
  const input = page.getByTestId('palette-input');
  await input.focus();
  const client = await page.context().newCDPSession(page);
  await client.send('Input.imeSetComposition', { text: '상자', selectionStart: 2, selectionEnd: 2 });
  // The Enter that ends a composition, as macOS delivers it: isComposing already false, in the turn of compositionend.
  await input.evaluate((field) => {
    field.dispatchEvent(new CompositionEvent('compositionend', { data: '상자', bubbles: true }));
    field.dispatchEvent(new KeyboardEvent('keydown', { key: 'Enter', code: 'Enter', bubbles: true, cancelable: true }));
  });
  await expect(page.getByTestId('palette')).toBeVisible();
  await client.send('Input.insertText', { text: '상장' });
  await expect(input).toHaveValue('상장');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('palette')).toBeHidden();
  await expect(page.getByTestId('panel-listings')).toBeVisible();
});
