// The verdict drill: windows of which the ledger knows the truth, on seven venues, some on one line and some on two; what the recorder says
// of each stream is held against what was printed and what is stored.
//   npm run drill -- verdict
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { allSubscribed, ask, type Running, startCommand, status, stop, until } from './processes.ts';

const markets = [
  'binance:spot',
  'binance:perp',
  'bybit:spot',
  'bybit:perp',
  'okx:spot',
  'okx:perp',
  'kucoin:spot',
  'kucoin:perp',
  'gate:spot',
  'gate:perp',
  'phemex:spot',
  'phemex:perp',
  'upbit:spot',
] as const;
/** Recorded on one line: nobody confirms what it saw. */
const SINGLE = ['bybit', 'upbit'];
const COINS = [
  { base: 'BTC', price: 61_837.63, ratePerSecond: 20 },
  { base: 'ETH', price: 2681.62, ratePerSecond: 10 },
];
const CALM_SECONDS = 6;
const OUTAGE_SECONDS = 4;

export interface JudgedStream {
  readonly stream: string;
  readonly verdict: string;
  readonly reasons: readonly string[];
  readonly rows: number;
  /** Trades of the ledger in the window. */
  readonly printed: number;
}

export interface VerdictReport {
  /** Every line delivered all the time. */
  readonly calm: readonly JudgedStream[];
  /** All venues were away for seconds, and history was refused. */
  readonly outage: readonly JudgedStream[];
  /** The same window when history had been given and every gap had ended. */
  readonly repaired: readonly JudgedStream[];
}

interface Judgement {
  readonly streams: readonly {
    readonly venue: string;
    readonly market: string;
    readonly symbol: string;
    readonly channel?: string;
    readonly rows: number;
    readonly verdict: string;
    readonly reasons: readonly string[];
  }[];
}

interface Window {
  readonly fromUs: number;
  readonly toUs: number;
}

/** All lines of all streams of so many coins. */
function subscriptions(coins: number): number {
  return markets.reduce((sum, market) => sum + coins * (SINGLE.includes(market.split(':')[0] ?? '') ? 1 : 2), 0);
}

/** Trades printed in each window by stream, and when the outage began. */
async function printedIn(ledger: string, windows: readonly Window[]): Promise<Map<string, number>[]> {
  const counts = windows.map(() => new Map<string, number>());
  for await (const line of createInterface({ input: createReadStream(ledger) })) {
    if (!line.includes('"eventUs"')) continue;
    const trade = JSON.parse(line) as { venue: string; market: string; symbol: string; eventUs: number };
    const stream = `${trade.venue} ${trade.market} ${trade.symbol}`;
    windows.forEach((window, index) => {
      if (trade.eventUs >= window.fromUs && trade.eventUs < window.toUs)
        counts[index]?.set(stream, (counts[index]?.get(stream) ?? 0) + 1);
    });
  }
  return counts;
}

export async function verdictDrill(options: { say?: (text: string) => void } = {}): Promise<VerdictReport> {
  const say = options.say ?? (() => undefined);
  const dir = mkdtempSync(join(tmpdir(), 'tapedeck-verdict-'));
  const [data, ledger, recipe, settingsFile] = ['data', 'ledger.jsonl', 'recipe.json', 'settings.json'].map((name) =>
    join(dir, name),
  ) as [string, string, string, string];
  const outageAt = 20;
  // Judged before history is given again, also on a machine that takes twenty seconds more for it.
  const refusedFor = 45;
  writeFileSync(
    recipe,
    JSON.stringify({
      version: 1,
      seed: 41,
      // However long it takes to connect, the calm window lies before the outage.
      timesFrom: { subscriptions: subscriptions(COINS.length) },
      instruments: COINS.map((coin) => ({ ...coin, venues: markets })),
      faults: [
        { atSeconds: outageAt, kind: 'refuse', forSeconds: OUTAGE_SECONDS },
        { atSeconds: outageAt + 0.1, kind: 'cut' },
        { atSeconds: outageAt, kind: 'rest-429', forSeconds: refusedFor },
      ],
    }),
  );
  const venues = await startCommand(['rehearse', '--recipe', recipe, '--port', '0', '--ledger', ledger]);
  let host: Running | undefined;
  try {
    const settings = venues.ready.settings as { venues: Record<string, { lines: number }> };
    for (const name of SINGLE) if (settings.venues[name]) settings.venues[name].lines = 1;
    writeFileSync(settingsFile, JSON.stringify(settings));
    host = await startCommand(['record', '--data', data, '--settings', settingsFile]);
    await until('every stream is subscribed', () => status(data), allSubscribed);
    const startedMs = Number((await venues.said('times')).fromUs) / 1000;
    const calm: Window = { fromUs: (Date.now() + 500) * 1000, toUs: (Date.now() + 500 + CALM_SECONDS * 1000) * 1000 };
    if (calm.toUs / 1000 > startedMs + outageAt * 1000)
      throw new Error('the machine is too slow: the calm window would reach into the outage');
    const verdicts = async (what: string, window: Window): Promise<Judgement> =>
      until(
        `${what}: all streams are judged`,
        () => ask<Judgement>(data, 'gaps.verdict', window),
        // While the store has not read beyond the window, a verdict says so.
        ({ streams }) =>
          streams.length > 0 && !streams.some(({ reasons }) => reasons.some((one) => /not over yet/.test(one))),
        60_000,
        200,
      );
    // The lateness of the slowest venue must have passed before a window can be judged.
    const judgedAt = async (window: Window): Promise<void> => {
      await until(
        'the window is over',
        async () => Date.now() * 1000,
        (nowUs) => nowUs > window.toUs + 11_000_000,
        60_000,
        50,
      );
    };
    await judgedAt(calm);
    const calmSaid = await verdicts('calm', calm);
    say(`calm: ${calmSaid.streams.map(({ verdict }) => verdict).join(' ')}`);
    const outage: Window = {
      fromUs: (startedMs + (outageAt - 1) * 1000) * 1000,
      toUs: (startedMs + (outageAt + OUTAGE_SECONDS + 3) * 1000) * 1000,
    };
    await judgedAt(outage);
    const outageSaid = await verdicts('outage', outage);
    say(`outage: ${outageSaid.streams.map(({ verdict }) => verdict).join(' ')}`);
    // One that failed a few times under load waits for a minute or two before it is asked for again.
    await until(
      'history is given again and every gap has ended',
      async () => {
        const [now, held] = await Promise.all([
          status(data),
          ask<{ gaps: object[] }>(data, 'gaps.list', { states: ['open', 'repairing'], limit: 5 }),
        ]);
        return now && held && { open: now.gaps.open, repairing: now.gaps.repairing, left: held.gaps };
      },
      ({ open, repairing }) =>
        Date.now() > startedMs + (outageAt + refusedFor + 2) * 1000 && open === 0 && repairing === 0,
      200_000,
      200,
    );
    const repairedSaid = await verdicts('repaired', outage);
    say(`repaired: ${repairedSaid.streams.map(({ verdict }) => verdict).join(' ')}`);
    await stop(venues);
    const [inCalm, inOutage] = await printedIn(ledger, [calm, outage]);
    const judged = (said: Judgement, printed: Map<string, number> | undefined): JudgedStream[] =>
      said.streams.map(({ venue, market, symbol, rows, verdict, reasons }) => {
        const stream = `${venue} ${market} ${symbol}`;
        return { stream, verdict, reasons, rows, printed: printed?.get(stream) ?? 0 };
      });
    return {
      calm: judged(calmSaid, inCalm),
      outage: judged(outageSaid, inOutage),
      repaired: judged(repairedSaid, inOutage),
    };
  } finally {
    if (host) await stop(host, 'SIGTERM');
    await stop(venues, 'SIGKILL');
    rmSync(dir, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** What is wrong with a verdict when the ledger knows the truth: more was claimed than is so, or a loss was not told. */
export function wrongVerdicts(streams: readonly JudgedStream[]): string[] {
  return streams.flatMap(({ stream, verdict, rows, printed, reasons }) => {
    const words = `${stream}: ${verdict}, ${rows} of ${printed} printed (${reasons.join('; ')})`;
    if (verdict === 'incomplete') return [];
    return rows === printed ? [] : [words];
  });
}
