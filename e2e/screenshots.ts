// Pictures of every panel of the rail, in both languages, both themes and two sizes: busy, empty, in trouble, and without a host. Run by
// `npm run screenshots` after a build; scenes can be named. All go to out/screenshots, a chosen few to docs/screenshots.
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import config from './playwright.config.ts';
import { Bench, type Host, withoutNotices } from './tapedeck.ts';

const top = join(import.meta.dirname, '..');
const all = join(top, 'out', 'screenshots');
const docs = join(top, 'docs', 'screenshots');
const sizes = [
  { width: 1280, height: 800 },
  { width: 1920, height: 1080 },
];
const languages = [
  { language: 'en', zone: 'UTC' },
  { language: 'ko', zone: 'KST' },
] as const;
const themes = ['dark', 'light'] as const;
const STEP_MS = 180_000;

/** What the documents show: enough to know every panel, little enough to carry along. */
const chosen = new RegExp(
  [
    '^(.+-busy|window)-(en-dark|ko-light)-1280x800$',
    '^(.+-busy|window)-(en-light|ko-dark)-1920x1080$',
    '^.+-(trouble|empty)-(en-dark|ko-light)-1280x800$',
    '^(live-busy-en-dark-1920x1080|(first-run|palette|shortcuts|messages|live-host-gone)-(en-dark|ko-light)-1280x800)$',
  ].join('|'),
);

async function openPage(browser: Browser, host: Host, hash: string): Promise<Page> {
  const context = await browser.newContext({ locale: 'en-US', timezoneId: 'UTC', viewport: sizes[0] ?? null });
  // Guide and tips are put away: these are pictures of the panels.
  await context.addInitScript(() => {
    const away = ['guide', 'live', 'lines', 'listings', 'gaps', 'archive', 'analysis', 'health', 'settings'];
    localStorage.setItem('tapedeck.tips', JSON.stringify(away));
  });
  const page = await context.newPage();
  await page.goto(host.address(hash));
  return page;
}

/** Changed in the running page, as a reader would: the charts keep what they have seen. */
async function dress(page: Page, language: (typeof languages)[number], theme: (typeof themes)[number]): Promise<void> {
  await page.getByTestId('language-switch').locator(`[data-value="${language.language}"]`).click();
  await page.locator(`html[lang="${language.language}"]`).waitFor();
  await page.getByTestId('zone-switch').locator(`[data-value="${language.zone}"]`).click();
  while ((await page.locator('html').getAttribute('data-theme')) !== theme)
    await page.getByTestId('theme-switch').click();
  await page.mouse.move(0, 0);
  await page.evaluate(() => {
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  });
}

/** What a panel asked for is there: another zone has other days. */
const answered = (page: Page): Promise<unknown> =>
  page.waitForFunction(
    () =>
      ![...document.querySelectorAll('main .note-screen-title')].some((one) => /Asking|조회 중/.test(one.textContent)),
    undefined,
    { timeout: STEP_MS },
  );

/** A venue's day, one instrument of it, its bars by the second. */
async function openArchive(page: Page): Promise<void> {
  const square = page.locator('[data-testid="square"][data-row="binance"][data-held]');
  await square.first().click({ timeout: STEP_MS });
  await page.getByTestId('day-search').fill('nova');
  await page.getByTestId('day-row').first().click({ timeout: STEP_MS });
  await page.getByTestId('bar-interval').locator('button').first().click();
  await page.locator('[data-testid="bars-chart"][data-state="ready"]').waitFor({ timeout: STEP_MS });
}

async function runAnalysis(page: Page): Promise<void> {
  await page.getByTestId('analysis').nth(5).click();
  await page.getByTestId('query-run').click();
  await page.locator('[data-testid="result-state"][data-state="done"]').waitFor({ timeout: STEP_MS });
}

/** One scene in every look. What lies over the page (`open`) is opened again for each: the switches are under it. */
async function shoot(page: Page, name: string, open?: (page: Page) => Promise<unknown>): Promise<void> {
  for (const size of sizes) {
    await page.setViewportSize(size);
    for (const language of languages) {
      for (const theme of themes) {
        await dress(page, language, theme);
        await answered(page);
        await open?.(page);
        // Two frames: sizes are observed in one and drawn in the next.
        await page.evaluate(
          () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => done(null)))),
        );
        const file = `${name}-${language.language}-${theme}-${size.width}x${size.height}`;
        await page.screenshot({ path: join(all, `${file}.png`) });
        if (chosen.test(file)) copyFileSync(join(all, `${file}.png`), join(docs, `${file}.png`));
        if (open) await page.keyboard.press('Escape');
      }
    }
  }
  console.log(name);
}

const panelsOf = (page: Page): Promise<string[]> =>
  page
    .locator('[data-testid^="nav-"]')
    .evaluateAll((links) => links.map((link) => link.getAttribute('data-testid')?.slice(4) ?? ''));

/** What a panel should show before it is taken, where the panel alone does not do. */
type Ready = Readonly<Record<string, (page: Page) => Promise<unknown>>>;

/** Every panel of the rail, whichever there are. */
async function shootPanels(page: Page, scene: string, ready: Ready = {}): Promise<void> {
  for (const panel of await panelsOf(page)) {
    await page.getByTestId(`nav-${panel}`).click();
    await page.getByTestId(`panel-${panel}`).waitFor();
    await ready[panel]?.(page);
    await page.waitForLoadState('networkidle');
    await shoot(page, `${panel}-${scene}`);
  }
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
    const page = await openPage(browser, host, '');
    await page.getByTestId('first-run').waitFor();
    await shoot(page, 'first-run');
    await page.context().close();
  });
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

/** The rehearsal through its listing: the pump in the chart, the extract written by itself. Then what lies over the panels, and the host killed. */
async function busy(browser: Browser): Promise<void> {
  await withBench(async (bench) => {
    const host = await bench.host(['--recipe', bench.recipe(busyRecipe)]);
    const page = await openPage(browser, host, '#/live');
    await recording(page);
    const extracted = async (): Promise<void> => {
      await page.locator('[data-testid="listing-row"][data-coin="NOVA"]').first().click({ timeout: STEP_MS });
      await page.getByTestId('extract-done').waitFor({ timeout: STEP_MS });
      await page.locator('[data-testid="picture-plot"] canvas').waitFor();
      await page.getByTestId('verdict-row').first().waitFor();
    };
    await page.getByTestId('nav-listings').click();
    await extracted();
    for (const button of await page.getByTestId('listing-alert-dismiss').all()) await button.click();
    await shootPanels(page, 'busy', {
      live: () => page.locator('[data-testid="panel-live"] canvas').first().waitFor(),
      listings: extracted,
      archive: openArchive,
      analysis: runAnalysis,
    });
    await page.getByTestId('nav-listings').click();
    await extracted();
    await shoot(page, 'palette', async () => {
      await page.getByTestId('open-palette').click();
      await page.getByTestId('palette-input').waitFor();
    });
    await shoot(page, 'shortcuts', async () => {
      await page.getByTestId('open-shortcuts').click();
      await page.getByTestId('shortcuts').waitFor();
    });
    await page.getByTestId('window-open').click();
    await page.locator('[data-testid="window-plot"] canvas').waitFor();
    await page.locator('[data-testid="window-drawing"][data-settled="true"]').waitFor();
    await shoot(page, 'window');
    await page.getByTestId('nav-live').click();
    await bench.kill(host.child, 'SIGKILL');
    await page
      .getByTestId('link-lost')
      .filter({ hasText: /[5-9]( s|초)/ })
      .waitFor();
    await shoot(page, 'live-host-gone');
    await shoot(page, 'messages', async () => {
      await page.getByTestId('open-notices').click();
      await page.getByTestId('notices-list').waitFor();
    });
    await page.context().close();
  });
}

/** Nothing announced yet, nothing missing, nothing added. */
async function empty(browser: Browser): Promise<void> {
  await withBench(async (bench) => {
    const { settingsFile } = await bench.venues(join(top, 'resources', 'recipes', 'listing.json'), withoutNotices);
    const host = await bench.host(['--settings', settingsFile]);
    const page = await openPage(browser, host, '#/listings');
    await recording(page);
    await shootPanels(page, 'empty', {
      listings: () => page.getByTestId('listings-empty').waitFor(),
      gaps: () => page.getByTestId('gaps-empty').waitFor(),
      archive: () => page.getByTestId('calendar-grid').waitFor({ timeout: STEP_MS }),
    });
    await page.getByTestId('nav-listings').click();
    await shoot(page, 'listings-add', async () => {
      await page.getByTestId('listing-add').click();
      await page.getByTestId('add-coin').fill('SOL');
      await page.getByTestId('add-now').click();
    });
    await page.context().close();
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
        { atSeconds: 20, kind: 'refuse', venue: 'upbit', market: 'spot', forSeconds: 1800 },
        { atSeconds: 20, kind: 'cut', venue: 'upbit', market: 'spot' },
        { atSeconds: 22, kind: 'cut', venue: 'bybit' },
        { atSeconds: 26, kind: 'rest-429', forSeconds: 1800 },
        { atSeconds: 30, kind: 'drop', venue: 'binance', market: 'perp', forSeconds: 3 },
      ],
    };
    const host = await bench.host(['--recipe', bench.recipe(recipe)]);
    const page = await openPage(browser, host, '#/live');
    await recording(page);
    await page.locator('[data-testid="status-recording"][data-state="partly"]').waitFor({ timeout: STEP_MS });
    await page.getByTestId('gap-row').first().waitFor({ timeout: STEP_MS });
    await shootPanels(page, 'trouble', {
      live: () => page.getByTestId('gap-row').first().waitFor({ timeout: STEP_MS }),
      listings: async () => {
        await page.locator('[data-testid="listing-row"][data-coin="SOL"]').first().click({ timeout: STEP_MS });
        await page.getByTestId('extract-done').waitFor({ timeout: STEP_MS });
      },
      gaps: async () => {
        await page.getByTestId('coverage-bar').waitFor();
        await page.locator('.cover-bar').first().waitFor();
      },
    });
    await page.context().close();
  });
}

const scenes = { 'first-run': firstRun, busy, empty, trouble };

/** Without arguments all scenes, into emptied folders; else those that are named. */
async function main(): Promise<void> {
  const wanted = process.argv.slice(2);
  for (const folder of [all, docs]) {
    mkdirSync(folder, { recursive: true });
    if (wanted.length > 0) continue;
    for (const name of readdirSync(folder)) if (name.endsWith('.png')) rmSync(join(folder, name));
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
