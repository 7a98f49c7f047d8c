// The limits drill: every instrument of seven venues subscribed on two lines, on venues that enforce every limit by cutting or refusing.
//   npm run drill -- limits [--seconds N]    N: how long the whole must stand afterwards
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { MarketKey } from '../../src-main/rehearsal/venue.ts';
import type { LineState } from '../../src-shared/contract/recording.ts';
import { ask, type Running, type Status, startCommand, status, stop, until } from './processes.ts';
import type { ListedRecipe } from './recorded-lists.ts';

export interface MarketLimitsReport {
  /** Instruments in the venue's list, and those of them that no recorded list holds. */
  readonly listed: number;
  readonly madeUp: number;
  /** Symbols that each line carries: all, unless the venue does not allow so many. */
  readonly carried: readonly number[];
  /** Connections of both lines. */
  readonly connections: number;
  /** From the recorder's start until every symbol was acknowledged on every line, ms. */
  readonly fullMs: number;
  readonly reconnects: number;
  /** What the venue did about limits: connections ended or refused, requests refused. Empty is right. */
  readonly enforced: Readonly<Record<string, number>>;
}

export interface LimitsReport {
  readonly symbols: number;
  readonly connections: number;
  readonly fullMs: number;
  readonly seconds: number;
  readonly markets: Readonly<Record<string, MarketLimitsReport>>;
}

/** binance:spot:0/2 -> binance:spot and 0. Lines of notice feeds have no market. */
function placeOf(id: string): { market: string; line: number } | null {
  const found = /^([a-z]+:[a-z]+):(\d+)(?:\/\d+)?$/.exec(id);
  return found ? { market: found[1] ?? '', line: Number(found[2]) } : null;
}

interface Carried {
  readonly wanted: number[];
  connections: number;
  full: boolean;
  reconnects: number;
}

function carriedBy(lines: Status['lines']): Map<string, Carried> {
  const found = new Map<string, Carried>();
  for (const { id, state, wanted, acknowledged, reconnects } of lines) {
    const place = placeOf(id);
    if (!place || wanted === 0) continue;
    const known = found.get(place.market) ?? { wanted: [0, 0], connections: 0, full: true, reconnects: 0 };
    known.wanted[place.line] = (known.wanted[place.line] ?? 0) + wanted;
    known.connections += 1;
    known.full &&= state === 'live' && acknowledged >= wanted;
    known.reconnects += reconnects;
    found.set(place.market, known);
  }
  return found;
}

/** Venues that do not allow all of their symbols; the rest must be carried whole. */
const PARTLY: readonly string[] = ['phemex'];

function isWhole(market: string, listed: number, carried: Carried | undefined): boolean {
  if (!carried?.full) return false;
  if (PARTLY.includes(market.replace(/:.*/, ''))) return carried.wanted.every((count) => count > 0);
  // A simulated venue may list an instrument of its own beside (OKX: a suspended one).
  return carried.wanted.every((count) => count >= listed);
}

export async function limitsDrill(options: {
  listed: ListedRecipe;
  seconds: number;
  timeoutSeconds?: number;
  say?: (text: string) => void;
}): Promise<LimitsReport> {
  const say = options.say ?? (() => undefined);
  const { recipe, listed, madeUp } = options.listed;
  const markets = Object.entries(listed) as [MarketKey, number][];
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-limits-'));
  const data = join(dir, 'data');
  const ledger = join(dir, 'ledger.jsonl');
  const recipeFile = join(dir, 'recipe.json');
  writeFileSync(recipeFile, JSON.stringify(recipe));
  const venues = await startCommand(['rehearse', '--recipe', recipeFile, '--port', '0', '--ledger', ledger]);
  let host: Running | undefined;
  try {
    const settings = join(dir, 'settings.json');
    writeFileSync(settings, JSON.stringify(venues.ready.settings));
    const startedMs = performance.now();
    host = await startCommand(['record', '--data', data, '--settings', settings]);
    const fullMs = new Map<string, number>();
    const look = async (): Promise<Map<string, Carried> | undefined> => {
      const now = await status(data);
      if (!now) return undefined;
      const carried = carriedBy(now.lines);
      for (const [market, count] of markets) {
        if (!isWhole(market, count, carried.get(market))) fullMs.delete(market);
        else if (!fullMs.has(market)) {
          fullMs.set(market, Math.round(performance.now() - startedMs));
          say(`${market}: ${count} listed, ${JSON.stringify(carried.get(market))} after ${fullMs.get(market)} ms`);
        }
      }
      return carried;
    };
    try {
      await until(
        'every market is subscribed on both lines',
        look,
        () => fullMs.size === markets.length,
        (options.timeoutSeconds ?? 300) * 1000,
        50,
      );
    } catch (error) {
      const missing = markets.map(([market]) => market).filter((market) => !fullMs.has(market));
      throw new Error(`not full: ${(await notes(data, missing)).join('; ')}`, { cause: error });
    }
    const subscribedMs = Math.max(...fullMs.values());
    const first = new Map(fullMs);
    const end = performance.now() + options.seconds * 1000;
    while (performance.now() < end) {
      await delay(Math.max(1, Math.min(1000, end - performance.now())));
      await look();
    }
    const carried = await until('the lines still stand', look, () => fullMs.size === markets.length, 30_000, 50);
    await stop(venues);
    const code = await stop(host);
    if (code !== 0) throw new Error(`the recorder ended with ${code} instead of 0: ${host.errors()}`);
    const enforced = enforcedIn(ledger);
    const report = markets.map(([market, count]): [string, MarketLimitsReport] => {
      const of = carried.get(market);
      return [
        market,
        {
          listed: count,
          madeUp: madeUp[market] ?? 0,
          carried: of?.wanted ?? [],
          connections: of?.connections ?? 0,
          fullMs: first.get(market) ?? -1,
          reconnects: of?.reconnects ?? 0,
          enforced: enforced[market] ?? {},
        },
      ];
    });
    return {
      symbols: markets.reduce((sum, [, count]) => sum + count, 0),
      connections: report.reduce((sum, [, { connections }]) => sum + connections, 0),
      fullMs: subscribedMs,
      seconds: options.seconds,
      markets: Object.fromEntries(report),
    };
  } finally {
    if (host) await stop(host, 'SIGKILL');
    await stop(venues, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** How the lines of these markets are, each in a few words. */
async function notes(data: string, markets: readonly string[]): Promise<string[]> {
  const meters = await ask<{ collector: { lines: LineState[] } | null }>(data, 'system.meters');
  return (meters?.collector?.lines ?? [])
    .filter(({ id }) => markets.includes(placeOf(id)?.market ?? ''))
    .map(
      ({ id, state, acknowledged, wanted, reconnects, note }) =>
        `${id} ${state} ${acknowledged}/${wanted}, ${reconnects} reconnects, ${note ?? 'no note'}`,
    );
}

/** What the venues did to their clients, by market, from the ledger's last remark; throws where there is none. */
export function enforcedIn(ledger: string): Readonly<Record<string, Readonly<Record<string, number>>>> {
  const last = readFileSync(ledger, 'utf8')
    .trimEnd()
    .split('\n')
    .findLast((line) => line.startsWith('{"end"'));
  if (last === undefined) throw new Error('the ledger has no end: what the venues enforced is not known');
  const { enforced } = JSON.parse(last) as { enforced: Record<string, Record<string, number>> };
  return enforced;
}
