// End-to-end tests of the screen: the built app, the real headless host, the simulated venues, Chromium. Journeys mostly wait and
// run four at a time; specs that measure time run after them, one after another.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { defineConfig } from '@playwright/test';

/** A browser that is already there is used; otherwise Playwright's own. TAPEDECK_CHROMIUM names another. */
const system = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync);
const executablePath = process.env.TAPEDECK_CHROMIUM ?? system;

const measured = ['smooth', 'busy', 'million'].map((name) => `**/${name}.spec.ts`);
/** A minute and a half that says little more than the others: only when asked for. */
if (process.env.TAPEDECK_WINDOW === '1') measured.push('**/window.drill.ts');
const longest = '**/window.spec.ts';
const long = ['access', 'guide', 'heap', 'hidden', 'listings'].map((name) => `**/${name}.spec.ts`);

export default defineConfig({
  testDir: import.meta.dirname,
  outputDir: join(import.meta.dirname, '..', 'test-results'),
  workers: 4,
  fullyParallel: true,
  // Those that take longest begin, so that no worker is left alone with one of them at the end.
  projects: [
    { name: 'longest', testMatch: longest },
    { name: 'long', testMatch: long },
    { name: 'journeys', testMatch: '*.spec.ts', testIgnore: [...measured, ...long, longest] },
    {
      name: 'measured',
      testMatch: measured,
      workers: 1,
      fullyParallel: false,
      dependencies: ['longest', 'long', 'journeys'],
    },
  ],
  forbidOnly: true,
  // Once more, but only what failed while the machine stood still: every other second try fails at once (tapedeck.ts).
  globalSetup: './house/still.ts',
  retries: 1,
  // Waits end when what they wait for is there. On a machine that others take most of, that may be a minute; no promise of ours is measured by it.
  timeout: 400_000,
  // Where nobody looks on, a few failures tell as much as fifty that each wait for their time limit.
  maxFailures: process.env.CI ? 5 : 0,
  globalTimeout: 2_700_000,
  expect: { timeout: 90_000 },
  reporter: [['list']],
  use: {
    viewport: { width: 1280, height: 800 },
    locale: 'en-US',
    timezoneId: 'UTC',
    // A fifth of the time of all, for what is read of a failure now and then.
    trace: process.env.TAPEDECK_TRACE === '1' ? 'retain-on-failure' : 'off',
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      // Chromium refuses its own sandbox when it runs as root, as in containers.
      args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    },
  },
});
