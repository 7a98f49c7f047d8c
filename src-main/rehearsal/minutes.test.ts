// The minute sums are the sums of what was printed, and what the venues' candles say is read back by the feeds without a difference.
import type { IncomingMessage } from 'node:http';
import { describe, expect, it, onTestFinished } from 'vitest';
import { fail, ok, unwrap } from '../../src-shared/base/result.ts';
import { feedOf } from '../feeds/index.ts';
import { get, readLedger, scratchFile, until } from './listener.fixture.ts';
import { SimulatedMarket } from './market.ts';
import { MinuteSums } from './minutes.ts';
import { limitsOver, parseRecipe } from './recipe.ts';
import { marketKeys, venueMarket } from './registry.ts';
import { startRehearsal } from './rehearsal.ts';
import { prefixOf } from './server.ts';
import { marketOf, venueOf } from './venue.ts';
import { World } from './world.ts';

const MINUTE_MS = 60_000;

describe('minute sums', () => {
  it('are exact over many minutes and when the clock goes back', () => {
    const sums = new MinuteSums();
    for (let i = 0; i < 3000; i += 1) sums.add(MINUTE_MS * (100 + Math.floor(i / 10)) + i, 50 + (i % 10), i);
    sums.add(MINUTE_MS * 398 + 5, 7, 1000);
    sums.add(MINUTE_MS * 399 + 5, 99, 1);
    const all = sums.between(0, Number.MAX_SAFE_INTEGER);
    expect(all).toHaveLength(300);
    expect(all[0]).toEqual({
      ms: MINUTE_MS * 100,
      trades: 10,
      lots: 45,
      openTicks: 50,
      highTicks: 59,
      lowTicks: 50,
      closeTicks: 59,
    });
    expect(all[298]).toMatchObject({ ms: MINUTE_MS * 398, trades: 11, lowTicks: 7, closeTicks: 7 });
    expect(all[299]).toMatchObject({ trades: 11, highTicks: 99 });
    expect(sums.between(MINUTE_MS * 200, MINUTE_MS * 203).map((one) => one.ms / MINUTE_MS)).toEqual([200, 201, 202]);
  });
});

/** Phemex spot's candles add up something else: it has none for us. */
const withCandles = marketKeys.filter((key) => feedOf(venueOf(key), marketOf(key))?.candles);

/** Sum of decimal texts, in units of 10^-12. */
function units(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(12, '0'));
}

describe('candles of the simulated venues', () => {
  it('are read of every market but one', () => {
    expect(withCandles).toEqual(marketKeys.filter((key) => key !== 'phemex:spot'));
  });

  it('say through each feed what the ledger says', async () => {
    const ledger = scratchFile('ledger.jsonl');
    const rehearsal = await startRehearsal({
      recipe: {
        version: 1,
        instruments: [{ base: 'BTC', price: 61837.63, ratePerSecond: 300, venues: [...marketKeys] }],
        durationSeconds: 1,
        // Printed two minutes ago by the venues' clocks, so that all minutes are closed when they are asked for.
        faults: [{ atSeconds: 0, kind: 'skew', ms: -120_000, forSeconds: 1.5 }],
      },
      ledger,
    });
    onTestFinished(() => rehearsal.close());
    await rehearsal.finished;
    await rehearsal.stopPrinting();
    const closed = (remark: Record<string, unknown>): boolean => remark.fault === 'skew' && remark.phase === 'end';
    await until(() => readLedger(ledger).remarks.some(closed));
    const { trades } = readLedger(ledger);
    const compared = new Set<string>();
    for (const key of withCandles) {
      const feed = feedOf(venueOf(key), marketOf(key));
      if (!feed?.candles) continue;
      const own = trades.filter((one) => `${one.venue}:${one.market}` === key);
      const symbol = own[0]?.symbol ?? '';
      const minutes = [...new Set(own.map((one) => Math.floor(one.eventUs / 6e7) * 6e7))];
      const request = feed.candles.request(symbol, Math.min(...minutes), Math.max(...minutes) + 6e7);
      const reply = await get(rehearsal.port, `${prefixOf(key)}${request.path}`, { ...request.headers });
      expect(reply.status, `${key} ${request.path}: ${reply.text}`).toBe(200);
      const candles = unwrap(feed.candles.parse(symbol, Buffer.from(reply.text)));
      for (const minute of minutes) {
        const rows = own.filter((one) => Math.floor(one.eventUs / 6e7) * 6e7 === minute);
        const candle = candles.find((one) => one.minuteUs === minute);
        expect(units(candle?.volume ?? '0'), key).toBe(rows.reduce((sum, one) => sum + units(one.qty), 0n));
        if (candle?.count !== null) expect(candle?.count, key).toBe(rows.length);
        compared.add(key);
      }
    }
    expect([...compared]).toEqual(withCandles);
  });
});

describe('candles of venues that were started again', () => {
  const beganMs = 30_000_000 * MINUTE_MS + 20_000;
  const wholeMs = 30_000_001 * MINUTE_MS;
  const recipe = unwrap(
    parseRecipe({
      version: 1,
      instruments: [{ base: 'BTC', price: 61837.63, ratePerSecond: 1, venues: [...marketKeys] }],
    }),
  );

  it.each(withCandles)('%s says nothing of a minute in which it was not up from beginning to end', (key) => {
    const feed = feedOf(venueOf(key), marketOf(key));
    if (!feed?.candles) return;
    const { candles } = feed;
    const venue = venueMarket(key);
    const nowMs = (): number => wholeMs + 5 * MINUTE_MS;
    const limits = venue.limits(limitsOver(recipe, venueOf(key)));
    const ask = (upSinceMs: number | undefined, fromMs: number, toMs: number) => {
      const world = new World(recipe);
      const stream = world.inMarket(key)[0];
      if (!stream) throw new Error(`${key} has no stream`);
      for (let ms = beganMs; ms < wholeMs + 2 * MINUTE_MS; ms += 10_000) stream.tape.append(ms, 100, 7, 0, false);
      const market = new SimulatedMarket({
        venue,
        world,
        limits,
        nowMs,
        ...(upSinceMs === undefined ? {} : { upSinceMs }),
      });
      const request = candles.request(stream.symbol, fromMs * 1000, toMs * 1000);
      const url = new URL(request.path, 'http://venue');
      const asked = { headers: { ...request.headers } } as IncomingMessage;
      const { status, headers = {}, body } = venue.protocol.rest(market, url.pathname, url.searchParams, asked);
      if (status !== 200)
        return fail('candles', '', { retry: feed.restTrouble(status, headers, Buffer.from(body)).failure.retry });
      const read = candles.parse(stream.symbol, Buffer.from(body));
      return read.ok
        ? ok(read.value.filter(({ minuteUs }) => minuteUs >= fromMs * 1000 && minuteUs < toMs * 1000))
        : read;
    };
    // To leave the minutes out would say that nothing was printed in them, and a part of a minute is not its sum.
    for (const fromMs of [wholeMs - MINUTE_MS, wholeMs - 3 * MINUTE_MS])
      for (const toMs of [wholeMs, wholeMs + 2 * MINUTE_MS])
        expect(ask(beganMs, fromMs, toMs)).toMatchObject({ ok: false, failure: { retry: false } });
    const minutes = unwrap(ask(beganMs, wholeMs, wholeMs + 2 * MINUTE_MS)).map(({ minuteUs }) => minuteUs / 1000);
    expect(minutes.toSorted()).toEqual([wholeMs, wholeMs + MINUTE_MS]);
    const first = unwrap(ask(undefined, wholeMs - MINUTE_MS, wholeMs));
    expect(first.map(({ minuteUs }) => minuteUs / 1000)).toEqual([wholeMs - MINUTE_MS]);
  });
});
