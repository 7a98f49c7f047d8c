// Venues that are started again on a folder have their past: every trade that a client was ever told of, whenever they were killed, and nothing else.
import { appendFileSync, cpSync, readdirSync, rmSync, statSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connect, get, readLedger, scratchFile, spotUrl, until, upbitUrl } from './listener.fixture.ts';
import type { RecipeInput } from './recipe.ts';
import { type Rehearsal, startRehearsal } from './rehearsal.ts';

/** All of these get a client: the venues trade again without waiting for more. */
const two: RecipeInput['instruments'] = [
  { base: 'BTC', price: 61837.63, ratePerSecond: 400, venues: ['binance:spot'] },
  { base: 'XRP', price: 0.5931, ratePerSecond: 300, venues: ['upbit:spot'] },
];
const recipe: RecipeInput = {
  version: 1,
  instruments: [
    { base: 'BTC', price: 61837.63, ratePerSecond: 400, venues: ['binance:spot', 'binance:perp', 'gate:spot'] },
    { base: 'XRP', price: 0.5931, ratePerSecond: 300, venues: ['upbit:spot', 'kucoin:spot', 'bybit:spot'] },
  ],
};

function folder(): string {
  return join(dirname(scratchFile('past')), 'past');
}

async function begin(past: string, more: Partial<RecipeInput> = {}, ledger: string | null = null): Promise<Rehearsal> {
  const rehearsal = await startRehearsal({ recipe: { ...recipe, ...more }, past, ledger, ids: 'clock' });
  onTestFinished(() => rehearsal.close());
  return rehearsal;
}

interface Told {
  readonly id: string;
  readonly price: string;
  readonly ms: number;
}

/** Trades of Binance BTCUSDT from an id on, page by page as a client asks for them. */
async function history(port: number, fromId: number, count: number): Promise<Told[]> {
  const found: Told[] = [];
  while (found.length < count) {
    const at = Number(found.at(-1)?.id ?? fromId - 1) + 1;
    const { text } = await get(port, `/binance-spot/api/v3/historicalTrades?symbol=BTCUSDT&fromId=${at}&limit=1000`);
    const page = (JSON.parse(text) as { id: number; price: string; time: number }[]).map(({ id, price, time }) => ({
      id: String(id),
      price,
      ms: time,
    }));
    if (page.length === 0) break;
    found.push(...page);
  }
  return found.slice(0, count);
}

/** What a listener was sent of Binance BTCUSDT. */
function told(texts: readonly string[]): Told[] {
  return texts.flatMap((text) => {
    const { t, p, T } = JSON.parse(text) as { t?: number; p?: string; T?: number };
    return t === undefined || p === undefined || T === undefined ? [] : [{ id: String(t), price: p, ms: T }];
  });
}

async function listen(port: number): Promise<{ texts: readonly string[] }> {
  const listener = await connect(spotUrl(port));
  listener.send({ method: 'SUBSCRIBE', params: ['btcusdt@trade'], id: 1 });
  return listener;
}

describe('simulated venues that are started again on a folder', () => {
  it('answer for what they printed before, go on with their ids, and printed nothing while they were away', async () => {
    const past = folder();
    const ledger = scratchFile('ledger.jsonl');
    const first = await begin(past, { instruments: two }, ledger);
    await until(() => first.printed() > 2000);
    await first.close();
    const { trades } = readLedger(ledger);
    const btc = trades.filter((trade) => trade.venue === 'binance' && trade.market === 'spot');
    const endedMs = Date.now();

    const second = await begin(past, { instruments: two });
    expect(second.past).toEqual({ trades: trades.length, trouble: null });
    const before = await history(second.port, Number(btc[0]?.id), btc.length);
    expect(before.map(({ id, price }) => [id, price])).toEqual(btc.map(({ id, price }) => [id, price]));
    // Nobody is told of anything new before a client is there.
    expect(second.printed()).toBe(0);
    const listener = await listen(second.port);
    const upbit = await connect(upbitUrl(second.port));
    upbit.send([{ ticket: 'x' }, { type: 'trade', codes: ['KRW-XRP'], is_only_realtime: true }]);
    await until(() => told(listener.texts).length > 0, 30_000);
    const [next] = told(listener.texts);
    const after = await history(second.port, Number(btc.at(-1)?.id) + 1, Number(next?.id) - Number(btc.at(-1)?.id));
    expect(after.map(({ id }) => Number(id))).toEqual(after.map((_, n) => Number(btc.at(-1)?.id) + 1 + n));
    expect(after.every(({ ms }) => ms >= endedMs)).toBe(true);
    const xrp = trades.filter((trade) => trade.venue === 'upbit').slice(-5);
    const { text } = await get(
      second.port,
      `/upbit-spot/v1/trades/ticks?market=KRW-XRP&count=500&cursor=${endedMs}0000`,
    );
    const ticks = (text.match(/"sequential_id":\d+/g) ?? []).map((one) => one.slice('"sequential_id":'.length));
    expect(ticks.slice(0, 5)).toEqual(xrp.map(({ id }) => id).reverse());
  }, 60_000);

  it('know after a kill at any moment every trade that a client was sent', async () => {
    const past = folder();
    const first = await begin(past);
    const listener = await listen(first.port);
    const upbit = await connect(upbitUrl(first.port));
    upbit.send([{ ticket: 'x' }, { type: 'trade', codes: ['KRW-XRP'], is_only_realtime: true }]);
    await until(() => told(listener.texts).length > 300 && upbit.texts.length > 100);
    // What a killed process leaves is what lies in its files at that moment.
    const sent = told(listener.texts);
    const left = folder();
    cpSync(past, left, { recursive: true });
    await first.close();
    const second = await begin(left);
    expect(await history(second.port, Number(sent[0]?.id), sent.length)).toEqual(sent);
  }, 60_000);

  it('take a row that was half written for one that nobody was sent', async () => {
    const past = folder();
    const first = await begin(past);
    await until(() => first.printed() > 500);
    await first.close();
    const [file = ''] = readdirSync(past).map((name) => join(past, name));
    // Without its end, and cut within a row.
    truncateSync(file, statSync(file).size - 24 - 10);
    const second = await begin(past);
    const whole = second.past?.trades ?? 0;
    expect(whole).toBe(first.printed() - 1);
    await second.close();
    // The file with the cut row and the one after it are one past.
    const third = await begin(past);
    expect(third.past).toEqual({ trades: whole, trouble: null });
  }, 60_000);

  it('keep a bounded number of trades; of what is gone candles are refused, not denied', async () => {
    const past = folder();
    const small = { historyTrades: 10_000 };
    const first = await begin(past, small);
    const listener = await listen(first.port);
    await until(() => first.printed() > 30_000, 60_000);
    await first.close();
    const sent = told(listener.texts);
    const bytes = readdirSync(past).reduce((sum, name) => sum + statSync(join(past, name)).size, 0);
    expect(bytes).toBeLessThan(14_000 * 24);
    const second = await begin(past, small);
    expect(second.past?.trades).toBeGreaterThan(9_000);
    const newest = sent.slice(-1000);
    expect(await history(second.port, Number(newest[0]?.id), newest.length)).toEqual(newest);
    // From an id that is gone on: what is left, as a venue does that prunes.
    const [oldest] = await history(second.port, Number(sent[0]?.id), 1);
    expect(Number(oldest?.id)).toBeGreaterThan(Number(sent[0]?.id));
    const minuteMs = Math.floor((oldest?.ms ?? 0) / 60_000) * 60_000;
    const candles = await get(
      second.port,
      `/binance-spot/api/v3/klines?symbol=BTCUSDT&interval=1m&startTime=${minuteMs}&limit=5`,
    );
    expect(candles).toMatchObject({ status: 400, text: expect.stringContaining('No candles before') });
  }, 90_000);

  it('begin anew where the files are not of these venues', async () => {
    const past = folder();
    const first = await begin(past);
    const listener = await listen(first.port);
    await until(() => told(listener.texts).length > 10);
    await first.close();
    const [begun] = told(listener.texts);
    // Another price means other digits: the rows cannot be read as these venues would write them.
    const instruments: RecipeInput['instruments'] = [
      { base: 'BTC', price: 0.5, ratePerSecond: 400, venues: ['binance:spot', 'binance:perp', 'gate:spot'] },
    ];
    const second = await begin(past, { instruments });
    expect(second.past).toEqual({ trades: 0, trouble: null });
    await until(() => second.printed() > 100);
    const [oldest] = await history(second.port, 1, 1);
    expect(Number(oldest?.id)).toBeGreaterThan(Number(begun?.id) + first.printed());
    await second.close();
    for (const name of readdirSync(past)) rmSync(join(past, name));
    appendFileSync(join(past, 'past-0000000007'), 'no head');
    expect((await begin(past)).past).toEqual({ trades: 0, trouble: null });
  }, 60_000);
});
