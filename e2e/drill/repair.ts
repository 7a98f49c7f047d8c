// The repair drill: an outage of every venue at once leaves a gap on every stream; history fills what it reaches, in deadline order, within every
// limit, and the recorder is killed half-way.
//   npm run drill -- repair [--gaps 1000] [--seconds 600]    seconds: how long the venues are away
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { feedOf } from '../../src-main/feeds/index.ts';
import type { Gap } from '../../src-shared/market/gap.ts';
import { type Audit, audit } from './audit.ts';
import { enforcedIn } from './limits.ts';
import { percentile } from './numbers.ts';
import { allSubscribed, ask, type Running, startCommand, status, stop, until } from './processes.ts';

export interface MarketRepair {
  readonly gaps: number;
  readonly repaired: number;
  readonly venueHole: number;
  readonly partial: number;
  readonly unrecoverable: number;
  readonly unsettled: number;
  /**
   * Gaps that were asked for by themselves, before an operator asked for everything, although one with a nearer deadline was waiting. Must
   * be 0. null: the venue gives its newest trades only, so its deadlines are estimates that move with the pace of each stream.
   */
  readonly outOfOrder: number | null;
  /** From when a gap's end was known until the venue was asked, p50 and longest, ms: what decides on venues that give their newest trades only. */
  readonly askedAfterMs: { readonly p50: number; readonly max: number };
  /** What the venue did about its limits: connections ended or refused, requests refused. Requests refused must be none. */
  readonly enforced: Readonly<Record<string, number>>;
}

export interface RepairReport {
  readonly streams: number;
  readonly outageSeconds: number;
  readonly gaps: number;
  readonly killedAfter: number;
  /** From the end of the outage until no gap was open. */
  readonly settledMs: number;
  readonly perSecond: number;
  /** A job over every gap, asked for before the kill, and what it said after it. */
  readonly job: { readonly total: number; readonly done: number; readonly state: string };
  readonly markets: Readonly<Record<string, MarketRepair>>;
  readonly audit: Audit;
}

interface Job {
  readonly total: number;
  readonly done: number;
  readonly state: string;
}

/** A gap is asked for a while after it is known: it may yet heal by itself, and the job looks once a second. */
const KNOWN_AFTER_US = 6_000_000;
/** Questions that start together may be noted in any order. */
const TOGETHER_US = 1_500_000;

/** Counts what was asked for while something nearer to being lost was waiting. Gaps that were tried more than once have waited on purpose. */
export function outOfOrder(gaps: readonly Gap[]): number {
  const asked = gaps.filter((gap) => gap.askedUs != null && gap.attempts === 1 && gap.deadlineUs !== null);
  return asked.filter((gap) =>
    asked.some(
      (other) =>
        (other.deadlineUs ?? 0) < (gap.deadlineUs ?? 0) &&
        Math.max(other.openedUs, other.toUs ?? 0) + KNOWN_AFTER_US < (gap.askedUs ?? 0) &&
        (other.askedUs ?? 0) > (gap.askedUs ?? 0) + TOGETHER_US,
    ),
  ).length;
}

export async function repairDrill(options: {
  gaps: number;
  outageSeconds: number;
  /** From when nearly all is subscribed until the outage. */
  calmSeconds: number;
  markets: readonly string[];
  ticksPerSecond: number;
  timeoutSeconds: number;
  keep?: boolean;
  say?: (text: string) => void;
}): Promise<RepairReport> {
  const say = options.say ?? (() => undefined);
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-repair-'));
  const data = join(dir, 'data');
  const ledger = join(dir, 'ledger.jsonl');
  const recipe = join(dir, 'recipe.json');
  const at = options.calmSeconds;
  writeFileSync(
    recipe,
    JSON.stringify({
      version: 1,
      title: `Outage of every venue for ${options.outageSeconds} s`,
      seed: 11,
      generator: { count: options.gaps, ticksPerSecond: options.ticksPerSecond, venues: options.markets, slope: 0.4 },
      // However long it takes to connect, the outage finds nearly all of them: some venues do not allow every symbol that they list.
      timesFrom: { subscriptions: Math.floor(options.gaps * 0.85) },
      faults: [
        { atSeconds: at, kind: 'refuse', forSeconds: options.outageSeconds },
        { atSeconds: at + 0.2, kind: 'cut' },
      ],
    }),
  );
  const venues = await startCommand(['rehearse', '--recipe', recipe, '--port', '0', '--ledger', ledger]);
  let host: Running | undefined;
  try {
    const settings = join(dir, 'settings.json');
    writeFileSync(settings, JSON.stringify(oneLine(venues.ready.settings)));
    const record = ['record', '--data', data, '--settings', settings];
    host = await startCommand(record);
    const first = await until('every stream is subscribed', () => status(data), allSubscribed, 180_000);
    const fromMs = Number((await venues.said('times')).fromUs) / 1000;
    const outageEndMs = fromMs + (at + options.outageSeconds) * 1000;
    if (Date.now() > fromMs + at * 1000)
      throw new Error('the machine is too slow: subscribing reached into the outage');
    const streams = first.lines.reduce((sum, line) => sum + line.wanted, 0);
    const fromUs = Date.now() * 1000;
    say(
      `${streams} streams subscribed; the outage begins in ${Math.round((outageEndMs - Date.now()) / 1000) - options.outageSeconds} s`,
    );
    await delay(Math.max(0, outageEndMs - Date.now()));
    const overMs = performance.now();
    await until('the venues are back', () => status(data), allSubscribed, 180_000, 100);
    say('the venues are back');
    const list = async (): Promise<Gap[] | undefined> =>
      (await ask<{ gaps: Gap[] }>(data, 'gaps.list', { limit: 100_000 }))?.gaps;
    const settledOf = (gaps: readonly Gap[]): number => gaps.filter(({ state }) => !isOpen(state)).length;
    const half = await until(
      'half of the gaps have ended',
      list,
      (gaps) => gaps.length >= streams * 0.9 && settledOf(gaps) >= gaps.length / 2,
      options.timeoutSeconds * 1000,
      20,
    );
    const orderedUs = Date.now() * 1000;
    const job = await until<{ jobId: string; queued: number }>(
      'a repair of everything is taken',
      () => ask(data, 'gaps.repair', {}),
      ({ jobId }) => jobId !== '',
      30_000,
      100,
    );
    const killedAfter = settledOf(half);
    await stop(host, 'SIGKILL');
    say(`killed with ${killedAfter} of ${half.length} gaps ended`);
    host = await startCommand(record);
    const gaps = await until(
      'no gap is open',
      list,
      (found) => found.length >= half.length && settledOf(found) === found.length,
      options.timeoutSeconds * 1000,
      100,
    );
    const settledMs = performance.now() - overMs;
    const ended = await until<Job>(
      'the repair of everything has ended',
      () => ask<Job>(data, 'gaps.repair-status', { jobId: job.jobId }),
      ({ state }) => state === 'done',
      30_000,
      100,
    );
    const toUs = (Date.now() - 3000) * 1000;
    await until(
      'the store has all',
      () => status(data),
      (value) => value.store.lagMs < 1500,
      60_000,
      100,
    );
    await stop(venues);
    const code = await stop(host);
    if (code !== 0) throw new Error(`the recorder ended with ${code} instead of 0: ${host.errors()}`);
    return {
      streams,
      outageSeconds: options.outageSeconds,
      gaps: gaps.length,
      killedAfter,
      settledMs: Math.round(settledMs),
      perSecond: Math.round((gaps.length / settledMs) * 10_000) / 10,
      job: { total: ended.total, done: ended.done, state: ended.state },
      markets: marketsOf(half, gaps, orderedUs, ledger),
      audit: await audit(data, ledger, { fromUs, toUs, chosen: ['phemex:spot', 'phemex:perp'] }),
    };
  } finally {
    if (host) await stop(host, 'SIGKILL');
    await stop(venues, 'SIGKILL');
    if (options.keep) say(`kept: ${dir}`);
    else rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

function isOpen(state: Gap['state']): boolean {
  return state === 'open' || state === 'repairing';
}

function oneLine(settings: unknown): unknown {
  const all = settings as { venues: Record<string, { lines: number }> };
  for (const venue of Object.values(all.venues)) venue.lines = 1;
  return all;
}

/** Times from known to asked of the gaps that were asked for before `untilUs`, ms. */
function askedAfter(gaps: readonly Gap[], untilUs: number): { p50: number; max: number } {
  const waits = gaps.flatMap((gap) =>
    gap.askedUs != null && gap.askedUs < untilUs ? [(gap.askedUs - Math.max(gap.openedUs, gap.toUs ?? 0)) / 1000] : [],
  );
  const { p50, max } = percentile(waits.map((ms) => Math.max(0, ms)));
  return { p50, max };
}

/** early: the gaps as they were when an operator asked for everything. */
function marketsOf(
  early: readonly Gap[],
  gaps: readonly Gap[],
  orderedUs: number,
  ledger: string,
): Record<string, MarketRepair> {
  const enforced = enforcedIn(ledger);
  const found: Record<string, MarketRepair> = {};
  for (const market of new Set(gaps.map((gap) => `${gap.venue}:${gap.market}`))) {
    const own = gaps.filter((gap) => `${gap.venue}:${gap.market}` === market);
    const before = early.filter((gap) => `${gap.venue}:${gap.market}` === market);
    const feed = feedOf(own[0]?.venue ?? 'binance', own[0]?.market ?? 'spot');
    const estimated = feed?.history?.reachTrades !== undefined;
    const count = (state: Gap['state']): number => own.filter((gap) => gap.state === state).length;
    found[market] = {
      gaps: own.length,
      repaired: count('repaired'),
      venueHole: count('venue-hole'),
      partial: count('partial'),
      unrecoverable: count('unrecoverable'),
      unsettled: own.filter((gap) => isOpen(gap.state)).length,
      outOfOrder: estimated ? null : outOfOrder(before),
      askedAfterMs: askedAfter(before, orderedUs),
      enforced: enforced[market] ?? {},
    };
  }
  return found;
}
