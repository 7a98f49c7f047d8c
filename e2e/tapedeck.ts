// Starts the built app as a user would (headless host, simulated venues) and opens its screen. Whatever is started is ended.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test as base, expect, type Page } from '@playwright/test';
import { begunMs, noteBegin, stoodStillMs } from './house/still.ts';

const top = join(import.meta.dirname, '..');
const START_MS = 120_000;

export interface Ready {
  readonly url: string;
  readonly token: string;
  readonly pid: number;
}

export interface Host {
  readonly dataDir: string;
  readonly ready: Ready;
  readonly child: ChildProcess;
  /** Address that lets a browser in. */
  address(hash?: string): string;
}

export interface Venues {
  readonly settingsFile: string;
  readonly child: ChildProcess;
}

/** Everything that one test started, ended together. */
export class Bench {
  readonly dir = mkdtempSync(join(tmpdir(), 'tapedeck-e2e-'));
  readonly #children = new Set<ChildProcess>();

  /** Runs an entry of ours until it prints its line with event "ready". */
  async #run(entry: string, args: readonly string[]): Promise<{ child: ChildProcess; ready: Record<string, unknown> }> {
    const child = spawn(process.execPath, [join(top, entry), ...args], {
      cwd: top,
      stdio: ['ignore', 'pipe', 'pipe'],
      // As `npm start` does: what node compiled for one test it need not compile for the next.
      env: { NODE_COMPILE_CACHE: join(top, 'node_modules', '.cache', 'tapedeck'), ...process.env },
    });
    this.#children.add(child);
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-8000);
    });
    const ready = await new Promise<Record<string, unknown>>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${entry} was not ready in time: ${errors}`)), START_MS);
      child.once('exit', (code, signal) => {
        clearTimeout(timer);
        reject(new Error(`${entry} ended (${code ?? signal}) before it was ready: ${errors}`));
      });
      createInterface({ input: child.stdout }).on('line', (line) => {
        if (!line.startsWith('{')) return;
        const value: unknown = JSON.parse(line);
        if (typeof value !== 'object' || value === null || !('event' in value) || value.event !== 'ready') return;
        clearTimeout(timer);
        resolve({ ...value });
      });
    });
    return { child, ready };
  }

  async host(args: readonly string[], dataDir = join(this.dir, 'data')): Promise<Host> {
    if (!existsSync(join(top, 'out', 'renderer', 'index.html'))) {
      throw new Error('the screen is not built: npm run build');
    }
    const { child, ready } = await this.#run('src-main/headless/main.ts', ['--data', dataDir, ...args]);
    const { url, token, pid } = ready;
    if (typeof url !== 'string' || typeof token !== 'string' || typeof pid !== 'number') {
      throw new Error(`the host's ready line lacks url, token or pid: ${JSON.stringify(ready)}`);
    }
    return {
      dataDir,
      child,
      ready: { url, token, pid },
      address: (hash = '') => `${url}/?token=${encodeURIComponent(token)}${hash}`,
    };
  }

  /** Simulated venues (a recipe, or the path of one) in a process of their own: they outlive a host that is killed. */
  async venues(
    recipe: object | string,
    change: (settings: Record<string, unknown>) => object = (same) => same,
  ): Promise<Venues> {
    const { child, ready } = await this.#run('src-main/cli/main.ts', [
      'rehearse',
      '--recipe',
      typeof recipe === 'string' ? recipe : this.recipe(recipe),
      '--port',
      '0',
      '--ledger',
      join(this.dir, 'ledger.jsonl'),
    ]);
    const settingsFile = join(this.dir, 'settings.json');
    const { settings } = ready;
    if (typeof settings !== 'object' || settings === null) throw new Error('the venues told no settings');
    writeFileSync(settingsFile, JSON.stringify(change({ ...settings })));
    return { settingsFile, child };
  }

  /** Runs a command of the command line to its end. */
  async command(args: readonly string[]): Promise<{ code: number | null; stdout: string; stderr: string }> {
    const child = spawn(process.execPath, [join(top, 'src-main/cli/main.ts'), ...args], { cwd: top });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => {
      stdout += chunk.toString();
    });
    child.stderr.on('data', (chunk: Buffer) => {
      stderr += chunk.toString();
    });
    const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
    return { code, stdout, stderr };
  }

  recipe(recipe: object): string {
    const path = join(this.dir, 'recipe.json');
    writeFileSync(path, JSON.stringify(recipe));
    return path;
  }

  async kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
      child.kill(signal);
      await ended;
    }
    this.#children.delete(child);
  }

  async close(): Promise<void> {
    for (const child of [...this.#children].reverse()) await this.kill(child, 'SIGTERM');
    rmSync(this.dir, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  }
}

export interface Trouble {
  /** Errors of the page: exceptions, console errors, violations of the content policy. */
  readonly errors: string[];
  /** Errors that match are expected from now on. */
  expect(pattern: RegExp): void;
}

/** What a browser says of a host that was killed, by the moment in which its connections ended. */
export const HOST_GONE = /ERR_CONNECTION_RE(FUSED|SET)|ERR_SOCKET_NOT_CONNECTED|WebSocket connection/;

/** A page that fails its test when anything went wrong inside it, and a bench. */
export const test = base.extend<{ bench: Bench; trouble: Trouble; tried: boolean }>({
  tried: [
    async ({ browserName: _ }, use, info) => {
      if (info.retry === 0) noteBegin(info.testId);
      else if ((await stoodStillMs(begunMs(info.testId))) === 0)
        throw new Error('it failed, and the machine did not stand still meanwhile');
      await use(info.retry > 0);
    },
    { auto: true },
  ],
  bench: [
    async ({ browserName: _ }, use) => {
      const bench = new Bench();
      await use(bench);
      await bench.close();
    },
    { timeout: 90_000 },
  ],
  trouble: [
    // Named after the bench so that the page is judged before its host is ended.
    async ({ page, bench: _ }, use) => {
      const errors: string[] = [];
      const expected: RegExp[] = [];
      page.on('pageerror', (error) => errors.push(`exception: ${error.message}`));
      page.on('console', (message) => {
        if (message.type() === 'error') errors.push(`console: ${message.text()}`);
      });
      page.on('dialog', (dialog) => {
        errors.push(`dialog: ${dialog.message()}`);
        void dialog.dismiss();
      });
      await use({ errors, expect: (pattern) => expected.push(pattern) });
      expect(errors.filter((error) => !expected.some((pattern) => pattern.test(error)))).toEqual([]);
    },
    { auto: true },
  ],
});

export { expect } from '@playwright/test';

/** Settings that watch no notices: the list of listings stays empty until somebody adds one. */
export function withoutNotices(settings: Record<string, unknown>): object {
  return { ...settings, notices: {} };
}

/** A small market: three coins on three markets, and whatever is added. */
/** Both lines of every stream of the small recipe: what happens at a time of it finds everything recorded, however slow the machine is. */
export const ALL_SUBSCRIBED = { subscriptions: 18 };

export function smallRecipe(more: object = {}): object {
  return {
    version: 1,
    seed: 7,
    instruments: [
      { base: 'BTC', price: 61837.63, ratePerSecond: 40 },
      { base: 'ETH', price: 2681.62, ratePerSecond: 25 },
      { base: 'SOL', price: 154.27, ratePerSecond: 25, name: '솔라나' },
    ],
    ...more,
  };
}

/** The figure that a test id shows, without grouping. */
export async function figure(page: Page, testId: string): Promise<number> {
  const text = (await page.getByTestId(testId).textContent()) ?? '';
  return Number(text.replaceAll(',', ''));
}

export async function waitForRecording(page: Page): Promise<void> {
  await expect(page.getByTestId('status-recording')).toHaveAttribute('data-state', 'recording');
}

/** A moment some seconds ago, as the add dialog takes it. */
export function momentAgo(seconds: number): string {
  return new Date(Date.now() - seconds * 1000).toISOString();
}
