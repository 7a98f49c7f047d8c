// Receive-to-durable and receive-to-queryable at 20,000 ticks/s, from the meters of the running recorder.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { percentile } from '../drill/numbers.ts';
import { allSubscribed, ask, type Running, startCommand, status, stop, top, until } from '../drill/processes.ts';

interface Meters {
  collector: {
    durableDelayMs: { p50: number; p99: number; max: number };
    loopDelayMs: { p99: number };
    framesPerSecond: number;
    rssBytes: number;
  } | null;
  store: { queryableDelayMs: { p50: number; p99: number }; ticksPerSecond: number; rssBytes: number } | null;
}

export interface LatencyReport {
  readonly seconds: number;
  readonly ticksPerSecond: number;
  /** Of the meters' own p50 and p99, each over the last seconds: the median and the worst of the run. */
  readonly durableMs: { p50: number; p99: number; worstP99: number };
  readonly queryableMs: { p50: number; p99: number; worstP99: number };
  readonly loopDelayP99Ms: number;
}

export async function latencyBench(options: { seconds: number }): Promise<LatencyReport> {
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-latency-'));
  const venues = await startCommand([
    'rehearse',
    '--recipe',
    join(top, 'resources/recipes/drill.json'),
    '--port',
    '0',
    '--ledger',
    join(dir, 'ledger.jsonl'),
  ]);
  let host: Running | undefined;
  try {
    writeFileSync(join(dir, 'settings.json'), JSON.stringify(venues.ready.settings));
    const data = join(dir, 'data');
    host = await startCommand(['record', '--data', data, '--settings', join(dir, 'settings.json')]);
    await until('every stream is subscribed', () => status(data), allSubscribed, 60_000);
    await delay(5000);
    const durable50: number[] = [];
    const durable99: number[] = [];
    const queryable50: number[] = [];
    const queryable99: number[] = [];
    const rates: number[] = [];
    let loop = 0;
    const end = performance.now() + options.seconds * 1000;
    while (performance.now() < end) {
      await delay(1000);
      const meters = await ask<Meters>(data, 'system.meters');
      if (!meters?.collector || !meters.store) continue;
      durable50.push(meters.collector.durableDelayMs.p50);
      durable99.push(meters.collector.durableDelayMs.p99);
      queryable50.push(meters.store.queryableDelayMs.p50);
      queryable99.push(meters.store.queryableDelayMs.p99);
      rates.push(meters.store.ticksPerSecond);
      loop = Math.max(loop, meters.collector.loopDelayMs.p99);
    }
    return {
      seconds: options.seconds,
      ticksPerSecond: percentile(rates).p50,
      durableMs: {
        p50: percentile(durable50).p50,
        p99: percentile(durable99).p50,
        worstP99: percentile(durable99).max,
      },
      queryableMs: {
        p50: percentile(queryable50).p50,
        p99: percentile(queryable99).p50,
        worstP99: percentile(queryable99).max,
      },
      loopDelayP99Ms: Number(loop.toFixed(1)),
    };
  } finally {
    if (host) await stop(host);
    await stop(venues, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
