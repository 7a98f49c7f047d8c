// A new data folder: two choices, one click, and trades move.
import { expect, figure, HOST_GONE, test, waitForRecording } from './tapedeck.ts';

test('the first screen offers live venues or a rehearsal, and one click records', async ({ page, bench, trouble }) => {
  // The host is killed under the page.
  trouble.expect(HOST_GONE);
  test.setTimeout(700_000);
  const host = await bench.host([]);
  await page.goto(host.address());
  await expect(page.getByTestId('first-run')).toBeVisible();
  await expect(page.getByTestId('choose-live')).toBeVisible();
  await expect(page.getByTestId('status-recording')).toHaveAttribute('data-state', 'unset');
  expect(page.url()).not.toContain('token');
  await page.getByTestId('choose-rehearsal').click();
  await expect(page.getByTestId('panel-live')).toBeVisible({ timeout: 90_000 });
  await waitForRecording(page);
  await expect(page.getByTestId('status-mode')).toHaveText('REHEARSAL');
  // Stored trades: the store has the rest of the machine, behind the collector and all tests beside this one.
  await expect.poll(() => figure(page, 'ticks-per-second'), { timeout: 300_000 }).toBeGreaterThan(100);

  // The choice is remembered, however the host ended: it goes on by itself, and nothing of the time between is lost.
  await bench.kill(host.child, 'SIGKILL');
  const again = await bench.host([], host.dataDir);
  await page.goto(again.address());
  await waitForRecording(page);
  await expect(page.getByTestId('first-run')).toBeHidden();
  await expect(page.getByTestId('status-mode')).toHaveText('REHEARSAL');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('Record live venues');
  await expect(page.getByRole('option', { name: 'Record live venues' })).toBeVisible();
});

test('a page without the key is told so, and the key brings it in', async ({ page, bench, trouble }) => {
  // Without the key not even the code of a panel is given, which the page may fetch at that moment.
  trouble.expect(HOST_GONE);
  trouble.expect(/401|Refused to apply style/);
  const host = await bench.host([]);
  await page.goto(host.address());
  await expect(page.getByTestId('first-run')).toBeVisible();
  await page.context().clearCookies();
  // The link breaks and the cookie is gone: the page says what to do.
  await bench.kill(host.child, 'SIGTERM');
  const again = await bench.host([], host.dataDir);
  expect(again.ready).toMatchObject({ url: host.ready.url, token: host.ready.token });
  await expect(page.getByTestId('link-lost')).toHaveAttribute('data-reach', 'refused');
  await page.getByTestId('token-input').fill(again.ready.token);
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('first-run')).toBeVisible();
  await expect(page.getByTestId('link-lost')).toBeHidden();
});
