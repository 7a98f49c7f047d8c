// The kill drill: kill -9 of collector, store and host at random moments under load, judged against the rehearsal's ledger.
//   npm run drill -- kill [--kills 200] [--seed 1]
import { appendFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Audit, audit, checkBalance } from './audit.ts';
import { percentile, random } from './numbers.ts';
import { allSubscribed, type Running, type Status, startCommand, status, stop, until } from './processes.ts';

export interface KillReport {
  readonly kills: Record<'collector' | 'store' | 'host', number>;
  readonly ticks: number;
  /** Collector killed -> every line has its acknowledgements again, ms. */
  readonly resubscribedMs: { p50: number; p95: number; max: number };
  /** Store killed -> a new store process has committed frames that the old one had not, ms. */
  readonly storeBackMs: { p50: number; p95: number; max: number };
  /** Gaps whose repair had not ended a minute after the last kill: after many kills it cannot have. */
  readonly openGaps: number;
  readonly audit: Audit;
}

const gone = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return true;
    throw error;
  }
};

async function openOf(data: string): Promise<number | undefined> {
  const now = await status(data);
  return now && (now.gaps.open ?? 0) + (now.gaps.repairing ?? 0);
}

/** `calm` is the time between two kills, ms, drawn from [min, max). */
export async function killDrill(options: {
  kills: number;
  seed: number;
  recipe: string;
  calmMs: [number, number];
  keep?: boolean;
  say?: (text: string) => void;
}): Promise<KillReport> {
  const say = options.say ?? (() => undefined);
  const draw = random(options.seed);
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-kill-'));
  const data = join(dir, 'data');
  const ledger = join(dir, 'ledger.jsonl');
  const venues = await startCommand(['rehearse', '--recipe', options.recipe, '--port', '0', '--ledger', ledger]);
  let host: Running | undefined;
  try {
    const settingsPath = join(dir, 'settings.json');
    writeFileSync(settingsPath, JSON.stringify(venues.ready.settings));
    const record = ['record', '--data', data, '--settings', settingsPath];
    host = await startCommand(record);
    const first = await until('every stream is subscribed', () => status(data), allSubscribed, 60_000);
    const fromUs = Date.now() * 1000;
    const kills = { collector: 0, store: 0, host: 0 };
    const resubscribed: number[] = [];
    const storeBack: number[] = [];
    let last: Status = first;
    for (let n = 0; n < options.kills; n += 1) {
      await delay(options.calmMs[0] + draw() * (options.calmMs[1] - options.calmMs[0]));
      const target = (['collector', 'store', 'collector', 'store', 'host'] as const)[Math.floor(draw() * 5)] ?? 'store';
      const before = await until(
        'the host answers',
        () => status(data),
        (value) => value.pid > 0 && value.children.collector !== null && value.children.store !== null,
      );
      const pid = target === 'host' ? before.pid : (before.children[target] ?? 0);
      const at = performance.now();
      process.kill(pid, 'SIGKILL');
      kills[target] += 1;
      if (target === 'host') {
        await host.ended;
        host = await startCommand(record);
      }
      await until(
        `${target} ${pid} is gone`,
        async () => gone(pid),
        (value) => value,
        5000,
        5,
      );
      if (target === 'store') {
        await until(
          'the store is back',
          () => status(data),
          (value) =>
            value.children.store !== null && value.children.store !== pid && value.store.frame > before.store.frame,
          30_000,
          10,
        );
        storeBack.push(performance.now() - at);
      }
      last = await until(
        `all is subscribed again after killing ${target}`,
        () => status(data),
        (value) => allSubscribed(value) && (target !== 'collector' || value.children.collector !== pid),
        60_000,
        10,
      );
      if (target === 'collector') resubscribed.push(performance.now() - at);
      checkBalance(last.totals);
      if ((n + 1) % 10 === 0) say(`${n + 1} kills, ${last.totals.ticks} ticks, gaps ${JSON.stringify(last.gaps)}`);
    }
    await delay(1000);
    const toUs = (Date.now() - 500) * 1000;
    await until(
      'the store has all',
      () => status(data),
      (value) => value.store.lagMs < 1500,
      120_000,
      100,
    );
    const openGaps = await until(
      'repair has ended',
      () => openOf(data),
      (open) => open === 0,
      60_000,
      250,
    ).catch(async (error: unknown) => {
      say(`repair still at work when the drill ended: ${String(error).slice(0, 300)}`);
      return until(
        'the host answers',
        () => openOf(data),
        () => true,
      );
    });
    await stop(venues);
    const code = await stop(host);
    if (code !== 0) throw new Error(`the recorder ended with ${code} instead of 0: ${host.errors()}`);
    const judged = await audit(data, ledger, { fromUs, toUs });
    return {
      kills,
      ticks: last.totals.ticks,
      resubscribedMs: percentile(resubscribed),
      storeBackMs: percentile(storeBack),
      openGaps,
      audit: judged,
    };
  } finally {
    if (host) await stop(host, 'SIGKILL');
    await stop(venues, 'SIGKILL');
    if (options.keep) appendFileSync(join(dir, 'kept'), 'kept for inspection\n');
    else if (existsSync(dir)) rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
