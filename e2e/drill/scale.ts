// The scale drill: thousands of streams on two lines for a long time. Memory must not grow, and what a panel asks for must be there at once.
//   npm run drill -- scale [--minutes 120] [--warm MILLIONS]
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { type Collected, collected, type Resident, resident } from './collected.ts';
import { percentile } from './numbers.ts';
import { allSubscribed, ask, type Running, type Status, startCommand, status, stop, until } from './processes.ts';

/** A least-squares line through the smallest value of each minute. */
export interface Slope {
  readonly mbPerHour: number;
  /** Standard error of the slope: how far it may be from the truth by the scatter of the points alone. */
  readonly errorMbPerHour: number;
}

interface Trend {
  readonly whole: Slope;
  /** Of the second half alone: what a process still grew into at the beginning is not in it. */
  readonly secondHalf: Slope;
}

interface Memory {
  readonly firstMb: number;
  readonly lastMb: number;
  readonly mostMb: number;
  /** Of all that is resident. */
  readonly resident: Trend;
  /** Without pages of files (programs, libraries), which the system can take back at any time. */
  readonly anonymous: Trend;
  /** Resident right after each forced collection, MB. */
  readonly collectedMb: readonly number[];
  readonly collected: Trend;
  /** What JavaScript holds at the same times, buffers outside of its heap included, MB: no allocator's or database's cache is in it. */
  readonly heldMb: readonly number[];
  readonly held: Trend;
}

export interface ScaleReport {
  readonly minutes: number;
  readonly streams: number;
  readonly lines: number;
  readonly subscribedMs: number;
  /** Trades that were stored before the measuring began. */
  readonly warm: number;
  readonly stored: number;
  readonly memory: Readonly<Record<string, Memory>>;
  /** Time of each request that a panel makes, over the door of the host, ms. One that is not answered counts with the time it was waited for. */
  readonly queriesMs: Readonly<Record<string, { p50: number; p95: number; max: number }>>;
  /** Requests that were not answered within ten seconds. */
  readonly unanswered: number;
  /** From the death of the store, at the end, until it answers again, ms. */
  readonly storeBackMs: number;
}

interface Sample {
  readonly atMs: number;
  readonly mb: number;
}

function slope(points: readonly { readonly x: number; readonly y: number }[]): Slope {
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / points.length;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / points.length;
  const spread = points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  const perHour = points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) / spread;
  const rest = points.reduce((sum, { x, y }) => sum + (y - meanY - perHour * (x - meanX)) ** 2, 0);
  const error = Math.sqrt(rest / (points.length - 2) / spread);
  return { mbPerHour: Number(perHour.toFixed(2)), errorMbPerHour: Number(error.toFixed(2)) };
}

/** Of the smallest value of each minute; NaN where there are too few to tell. */
export function trend(samples: readonly Sample[]): Trend {
  const lowest = new Map<number, number>();
  for (const { atMs, mb } of samples) {
    const minute = Math.floor(atMs / 60_000);
    lowest.set(minute, Math.min(lowest.get(minute) ?? Number.POSITIVE_INFINITY, mb));
  }
  const points = [...lowest].map(([minute, mb]) => ({ x: minute / 60, y: mb }));
  return { whole: slope(points), secondHalf: slope(points.slice(Math.floor(points.length / 2))) };
}

/** The pace of the trades before the measuring, as a multiple. */
const WARM_FACTOR = 40;
const WARM_FROM_S = 30;

/** The recipe with a time at its beginning in which so many trades are printed. Gives when that time is over, s. */
function warmed(recipe: string, trades: number, path: string): number {
  const plan = JSON.parse(readFileSync(recipe, 'utf8')) as { generator: { ticksPerSecond: number } };
  const forSeconds = Math.ceil(trades / (plan.generator.ticksPerSecond * WARM_FACTOR));
  writeFileSync(path, JSON.stringify({ ...plan, pump: [{ atSeconds: WARM_FROM_S, forSeconds, factor: WARM_FACTOR }] }));
  return WARM_FROM_S + forSeconds;
}

/** Measures a process; of one that ended meanwhile the error says what its host said of it. */
async function alive<T>(data: string, name: string, measure: () => T | Promise<T>): Promise<T> {
  try {
    return await measure();
  } catch (error) {
    const log = readFileSync(join(data, 'logs', 'host.log'), 'utf8').split('\n');
    const said = log.filter((line) => line.includes(`"child":"${name}"`)).slice(-3);
    throw new Error(`the ${name} could not be measured; its host says: ${said.join(' ')}`, { cause: error });
  }
}

type Query = readonly [string, (nowUs: number) => unknown];

/** What the panels of the screen ask, with inputs as they make them. */
const queries: readonly Query[] = [
  ['system.status', () => ({})],
  ['gaps.list', () => ({ states: ['open', 'repairing', 'partial', 'unrecoverable'], limit: 5000 })],
  [
    'gaps.coverage',
    (nowUs) => ({
      venue: 'binance',
      market: 'spot',
      symbol: 'R0001USDT',
      fromUs: nowUs - 3_600_000_000,
      toUs: nowUs,
    }),
  ],
  ['gaps.reconciled', () => ({ venue: 'binance', market: 'spot' })],
  ['listings.list', () => ({ limit: 500 })],
  ['archive.instruments', () => ({ coin: 'R0001' })],
  ['listings.coin', () => ({ coin: 'R0001' })],
  ['live.happened', () => ({ limit: 200 })],
  ['live.movers', () => ({ by: 'rate', limit: 500 })],
  ['lines.log', () => ({ line: 'binance:spot:0' })],
];

export async function scaleDrill(options: {
  minutes: number;
  recipe: string;
  /** Trades that are stored before the measuring begins, so that the database's cache is as full as it becomes in a day. */
  warm?: number;
  /** How often all garbage is collected by force, ms. In between the processes are as they are at a user's. */
  collectEveryMs?: number;
  say?: (text: string) => void;
}): Promise<ScaleReport> {
  const say = options.say ?? (() => undefined);
  const { collectEveryMs = Math.min(300_000, options.minutes * 5000), warm = 0 } = options;
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-scale-'));
  const data = join(dir, 'data');
  const recipe = warm > 0 ? join(dir, 'recipe.json') : options.recipe;
  const warmUntilS = warm > 0 ? warmed(options.recipe, warm, recipe) : 0;
  const venues = await startCommand(['rehearse', '--recipe', recipe, '--port', '0']);
  const venuesMs = performance.now();
  let host: Running | undefined;
  try {
    const settings = join(dir, 'settings.json');
    writeFileSync(settings, JSON.stringify(venues.ready.settings));
    const begunMs = performance.now();
    host = await startCommand(['record', '--data', data, '--settings', settings]);
    const first = await until('every stream is subscribed', () => status(data), allSubscribed, 300_000, 100);
    const subscribedMs = Math.round(performance.now() - begunMs);
    say(`subscribed after ${subscribedMs} ms on ${first.lines.length} lines`);
    if (warmUntilS > 0) {
      await delay(Math.max(0, venuesMs + (warmUntilS + 10) * 1000 - performance.now()));
      const calm = await until(
        'what came fast is stored',
        () => status(data),
        ({ store }) => store.lagMs < 2000,
        600_000,
        1000,
      );
      say(`${calm.totals.stored} stored before the measuring`);
    }
    // What came while everything was being subscribed is stored first, on a slow machine for a while.
    const begun = await until(
      'the store keeps pace',
      () => status(data),
      ({ store, totals }) => totals.stored > 0 && store.lagMs < 2000,
      150_000,
      200,
    );
    const samples = new Map<string, (Resident & { atMs: number })[]>();
    const forced = new Map<string, (Collected & { atMs: number })[]>();
    let collectedAtMs = 0;
    const times = new Map<string, number[]>();
    const startMs = performance.now();
    let last: Status = begun;
    let unanswered = 0;
    let unansweredInRow = 0;
    for (let round = 0; performance.now() - startMs < options.minutes * 60_000; round += 1) {
      const atMs = performance.now() - startMs;
      const pids: readonly [string, number | null][] = [['host', last.pid], ...Object.entries(last.children)];
      for (const [name, pid] of pids) {
        if (pid === null) continue;
        const own = samples.get(name) ?? [];
        own.push({ atMs, ...(await alive(data, name, () => resident(pid))) });
        samples.set(name, own);
      }
      if (atMs - collectedAtMs >= collectEveryMs) {
        collectedAtMs = atMs;
        for (const [name, pid] of pids) {
          if (pid === null) continue;
          const own = forced.get(name) ?? [];
          own.push({ atMs, ...(await alive(data, name, () => collected(pid))) });
          forced.set(name, own);
        }
      }
      for (const [name, input] of queries) {
        const from = performance.now();
        const answer = await ask<Status>(data, name, input(Date.now() * 1000));
        const own = times.get(name) ?? [];
        own.push(performance.now() - from);
        times.set(name, own);
        if (answer === undefined) {
          unanswered += 1;
          unansweredInRow += 1;
          say(`${name} was not answered`);
          if (unansweredInRow === queries.length)
            throw new Error('none of the requests was answered: the host is gone');
          continue;
        }
        unansweredInRow = 0;
        if (name === 'system.status') last = answer;
      }
      if (round % 30 === 0) {
        const now = [...samples].map(([name, own]) => `${name} ${Math.round(own.at(-1)?.residentMb ?? 0)} MB`);
        say(`${Math.round(atMs / 1000)} s: ${last.totals.stored} stored, ${now.join(', ')}`);
      }
      await delay(2000);
    }
    const { store: storePid } = last.children;
    if (!storePid) throw new Error('the store does not run at the end');
    process.kill(storePid, 'SIGKILL');
    const killedMs = performance.now();
    await until(
      'the store answers again',
      async () =>
        (await status(data))?.children.store === storePid ? undefined : await ask(data, 'gaps.list', { limit: 1 }),
      () => true,
      60_000,
      10,
    );
    const storeBackMs = Math.round(performance.now() - killedMs);
    return {
      minutes: options.minutes,
      streams: first.lines.reduce((sum, line) => sum + (line.id.includes(':0') ? line.wanted : 0), 0),
      lines: first.lines.length,
      subscribedMs,
      warm: begun.totals.stored,
      stored: last.totals.stored - begun.totals.stored,
      memory: Object.fromEntries(
        [...samples].map(([name, own]) => {
          const of = (at: number): number => Math.round(own.at(at)?.residentMb ?? Number.NaN);
          const afterForced = forced.get(name) ?? [];
          const memory: Memory = {
            firstMb: of(0),
            lastMb: of(-1),
            mostMb: Math.round(Math.max(...own.map(({ residentMb }) => residentMb))),
            resident: trend(own.map(({ atMs, residentMb }) => ({ atMs, mb: residentMb }))),
            anonymous: trend(own.map(({ atMs, anonymousMb }) => ({ atMs, mb: anonymousMb }))),
            collectedMb: afterForced.map(({ residentMb }) => Math.round(residentMb)),
            collected: trend(afterForced.map(({ atMs, residentMb }) => ({ atMs, mb: residentMb }))),
            heldMb: afterForced.map(({ heldMb }) => Number(heldMb.toFixed(1))),
            held: trend(afterForced.map(({ atMs, heldMb }) => ({ atMs, mb: heldMb }))),
          };
          return [name, memory];
        }),
      ),
      queriesMs: Object.fromEntries([...times].map(([name, own]) => [name, percentile(own)])),
      unanswered,
      storeBackMs,
    };
  } finally {
    if (host) await stop(host, 'SIGTERM');
    await stop(venues, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}
