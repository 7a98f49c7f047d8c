// The reconcile drill: one trade is taken out of the store of every stream behind its back. One comparison with the venues' candles finds each,
// and history brings them back.
//   npm run drill -- reconcile [--streams N]    on every venue that has candles
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import Database from 'better-sqlite3';
import { feedOf } from '../../src-main/feeds/index.ts';
import { type MarketKey, marketOf, venueOf } from '../../src-main/rehearsal/venue.ts';
import type { Reconciled } from '../../src-shared/contract/gaps.ts';
import type { Gap } from '../../src-shared/market/gap.ts';
import { type Audit, audit } from './audit.ts';
import { allSubscribed, ask, type Running, runCommand, startCommand, status, stop, until } from './processes.ts';

export interface MarketReconcile {
  readonly streams: number;
  /** Minutes found equal by themselves before anything was taken. */
  readonly equalBefore: number;
  readonly differingBefore: number;
  /** Streams that one trade was taken from, those of them that the comparison named, and those that were whole again afterwards. */
  readonly taken: number;
  readonly found: number;
  readonly mended: number;
  /** Streams whose trade was back before the comparison: the repair of the recorder's own stop had brought it. */
  readonly back: number;
}

export interface ReconcileReport {
  readonly streams: number;
  /** From asking until the comparison had ended, and until every gap of it had ended, ms. */
  readonly comparedMs: number;
  readonly mendedMs: number;
  /** Minutes in the end, by the command `reconcile`. */
  readonly after: { readonly equal: number; readonly differing: number };
  readonly markets: Readonly<Record<string, MarketReconcile>>;
  readonly audit: Audit;
}

const MINUTE_US = 60_000_000;
const DAY_US = 1440 * MINUTE_US;
/** The recorder's stop is itself a gap: the minute that is spoilt lies clear of it. */
const CLEAR_US = 3_000_000;

interface Taken {
  readonly market: string;
  readonly symbol: string;
  readonly minuteUs: number;
}

const nameOf = ({ venue, market }: { venue: string; market: string }): string => `${venue}:${market}`;

export async function reconcileDrill(options: {
  /** Streams of each market. */
  streams: number;
  markets: readonly MarketKey[];
  keep?: boolean;
  say?: (text: string) => void;
}): Promise<ReconcileReport> {
  const say = options.say ?? (() => undefined);
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-reconcile-'));
  const data = join(dir, 'data');
  const ledger = join(dir, 'ledger.jsonl');
  const recipe = join(dir, 'recipe.json');
  writeFileSync(recipe, JSON.stringify({ version: 1, seed: 5, instruments: instrumentsOf(options) }));
  const venues = await startCommand(['rehearse', '--recipe', recipe, '--port', '0', '--ledger', ledger]);
  let host: Running | undefined;
  try {
    const settings = join(dir, 'settings.json');
    writeFileSync(settings, JSON.stringify(venues.ready.settings));
    const record = ['record', '--data', data, '--settings', settings];
    host = await startCommand(record);
    await until('every stream is subscribed', () => status(data), allSubscribed, 60_000);
    const fromUs = Date.now() * 1000;
    const figures = async (): Promise<Reconciled[] | undefined> =>
      (await ask<{ streams: Reconciled[] }>(data, 'gaps.reconciled'))?.streams;
    say('waiting for the first whole minute to be compared');
    const compared = options.markets.filter((market) => feedOf(venueOf(market), marketOf(market))?.candles);
    // A market that is compared by its newest page of trades has no candle that a trade older than that page could be missing from.
    const withCandles = async (): Promise<Reconciled[] | undefined> =>
      (await figures())?.filter(({ venue, market }) => feedOf(venue, market)?.candles);
    const before = await until(
      'a minute of every stream equals its candle',
      withCandles,
      (all) =>
        compared.every((market) => all.some((one) => nameOf(one) === market)) && all.every((one) => one.equal > 0),
      240_000,
      200,
    );
    const equalUs = Math.min(...before.map((one) => one.lastUs ?? 0));
    await until(
      'the recorder is past that minute',
      async () => Date.now() * 1000,
      (now) => now > equalUs + CLEAR_US,
      60_000,
    );
    const clean = await stop(host);
    if (clean !== 0) throw new Error(`the recorder ended with ${clean} instead of 0: ${host.errors()}`);
    const taken = await takeOneEach(data, equalUs, new Set(before.map(nameOf)));
    say(`${taken.length} trades taken out of the store, one of each stream`);
    host = await startCommand(record);
    const startMs = performance.now();
    // At once: the repair of the stop itself asks for the newest trades, which may bring back what was taken.
    const day = Date.parse(new Date(equalUs / 1000 - 60_000).toISOString().slice(0, 10)) * 1000;
    const { jobId } = await until<{ jobId: string }>(
      'the comparison is taken',
      () => ask(data, 'gaps.reconcile', { fromUs: day, toUs: day + DAY_US }),
      (taken) => taken.jobId !== '',
    );
    await until<{ state: string }>(
      'the comparison has ended',
      () => ask(data, 'gaps.reconcile-status', { jobId }),
      ({ state }) => state === 'done',
      60_000,
    );
    const comparedMs = performance.now() - startMs;
    const volume = async (): Promise<Gap[] | undefined> =>
      (await ask<{ gaps: Gap[] }>(data, 'gaps.list', { limit: 100_000 }))?.gaps.filter((gap) => gap.cause === 'volume');
    const foundGaps = (await volume()) ?? [];
    say(`${foundGaps.length} minutes differ, found within ${Math.round(comparedMs)} ms`);
    const gaps = await until(
      'every minute that differed has ended',
      volume,
      (all) => all.length >= foundGaps.length && all.every(({ state }) => state !== 'open' && state !== 'repairing'),
      120_000,
      200,
    ).catch(async (error: unknown) => {
      say(String(error).slice(0, 1000));
      return (await volume()) ?? [];
    });
    const mendedMs = performance.now() - startMs;
    await until(
      'repair has ended',
      () => status(data),
      ({ gaps: { open, repairing } }) => open === 0 && repairing === 0,
      60_000,
    );
    // Once more, as an operator asks: what was mended is equal now.
    const date = new Date(day / 1000).toISOString().slice(0, 10);
    const asked = await runCommand(['reconcile', '--data', data, '--date', date, '--json']);
    if (!asked.stdout.startsWith('{')) throw new Error(`reconcile ended with ${asked.code}: ${asked.stderr}`);
    const after = JSON.parse(asked.stdout) as { equal: number; differing: number };
    const toUs = (Date.now() - 3000) * 1000;
    await until(
      'the store has all',
      () => status(data),
      ({ store }) => store.lagMs < 1500,
      60_000,
      100,
    );
    await stop(venues);
    const code = await stop(host);
    if (code !== 0) throw new Error(`the recorder ended with ${code} instead of 0: ${host.errors()}`);
    const found: Record<string, MarketReconcile> = {};
    for (const market of new Set(before.map(nameOf))) {
      const own = taken.filter((one) => one.market === market);
      const isGapOf =
        (one: Taken) =>
        (gap: Gap): boolean =>
          nameOf(gap) === one.market && gap.symbol === one.symbol && gap.fromUs === one.minuteUs;
      const streams = before.filter((one) => nameOf(one) === market);
      found[market] = {
        streams: streams.length,
        equalBefore: streams.reduce((sum, one) => sum + one.equal, 0),
        differingBefore: streams.reduce((sum, one) => sum + one.differing, 0),
        taken: own.length,
        found: own.filter((one) => foundGaps.some(isGapOf(one))).length,
        back: own.filter((one) => !foundGaps.some(isGapOf(one)) && !gaps.some(isGapOf(one))).length,
        mended: own.filter((one) => gaps.find(isGapOf(one))?.state === 'repaired').length,
      };
    }
    return {
      streams: before.length,
      comparedMs: Math.round(comparedMs),
      mendedMs: Math.round(mendedMs),
      after: { equal: after.equal, differing: after.differing },
      markets: found,
      audit: await audit(data, ledger, { fromUs, toUs }),
    };
  } finally {
    if (host) await stop(host, 'SIGKILL');
    await stop(venues, 'SIGKILL');
    if (options.keep) say(`kept: ${dir}`);
    else rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/**
 * Quiet streams, so that the page of a venue that gives no other reaches the minute. Phemex's are busy: it sends its newest thousand trades on
 * every subscription, which would bring a taken trade back before anyone compares.
 */
function instrumentsOf({ streams, markets }: { streams: number; markets: readonly string[] }): unknown[] {
  return markets.flatMap((market) =>
    Array.from({ length: streams }, (_, n) => ({
      base: `${market
        .replace(/[^a-z]/g, '')
        .toUpperCase()
        .slice(0, 9)}${n}`,
      venues: [market],
      price: 3 + n * 100,
      ratePerSecond: market.startsWith('phemex') ? 30 : 0.35,
    })),
  );
}

/** Deletes one row of each stream from the last minute that was found equal, behind the recorder's back. */
async function takeOneEach(data: string, beforeUs: number, markets: ReadonlySet<string>): Promise<Taken[]> {
  const catalog = new Database(join(data, 'catalog.sqlite'), { readonly: true });
  const streams = new Map(
    (catalog.prepare('SELECT no, venue, market, symbol FROM stream').all() as StreamRow[]).map((row) => [row.no, row]),
  );
  catalog.close();
  const instance = await DuckDBInstance.create(join(data, 'warehouse/hot.duckdb'));
  const db = await instance.connect();
  try {
    const minuteUs = beforeUs - MINUTE_US;
    // Where the venue gives no candles nobody could find it.
    const numbers = [...streams.values()].filter((row) => markets.has(nameOf(row))).map((row) => row.no);
    const chosen = `SELECT stream, arg_min(rowid, event_us) AS place FROM tick WHERE stream IN (${numbers.join(', ')}) AND event_us >= ${minuteUs} AND event_us < ${beforeUs} GROUP BY stream`;
    const rows = (await (await db.run(`SELECT stream FROM (${chosen}) ORDER BY stream`)).getRows()) as [number][];
    await db.run(`DELETE FROM tick WHERE rowid IN (SELECT place FROM (${chosen}))`);
    await db.run('CHECKPOINT');
    return rows.flatMap(([no]) => {
      const stream = streams.get(no);
      return stream ? [{ market: nameOf(stream), symbol: stream.symbol, minuteUs }] : [];
    });
  } finally {
    db.closeSync();
    instance.closeSync();
  }
}

interface StreamRow {
  readonly no: number;
  readonly venue: string;
  readonly market: string;
  readonly symbol: string;
}
