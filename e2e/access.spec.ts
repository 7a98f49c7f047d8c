// Access: every panel of the rail, in both themes and both languages, with dialogs open and closed, without a violation that axe knows; the keyboard reaches everything.
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { ALL_SUBSCRIBED, expect, HOST_GONE, smallRecipe, test, waitForRecording } from './tapedeck.ts';

/** Gaps that stand, a line that is down and a listing: panels are looked at with something on them. */
const recipe = smallRecipe({
  timesFrom: ALL_SUBSCRIBED,
  listing: [{ coin: 'SOL', atSeconds: 8, pumpFactor: 6, pumpSeconds: 4, priceMultiple: 1.5 }],
  faults: [
    { atSeconds: 5, kind: 'refuse', venue: 'upbit', market: 'spot', forSeconds: 900 },
    { atSeconds: 5.1, kind: 'cut', venue: 'upbit', market: 'spot' },
    { atSeconds: 5, kind: 'rest-429', forSeconds: 900 },
  ],
});

async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page })
    // In the page itself: a page of its own for what frames answered would find none, and takes a third of the time.
    .setLegacyMode(true)
    // Of what passes nothing is read: to describe each such node takes a good part of the time. First, for it replaces what was said before.
    .options({ resultTypes: ['violations'] })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return found.flatMap(({ id, nodes }) =>
    nodes.map(
      (node) => `${id}: ${node.html.slice(0, 160)} — ${node.failureSummary?.replaceAll(/\s+/g, ' ').slice(0, 260)}`,
    ),
  );
}

async function panelsOf(page: Page): Promise<string[]> {
  const links = page.locator('[data-testid^="nav-"]');
  await expect(links).not.toHaveCount(0);
  return links.evaluateAll((found) => found.map((link) => link.getAttribute('data-testid')?.slice(4) ?? ''));
}

/** Both themes and both languages; every pair of them with TAPEDECK_ACCESS_ALL=1. */
const looks = [
  { theme: 'dark', language: 'en' },
  { theme: 'light', language: 'ko' },
  ...(process.env.TAPEDECK_ACCESS_ALL === '1'
    ? [
        { theme: 'light', language: 'en' },
        { theme: 'dark', language: 'ko' },
      ]
    : []),
];

test('no panel, dialog, palette or sheet has a violation, in any theme and language', async ({ page, bench }) => {
  test.setTimeout(600_000);
  const host = await bench.host(['--recipe', bench.recipe(recipe)]);
  await page.goto(host.address('#/live'));
  await page.locator('[data-testid="status-recording"][data-state="partly"]').waitFor({ timeout: 90_000 });
  await page.getByTestId('gap-row').first().waitFor({ timeout: 90_000 });
  const found: string[] = [];
  const look = async (where: string): Promise<void> => {
    for (const violation of await violations(page)) found.push(`${where}: ${violation}`);
  };
  for (const [round, { theme, language }] of looks.entries()) {
    await page.evaluate(
      ([kept, words]) => {
        localStorage.setItem('tapedeck.look', kept ?? '');
        localStorage.setItem('tapedeck.preferences', words ?? '');
      },
      [JSON.stringify({ theme }), JSON.stringify({ language, zone: 'KST' })],
    );
    await page.reload();
    await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
    await expect(page.locator('html')).toHaveAttribute('lang', language);
    await page.locator('[data-testid="status-recording"][data-state="partly"]').waitFor();
    for (const panel of await panelsOf(page)) {
      await page.getByTestId(`nav-${panel}`).click();
      await expect(page.getByTestId(`panel-${panel}`)).toBeVisible();
      await expect(page.locator('main .note-screen-title', { hasText: /Asking the recorder|조회 중/ })).toHaveCount(0);
      await look(`${panel} ${theme} ${language}`);
    }
    for (const [opener, window] of [
      ['open-palette', 'palette'],
      ['open-shortcuts', 'shortcuts'],
      ['open-notices', 'notices'],
      ['status-host', 'host-dialog'],
    ] as const) {
      await page.getByTestId(opener).click();
      await expect(page.getByTestId(window)).toBeVisible();
      await look(`${window} ${theme} ${language}`);
      await page.keyboard.press('Escape');
      await expect(page.getByTestId(window)).toBeHidden();
    }
    await page.getByTestId('nav-listings').click();
    await page.getByTestId('listing-add').click();
    await look(`add-dialog ${theme} ${language}`);
    await page.keyboard.press('Escape');
    // Without the guide the tips are there instead.
    if (round === 0) await page.getByTestId('guide-away').click();
  }
  expect(found).toEqual([]);
});

test('the first screen has no violation in either theme', async ({ page, bench }) => {
  const host = await bench.host([]);
  await page.goto(host.address());
  await expect(page.getByTestId('first-run')).toBeVisible();
  expect(await violations(page)).toEqual([]);
  await page.getByTestId('theme-switch').click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  expect(await violations(page)).toEqual([]);
});

test('a page whose host is gone can still be read', async ({ page, bench, trouble }) => {
  trouble.expect(HOST_GONE);
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await bench.kill(host.child, 'SIGKILL');
  await expect(page.getByTestId('link-lost')).toHaveAttribute('data-reach', 'gone');
  expect(await violations(page)).toEqual([]);
  await page.getByTestId('theme-switch').click();
  await expect(page.locator('html')).toHaveAttribute('data-theme', 'light');
  expect(await violations(page)).toEqual([]);
});

test('Tab goes over the page in its order, and what has the focus is seen', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('skip')).toBeFocused();
  await expect(page.getByTestId('skip')).toBeInViewport();
  await page.keyboard.press('Tab');
  await expect(page.getByTestId('nav-live')).toBeFocused();
  const outline = await page.getByTestId('nav-live').evaluate((link) => getComputedStyle(link).outlineStyle);
  expect(outline).toBe('solid');
  // Over the rail at once.
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Enter');
  await expect(page.locator('#panel')).toBeFocused();
  // All stops of the page: none twice, the bar last.
  const stops: string[] = [];
  for (let step = 0; step < 200; step += 1) {
    await page.keyboard.press('Tab');
    const stop = await page.evaluate(() => {
      const element = document.activeElement;
      if (!element || element === document.body) return null;
      return element.closest('[data-testid]')?.getAttribute('data-testid') ?? element.className;
    });
    if (stop === null) break;
    stops.push(stop);
  }
  expect(stops.length).toBeGreaterThan(5);
  expect(stops).toContain('status-recording');
  expect(stops.indexOf('live-splitter')).toBeLessThan(stops.indexOf('status-recording'));
  expect(stops.at(-1)).toBe('language-switch');
});

test('a chart says in words what it shows', async ({ page, bench }) => {
  const host = await bench.host(['--recipe', bench.recipe(smallRecipe())]);
  await page.goto(host.address('#/live'));
  await waitForRecording(page);
  const chart = page.getByRole('img', { name: 'Last five minutes: Trades/s' });
  await expect(chart).toHaveAccessibleDescription(/All venues: now [\d.k]+, between [\d.k]+ and [\d.k]+\./, {
    timeout: 90_000,
  });
});
