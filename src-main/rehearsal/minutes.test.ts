// The minute sums are the sums of what was printed, and what the venues' candles say is read back by the feeds without a difference.
import { describe, expect, it, onTestFinished } from 'vitest';
import { unwrap } from '../../src-shared/base/result.ts';
import { feedOf } from '../feeds/index.ts';
import { get, readLedger, scratchFile, until } from './listener.fixture.ts';
import { MinuteSums } from './minutes.ts';
import { marketKeys } from './registry.ts';
import { startRehearsal } from './rehearsal.ts';
import { prefixOf } from './server.ts';
import { marketOf, venueOf } from './venue.ts';

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

/** Sum of decimal texts, in units of 10^-12. */
function units(text: string): bigint {
  const [whole = '', fraction = ''] = text.split('.');
  return BigInt(whole + fraction.padEnd(12, '0'));
}

describe('candles of the simulated venues', () => {
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
    let compared = 0;
    for (const key of marketKeys) {
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
        compared += 1;
      }
    }
    expect(compared).toBeGreaterThan(2);
  });
});
