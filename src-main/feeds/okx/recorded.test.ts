// Every recorded OKX frame holds as many trades for us as it holds, with the same ids and digits, and the base quantity that its source asserts.
import { describe, expect, it } from 'vitest';
import { collectingSink } from '../collecting-sink.fixture.ts';
import { describeBaseQuantities, describeRecorded, found, type ScannedRow } from '../recorded.fixture.ts';
import { type RecordedFrame, recordedFrames, recordedInstruments } from '../recorded-frames.fixture.ts';
import { okxPerp, okxSpot } from './okx.ts';

function rows({ raw }: RecordedFrame): readonly ScannedRow[] {
  return [...raw.matchAll(/\{"instId":[^{}]*\}/g)].map(([row]) => ({
    symbol: found(row, /"instId":"([^"]+)"/),
    channel: found(raw, /"channel":"([^"]+)"/),
    id: found(row, /"tradeId":"(\d+)"/),
    price: found(row, /"px":"([^"]+)"/),
    qty: found(row, /"sz":"([^"]+)"/),
    side: found(row, /"side":"([^"]+)"/),
    eventUs: Number(found(row, /"ts":"(\d+)"/)) * 1000,
  }));
}

const feedOf = (frame: RecordedFrame) => (frame.market === 'spot' ? okxSpot : okxPerp);

describeRecorded('okx', feedOf, rows);
describeBaseQuantities(
  'okx',
  feedOf,
  [
    [okxPerp, 'OKX.0.08'],
    [okxSpot, 'OKX.0.07'],
  ],
  2,
);

describe('recorded OKX frames and lists', () => {
  const frames = recordedFrames('okx');
  const swaps = recordedInstruments('OKX.0.08');
  const spots = recordedInstruments('OKX.0.07');

  it.skipIf(frames === undefined)('ids of a stream rise, frame by frame', () => {
    const last = new Map<string, number>();
    let steps = 0;
    for (const frame of frames ?? []) {
      if (!frame.source.includes('cryptofeed')) continue;
      const sink = collectingSink();
      okxSpot.decode(Buffer.from(frame.raw), sink);
      for (const row of sink.rows) {
        expect(Number(row.id)).toBeGreaterThan(last.get(row.symbol) ?? 0);
        if (last.has(row.symbol)) steps += 1;
        last.set(row.symbol, Number(row.id));
      }
    }
    expect(steps).toBeGreaterThan(40);
  });

  it.skipIf(!spots)('reads the recorded spot list', () => {
    const list = okxSpot.instruments.parse(spots ?? Buffer.alloc(0));
    const instruments = list.ok ? list.value : [];
    expect(instruments).toHaveLength(513);
    expect(instruments[0]).toEqual({
      venue: 'okx',
      market: 'spot',
      symbol: 'BTC-USDT',
      base: 'BTC',
      quote: 'USDT',
      contractSize: '1',
      state: 'trading',
      listedUs: 1548133413000000,
    });
  });

  it.skipIf(!swaps)('reads the recorded swaps: linear ones have a contract size, inverse ones none', () => {
    const list = okxPerp.instruments.parse(swaps ?? Buffer.alloc(0));
    const instruments = list.ok ? list.value : [];
    expect(instruments).toHaveLength(166);
    expect(instruments.filter((one) => one.contractSize === null)).toHaveLength(40);
    expect(instruments.find((one) => one.symbol === 'ZRX-USDT-SWAP')).toMatchObject({
      base: 'ZRX',
      quote: 'USDT',
      contractSize: '10',
    });
    expect(instruments.find((one) => one.symbol === 'BTC-USDT-SWAP')?.contractSize).toBe('0.01');
    expect(instruments.find((one) => one.symbol === 'BTC-USD-SWAP')).toMatchObject({
      base: 'BTC',
      quote: 'USD',
      contractSize: null,
    });
  });
});
