// Every recorded Binance and Upbit frame holds as many trades for us as it holds, with the same ids and digits.
import { describe, expect, it } from 'vitest';
import { binancePerp, binanceSpot } from './binance/binance.ts';
import { collectingSink } from './collecting-sink.fixture.ts';
import type { Feed } from './feed.ts';
import { feedOf } from './index.ts';
import { describeBaseQuantities, describeRecorded, found, type ScannedRow } from './recorded.fixture.ts';
import { type RecordedFrame, recordedFrames } from './recorded-frames.fixture.ts';

function binanceRows({ raw }: RecordedFrame): readonly ScannedRow[] {
  const row = {
    symbol: found(raw, /"s":"([^"]+)"/),
    channel: raw.includes('"aggTrade"') ? 'aggTrade' : 'trade',
    id: found(raw, /"[ta]":(\d+)/),
    price: found(raw, /"p":"([^"]+)"/),
    qty: found(raw, /"q":"([^"]+)"/),
    side: found(raw, /"m":(true|false)/) === 'true' ? 'sell' : 'buy',
    eventUs: Number(found(raw, /"T":(\d+)/)) * 1000,
  };
  return [row];
}

function upbitRows({ raw }: RecordedFrame): readonly ScannedRow[] {
  const row = {
    symbol: found(raw, /"cd":"([^"]+)"/),
    id: found(raw, /"sid":(\d+)/),
    price: found(raw, /"tp":([\d.]+)/),
    qty: found(raw, /"tv":([\d.]+)/),
    side: found(raw, /"ab":"(\w+)"/) === 'ASK' ? 'sell' : 'buy',
    eventUs: Number(found(raw, /"ttms":(\d+)/)) * 1000,
  };
  return [row];
}

const binanceFeed = (frame: RecordedFrame): Feed => (frame.market === 'spot' ? binanceSpot : binancePerp);

/** BTC/USDT is BTCUSDT, BTCUSDT_210625 or BTCUSD_PERP at Binance and USDT-BTC at Upbit. */
const binance = {
  others: ['other'],
  isPair: (pair: string, symbol: string) => symbol.replace(/_.*$/, '') === pair.replace('/', ''),
} as const;
const upbit = {
  others: ['other'],
  binary: true,
  isPair: (pair: string, symbol: string) => symbol === pair.split('/').reverse().join('-'),
} as const;

describeRecorded('binance', binanceFeed, binanceRows, binance);
describeBaseQuantities(
  'binance',
  binanceFeed,
  [
    [binanceSpot, 'BINANCE.0.01'],
    [binancePerp, 'BINANCE_FUTURES.0.02'],
  ],
  2,
);
describeRecorded('binance.bulk', binanceFeed, binanceRows, binance);
describeRecorded('upbit', () => feedOf('upbit', 'spot'), upbitRows, upbit);

describe('the recorded bulk days', () => {
  const frames = recordedFrames('binance.bulk');
  it.skipIf(frames === undefined)('have contiguous ids in each stream', () => {
    const next = new Map<string, number>();
    const jumps: string[] = [];
    for (const frame of frames ?? []) {
      const feed = feedOf('binance', frame.market === 'spot' ? 'spot' : 'perp');
      const sink = collectingSink();
      feed?.decode(Buffer.from(frame.raw), sink);
      for (const row of sink.rows) {
        const stream = `${frame.market} ${row.symbol}`;
        const expected = next.get(stream) ?? Number(row.id);
        if (Number(row.id) !== expected) jumps.push(`${stream}: ${expected} expected, ${row.id} came`);
        next.set(stream, Number(row.id) + 1);
      }
    }
    expect(jumps).toEqual([]);
    expect(next.size).toBeGreaterThan(1);
  });
});
