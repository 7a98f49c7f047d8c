// Frames of Phemex spot that no line got: its ids count nothing and its candles add up something else, so only its newest page of trades tells.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { ReconcileJob } from '../../src-shared/contract/gaps.ts';
import type { Gap } from '../../src-shared/market/gap.ts';
import { audit } from './audit.ts';
import { allSubscribed, ask, type Running, startCommand, status, stop, until } from './processes.ts';

const SECONDS = 30;

it('are found by the comparison with its page, stored and told, and nothing else is', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-pages-'));
  const [data, ledger, recipe, settings] = ['data', 'ledger.jsonl', 'recipe.json', 'settings.json'].map((name) =>
    join(dir, name),
  ) as [string, string, string, string];
  const venues = ['phemex:spot'];
  const instruments = [
    { base: 'BTC', price: 61837.63, ratePerSecond: 8, venues },
    { base: 'ETH', price: 2681.62, ratePerSecond: 5, venues },
  ];
  const faults = [{ atSeconds: 14, kind: 'drop', count: 60, venue: 'phemex' }];
  // Both coins on both lines: on a slow machine the host takes long to get there.
  const times = { timesFrom: { subscriptions: 4 }, faults, durationSeconds: SECONDS };
  writeFileSync(recipe, JSON.stringify({ version: 1, seed: 7, instruments, ...times }));
  const rehearsal = await startCommand(['rehearse', '--recipe', recipe, '--port', '0', '--ledger', ledger]);
  let host: Running | undefined;
  try {
    const wanted = rehearsal.ready.settings as { venues: Record<string, { lines: number }> };
    for (const venue of Object.values(wanted.venues)) venue.lines = 2;
    writeFileSync(settings, JSON.stringify(wanted));
    host = await startCommand(['record', '--data', data, '--settings', settings]);
    await until('every stream is subscribed', () => status(data), allSubscribed, 60_000);
    const fromUs = Date.now() * 1000;
    const endMs = Date.now() + SECONDS * 1000;
    // Trades are judged when they are older than what may still come.
    const over = (): Promise<boolean> => Promise.resolve(Date.now() > endMs + 7000);
    await until('the printing is over', over, (is) => is, 60_000, 50);
    const window = { fromUs: fromUs - 60_000_000, toUs: Date.now() * 1000 };
    const asked = await ask<{ jobId: string }>(data, 'gaps.reconcile', window);
    const job = await until(
      'the page is compared',
      () => ask<ReconcileJob>(data, 'gaps.reconcile-status', { jobId: asked?.jobId }),
      (value) => value.state !== 'running',
      60_000,
    );
    expect(job).toMatchObject({ state: 'done', total: 2, failed: 0, differing: 0 });
    const { gaps } = (await ask<{ gaps: Gap[] }>(data, 'gaps.list')) ?? { gaps: [] };
    const told = gaps.filter((gap) => gap.cause === 'history');
    expect(new Set(told.map((gap) => gap.symbol))).toEqual(new Set(['sBTCUSDT', 'sETHUSDT']));
    for (const gap of told) {
      expect(gap.state).toBe('repaired');
      expect(gap.evidence.at(-1)).toMatch(/^\d+ trades? of the venue's page had reached no line$/);
    }
    expect(gaps.filter((gap) => gap.state === 'open' || gap.state === 'repairing')).toEqual([]);
    await stop(rehearsal);
    expect(await stop(host)).toBe(0);
    const found = await audit(data, ledger, { fromUs, toUs: (endMs - 1000) * 1000 });
    expect(found.examples).toEqual([]);
    expect(found).toMatchObject({ duplicates: 0, unexplained: 0, foreign: 0, explained: 0 });
    const missed = told.reduce((sum, gap) => sum + Number.parseInt(gap.evidence.at(-1) ?? '0', 10), 0);
    expect(missed).toBeGreaterThan(0);
    expect(found.markets['phemex:spot']?.repaired).toBe(missed);
  } finally {
    if (host) await stop(host, 'SIGKILL');
    await stop(rehearsal, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
});
