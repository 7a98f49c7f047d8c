// Makes docs/screenshots: every panel in both languages and two sizes: busy, empty, in trouble, and without a host. Run by `npm run screenshots` after a build.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import config from './playwright.config.ts';
import { Bench, type Host, withoutNotices } from './tapedeck.ts';

const top = join(import.meta.dirname, '..');
const target = join(top, 'docs', 'screenshots');
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];
const languages = [
  { language: 'en', zone: 'UTC' },
  { language: 'ko', zone: 'KST' },
] as const;
const STEP_MS = 180_000;

interface View {
  readonly page: Page;
  readonly suffix: string;
}

/** One page per language and size, opened before anything happens: the charts show what a page has seen. */
async function openViews(browser: Browser, host: Host, hash: string): Promise<View[]> {
  const views: View[] = [];
  for (const size of sizes) {
    for (const preferences of languages) {
      const context = await browser.newContext({ viewport: size, locale: 'en-US', timezoneId: 'UTC' });
      await context.addInitScript(
        (kept) => localStorage.setItem('tapedeck.preferences', kept),
        JSON.stringify(preferences),
      );
      const page = await context.newPage();
      await page.goto(host.address(hash));
      views.push({ page, suffix: `${preferences.language}-${size.width}x${size.height}` });
    }
  }
  return views;
}

async function shoot(views: readonly View[], name: string): Promise<void> {
  for (const { page, suffix } of views) {
    await page.mouse.move(0, 0);
    await page.screenshot({ path: join(target, `${name}-${suffix}.png`) });
  }
  console.log(name);
}

async function each(views: readonly View[], act: (page: Page) => Promise<unknown>): Promise<void> {
  await Promise.all(views.map(({ page }) => act(page)));
}

async function closeViews(views: readonly View[]): Promise<void> {
  for (const { page } of views) await page.context().close();
}

async function withBench(work: (bench: Bench) => Promise<void>): Promise<void> {
  const bench = new Bench();
  try {
    await work(bench);
  } finally {
    await bench.close();
  }
}

const recording = (page: Page): Promise<unknown> =>
  page.locator('[data-testid="status-recording"][data-state="recording"]').waitFor({ timeout: STEP_MS });

async function firstRun(browser: Browser): Promise<void> {
  await withBench(async (bench) => {
    const host = await bench.host([]);
    const views = await openViews(browser, host, '');
    await each(views, (page) => page.getByTestId('first-run').waitFor());
    await shoot(views, 'first-run');
    await closeViews(views);
  });
}

/** The note of a new listing lies over what is to be seen; it has its own test. */
async function dismissAlerts(page: Page): Promise<void> {
  for (const button of await page.getByTestId('listing-alert-dismiss').all()) await button.click();
}

const coins = [
  ['BTC', 61837.63, 40],
  ['ETH', 2681.62, 30],
  ['SOL', 154.27, 20],
  ['XRP', 0.5931, 18],
  ['DOGE', 0.10234, 15],
  ['ADA', 0.34581, 10],
  ['LINK', 10.462, 8],
  ['AVAX', 21.873, 8],
] as const;

const everywhere = ['binance', 'bybit', 'okx', 'kucoin', 'gate', 'phemex']
  .flatMap((venue) => [`${venue}:spot`, `${venue}:perp`])
  .concat('upbit:spot');

/** A busy hour: eight coins on seven venues, and one that is announced and pumped on all of them. */
const busyRecipe = {
  version: 1,
  seed: 20261120,
  instruments: [
    ...coins.map(([base, price, ratePerSecond]) => ({ base, price, ratePerSecond, venues: everywhere })),
    { base: 'NOVA', price: 0.4217, ratePerSecond: 8, name: '노바', venues: everywhere },
  ],
  listing: [
    {
      coin: 'NOVA',
      atSeconds: 30,
      pumpFactor: 40,
      pumpSeconds: 30,
      priceMultiple: 1.7,
      leads: 'binance:perp',
      followMs: [300, 1400],
    },
  ],
};

/** The rehearsal through its listing: the pump in the chart, the extract written by itself. Then the palette, the sheet, and the host killed. */
async function busy(browser: Browser): Promise<void> {
  await withBench(async (bench) => {
    const host = await bench.host(['--recipe', bench.recipe(busyRecipe)]);
    const views = await openViews(browser, host, '#/live');
    await each(views, recording);
    const [first] = views;
    if (!first) throw new Error('no view was opened');
    // The first page waits for the listing's extract elsewhere, then comes back to the others.
    await first.page.getByTestId('nav-listings').click();
    await first.page.locator('[data-testid="listing-row"][data-coin="NOVA"]').first().click({ timeout: STEP_MS });
    await first.page.getByTestId('extract-done').waitFor({ timeout: STEP_MS });
    await first.page.getByTestId('nav-live').click();
    await first.page.locator('[data-testid="panel-live"] canvas').waitFor();
    await each(views, dismissAlerts);
    await shoot(views, 'live-busy');
    await each(views, async (page) => {
      await page.getByTestId('nav-listings').click();
      await page.locator('[data-testid="listing-row"][data-coin="NOVA"]').first().click();
      await page.getByTestId('extract-done').waitFor();
      await page.locator('[data-testid="picture-plot"] canvas').waitFor();
      await page.getByTestId('verdict-row').first().waitFor();
    });
    await shoot(views, 'listings-busy');
    await each(views, async (page) => {
      await page.getByTestId('window-open').click();
      await page.locator('[data-testid="window-plot"] canvas').waitFor();
      await page.locator('[data-testid="window-drawing"][data-settled="true"]').waitFor();
    });
    await shoot(views, 'window-busy');
    await each(views, (page) => page.locator('[data-testid="window-tabs"] [data-value="leads"]').click());
    await shoot(views, 'window-leads');
    await each(views, (page) => page.getByTestId('window-back').click());
    await each(views, (page) => page.getByTestId('listing-detail').waitFor());
    await each(views, (page) => page.keyboard.press('Control+k'));
    await each(views, (page) => page.getByTestId('palette-input').waitFor());
    await shoot(views, 'palette');
    await each(views, (page) => page.keyboard.press('Escape'));
    await each(views, (page) => page.getByTestId('nav-live').click());
    await bench.kill(host.child, 'SIGKILL');
    await each(views, (page) =>
      page
        .getByTestId('link-lost')
        .filter({ hasText: /[5-9]( s|초)/ })
        .waitFor(),
    );
    await shoot(views, 'live-host-gone');
    await closeViews(views);
  });
}

/** Nothing announced yet, nothing added. */
async function empty(browser: Browser): Promise<void> {
  await withBench(async (bench) => {
    const { settingsFile } = await bench.venues(join(top, 'resources', 'recipes', 'listing.json'), withoutNotices);
    const host = await bench.host(['--settings', settingsFile]);
    const views = await openViews(browser, host, '#/listings');
    await each(views, recording);
    await each(views, (page) => page.getByTestId('listings-empty').waitFor());
    await shoot(views, 'listings-empty');
    await each(views, async (page) => {
      await page.keyboard.press('n');
      await page.getByTestId('add-coin').fill('SOL');
      await page.getByTestId('add-now').click();
    });
    await shoot(views, 'listings-add');
    await each(views, (page) => page.keyboard.press('Escape'));
    await each(views, (page) => page.getByTestId('nav-gaps').click());
    await each(views, (page) => page.getByTestId('gaps-empty').waitFor());
    await shoot(views, 'gaps-empty');
    await closeViews(views);
  });
}

/** Upbit cuts every line and refuses new ones, frames are dropped at Binance: lines down, gaps, an incomplete verdict. */
async function trouble(browser: Browser): Promise<void> {
  await withBench(async (bench) => {
    const recipe = {
      version: 1,
      seed: 11,
      instruments: [
        { base: 'BTC', price: 61837.63, ratePerSecond: 40, venues: everywhere },
        { base: 'ETH', price: 2681.62, ratePerSecond: 30, venues: everywhere },
        { base: 'SOL', price: 154.27, ratePerSecond: 30, name: '솔라나', venues: everywhere },
      ],
      listing: [{ coin: 'SOL', atSeconds: 24, pumpFactor: 8, pumpSeconds: 12, priceMultiple: 1.5 }],
      faults: [
        { atSeconds: 20, kind: 'refuse', venue: 'upbit', forSeconds: 900 },
        { atSeconds: 20, kind: 'cut', venue: 'upbit' },
        { atSeconds: 22, kind: 'cut', venue: 'bybit' },
        { atSeconds: 26, kind: 'rest-429', forSeconds: 900 },
        { atSeconds: 30, kind: 'drop', venue: 'binance', market: 'perp', forSeconds: 3 },
      ],
    };
    const host = await bench.host(['--recipe', bench.recipe(recipe)]);
    const views = await openViews(browser, host, '#/live');
    await each(views, recording);
    await each(views, (page) =>
      page.locator('[data-testid="status-recording"][data-state="partly"]').waitFor({ timeout: STEP_MS }),
    );
    await each(views, (page) => page.getByTestId('gap-row').first().waitFor({ timeout: STEP_MS }));
    await each(views, async (page) => {
      await page.getByTestId('nav-listings').click();
      await page.locator('[data-testid="listing-row"][data-coin="SOL"]').first().click({ timeout: STEP_MS });
      await page.getByTestId('extract-done').waitFor({ timeout: STEP_MS });
    });
    await each(views, dismissAlerts);
    await shoot(views, 'listings-trouble');
    await each(views, async (page) => {
      await page.getByTestId('window-open').click();
      await page.locator('[data-testid="window-plot"] canvas').waitFor();
      await page.locator('[data-testid="window-drawing"][data-settled="true"]').waitFor();
    });
    await shoot(views, 'window-trouble');
    await each(views, (page) => page.getByTestId('nav-live').click());
    await each(views, (page) => page.getByTestId('gap-row').first().waitFor({ timeout: STEP_MS }));
    await shoot(views, 'live-trouble');
    await each(views, (page) => page.getByTestId('nav-gaps').click());
    await each(views, (page) => page.getByTestId('coverage-bar').waitFor());
    await each(views, (page) => page.locator('.cover-bar').first().waitFor());
    await shoot(views, 'gaps-trouble');
    await closeViews(views);
  });
}

const scenes = { 'first-run': firstRun, busy, empty, trouble };

/** Without arguments all scenes, into an emptied folder; else those that are named. */
async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  mkdirSync(target, { recursive: true });
  if (wanted.length === 0) {
    for (const name of readdirSync(target)) if (name.endsWith('.png')) rmSync(join(target, name));
  }
  const browser = await chromium.launch(config.use?.launchOptions ?? {});
  try {
    for (const [name, scene] of Object.entries(scenes)) {
      if (wanted.length === 0 || wanted.includes(name)) await scene(browser);
    }
  } finally {
    await browser.close();
  }
}

await main();
