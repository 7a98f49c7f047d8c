// Two drills under load: a store that stands still (and a disk and a query that are slow), and a pump of eight times the rate.
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Audit, audit } from './audit.ts';
import { allSubscribed, ask, type Running, type Status, startCommand, status, stop, until } from './processes.ts';

interface Meter {
  readonly loopDelayMs: { p99: number; max: number };
  readonly durableDelayMs: { p50: number; p99: number; max: number };
  readonly lostFrames: number;
  readonly rssBytes: number;
}

interface Session {
  readonly data: string;
  readonly host: Running;
  readonly first: Status;
}

/** Runs a session on fresh rehearsal venues, then stops everything in order and judges it. */
export async function judged<T>(
  recipe: string,
  work: (session: Session) => Promise<T>,
): Promise<{ result: T; audit: Audit }> {
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-load-'));
  const data = join(dir, 'data');
  const ledger = join(dir, 'ledger.jsonl');
  const venues = await startCommand(['rehearse', '--recipe', recipe, '--port', '0', '--ledger', ledger]);
  let host: Running | undefined;
  try {
    const settings = join(dir, 'settings.json');
    writeFileSync(settings, JSON.stringify(venues.ready.settings));
    host = await startCommand(['record', '--data', data, '--settings', settings]);
    const first = await until('every stream is subscribed', () => status(data), allSubscribed, 60_000);
    const fromUs = Date.now() * 1000;
    const result = await work({ data, host, first });
    const toUs = (Date.now() - 500) * 1000;
    await until(
      'the store has all',
      () => status(data),
      (value) => value.store.lagMs < 1500,
      180_000,
      100,
    );
    await stop(venues);
    const code = await stop(host);
    if (code !== 0) throw new Error(`the recorder ended with ${code} instead of 0: ${host.errors()}`);
    return { result, audit: await audit(data, ledger, { fromUs, toUs }) };
  } finally {
    if (host) await stop(host, 'SIGKILL');
    await stop(venues, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

const rssOf = (pid: number): number =>
  Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) * 1024;

/** The collector's own meter; the store, which stands still, is not needed for it. */
export async function collectorMeter(data: string): Promise<Meter | undefined> {
  return (await ask<{ collector: Meter | null }>(data, 'system.meters'))?.collector ?? undefined;
}

/** The store stopped by SIGSTOP while the disk is kept busy by another program; then a heavy read while it catches up. */
export async function blockedDrill(options: {
  seconds: number;
  recipe: string;
  say?: (text: string) => void;
}): Promise<{
  /** Collector's event loop and receive-to-durable, worst p99 of any ten seconds: before, while the store stands still and the disk is busy, while it catches up. */
  phases: Record<'calm' | 'stopped' | 'catchUp', { loopP99Ms: number; durableP99Ms: number }>;
  reconnects: number;
  catchUpSeconds: number;
  audit: Audit;
}> {
  const { result, audit: verdict } = await judged(options.recipe, async ({ data, first }) => {
    const storePid = first.children.store ?? 0;
    const none = { loopP99Ms: 0, durableP99Ms: 0 };
    const phases = { calm: { ...none }, stopped: { ...none }, catchUp: { ...none } };
    const note = async (phase: keyof typeof phases): Promise<void> => {
      const meter = await collectorMeter(data);
      if (!meter) return;
      const worst = phases[phase];
      worst.loopP99Ms = Math.max(worst.loopP99Ms, Math.round(meter.loopDelayMs.p99 * 10) / 10);
      worst.durableP99Ms = Math.max(worst.durableP99Ms, Math.round(meter.durableDelayMs.p99));
    };
    // The meter looks back ten seconds: start-up must have left it.
    await delay(Math.min(11_000, options.seconds * 1000));
    await note('calm');
    process.kill(storePid, 'SIGSTOP');
    options.say?.('store stopped');
    const noise = join(data, 'noise.bin');
    const disk = spawn(
      'sh',
      ['-c', `while true; do dd if=/dev/zero of='${noise}' bs=1M count=64 conv=fsync 2>/dev/null; done`],
      { stdio: 'ignore', detached: true },
    );
    const end = performance.now() + options.seconds * 1000;
    try {
      while (performance.now() < end) {
        await delay(500);
        await note('stopped');
      }
    } finally {
      if (disk.pid) process.kill(-disk.pid, 'SIGKILL');
      process.kill(storePid, 'SIGCONT');
    }
    rmSync(noise, { force: true });
    options.say?.('store goes on; a heavy read beside it');
    const at = performance.now();
    const heavy = ask(data, 'archive.ticks', { fromUs: 0, toUs: Date.now() * 1000, limit: 50_000 });
    const after = await until(
      'the store caught up',
      () => status(data),
      (value) => value.store.lagMs < 1500,
      180_000,
      50,
    );
    const catchUpSeconds = (performance.now() - at) / 1000;
    await note('catchUp');
    await heavy;
    const counted = (lines: Status['lines']): number => lines.reduce((sum, line) => sum + line.reconnects, 0);
    const reconnects =
      counted(after.lines) - counted(first.lines) + after.lines.filter((line) => line.state !== 'live').length;
    return { phases, reconnects, catchUpSeconds };
  });
  return { ...result, audit: verdict };
}

/** The recipe holds a pump of x8; memory of both processes is read from the kernel all the while. */
export async function pumpDrill(options: { seconds: number; recipe: string; say?: (text: string) => void }): Promise<{
  collectorRssMb: number;
  storeRssMb: number;
  peakTicksPerSecond: number;
  lostFrames: number;
  audit: Audit;
}> {
  const { result, audit: verdict } = await judged(options.recipe, async ({ data, first }) => {
    let collector = 0;
    let store = 0;
    let peak = 0;
    let lost = 0;
    let lastTicks = first.totals.ticks;
    let lastAt = performance.now();
    const end = performance.now() + (options.seconds + 15) * 1000;
    while (performance.now() < end) {
      await delay(1000);
      collector = Math.max(collector, rssOf(first.children.collector ?? 0));
      store = Math.max(store, rssOf(first.children.store ?? 0));
      const now = await status(data);
      if (now) {
        const at = performance.now();
        peak = Math.max(peak, (now.totals.ticks - lastTicks) / ((at - lastAt) / 1000));
        lastTicks = now.totals.ticks;
        lastAt = at;
      }
      lost = Math.max(lost, (await collectorMeter(data))?.lostFrames ?? 0);
    }
    options.say?.(
      `collector ${Math.round(collector / 1e6)} MB, store ${Math.round(store / 1e6)} MB, peak ${Math.round(peak)} ticks/s`,
    );
    return {
      collectorRssMb: Math.round(collector / 1e6),
      storeRssMb: Math.round(store / 1e6),
      peakTicksPerSecond: Math.round(peak),
      lostFrames: lost,
    };
  });
  return { ...result, audit: verdict };
}
