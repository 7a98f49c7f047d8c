// The first minutes of a new user: from the first screen to the extract of a listing.
import { expect, test, waitForRecording } from './tapedeck.ts';

test('a new user is led to the extract of a listing', async ({ page, bench }) => {
  test.setTimeout(700_000);
  const host = await bench.host([]);
  await page.goto(host.address());
  await page.getByTestId('choose-rehearsal').click();
  const guide = page.getByTestId('guide');
  await expect(guide).toHaveAttribute('data-done', '1');
  await expect(guide).toHaveAttribute('data-done', '2');
  await page.getByTestId('guide-show').click();
  await expect(page.getByTestId('panel-listings')).toBeVisible();
  await expect(page.locator('[data-testid="listing-row"][aria-selected="true"]')).toHaveAttribute('data-coin', 'POD');
  // Twenty seconds after the notice, and as long as the store takes to have it all.
  await expect(guide).toHaveAttribute('data-done', '3', { timeout: 500_000 });
  await expect(page.getByTestId('extract-done')).toBeVisible();
  // Put away for good; then the tip of the panel has the place, and is put away as well.
  await page.getByTestId('guide-away').click();
  await expect(guide).toBeHidden();
  await page.getByTestId('tip-listings-away').click();
  await page.reload();
  await waitForRecording(page);
  await expect(guide).toBeHidden();
  await expect(page.getByTestId('tip-listings')).toBeHidden();
  await page.keyboard.press('Control+k');
  await page.keyboard.type('first minutes');
  await page.keyboard.press('Enter');
  await expect(guide).toBeVisible();
});
