// How fast frames are decoded, and the ratio to JSON.parse of the same frames in the same run. `node src-main/feeds/bench/decode.bench.ts`
import { bybitSamples } from '../bybit/sample-frames.fixture.ts';
import { newTickCells } from '../cells.ts';
import { parseJson } from '../exact-json.ts';
import type { Feed } from '../feed.ts';
import { feedOf } from '../index.ts';
import { kucoinPerpSamples, kucoinSpotSamples } from '../kucoin/samples.fixture.ts';
import { recordedFrames } from '../recorded-frames.fixture.ts';
import { binanceSamples, upbitSamples } from '../sample-frames.fixture.ts';

const FRAMES = 400_000;
const ROUNDS = 3;

/** The best round: the machine may do other things, the code cannot be faster than it is. */
function perSecond(count: number, each: (i: number) => void): number {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    for (let i = 0; i < FRAMES; i++) each(i % count);
    best = Math.max(best, (FRAMES / (performance.now() - began)) * 1000);
  }
  return Math.round(best);
}

/** Rows that all rounds together must find. */
function rowsIn(feed: Feed | undefined, frames: readonly Buffer[]): number {
  const found = frames.map((frame) => {
    let rows = 0;
    feed?.decode(frame, { cells: newTickCells(), accept: () => void rows++, reject: () => undefined });
    return rows;
  });
  let sum = 0;
  for (let i = 0; i < FRAMES; i++) sum += found[i % found.length] ?? 0;
  return ROUNDS * sum;
}

const cases = [
  ['binance spot @trade', feedOf('binance', 'spot'), 'binance.bulk', 'spot', binanceSamples[1] ?? ''],
  ['binance perp @trade', feedOf('binance', 'perp'), 'binance.bulk', 'linear-perp', binanceSamples[8] ?? ''],
  ['binance perp @aggTrade', feedOf('binance', 'perp'), 'binance', 'linear-perp', binanceSamples[4] ?? ''],
  ['bybit spot publicTrade', feedOf('bybit', 'spot'), 'bybit', 'spot', bybitSamples[3] ?? ''],
  ['bybit linear publicTrade', feedOf('bybit', 'perp'), '', 'perp', bybitSamples[0] ?? ''],
  ['bybit linear publicTrade, 3 rows', feedOf('bybit', 'perp'), '', 'perp', bybitSamples[1] ?? ''],
  ['kucoin spot match', feedOf('kucoin', 'spot'), '', 'spot', kucoinSpotSamples[0] ?? ''],
  ['kucoin spot match, 2021', feedOf('kucoin', 'spot'), 'kucoin', 'spot', kucoinSpotSamples[2] ?? ''],
  ['kucoin futures execution', feedOf('kucoin', 'perp'), '', 'perp', kucoinPerpSamples[0] ?? ''],
  ['upbit trade, SIMPLE', feedOf('upbit', 'spot'), 'upbit', 'spot', upbitSamples[3] ?? ''],
  ['upbit trade, DEFAULT', feedOf('upbit', 'spot'), '', 'spot', upbitSamples[0] ?? ''],
] as const;

for (const [name, feed, recording, market, sample] of cases) {
  const recorded = recording === '' ? [] : (recordedFrames(recording) ?? []);
  const real = recorded.filter(
    (one) => one.kind === 'trades' && one.market === market && !one.legacy && one.transport === 'ws',
  );
  const frames = real.length > 0 ? real.map((one) => Buffer.from(one.raw)) : [Buffer.from(sample)];
  const packed = Buffer.concat(frames);
  const offsets = [0];
  for (const frame of frames) offsets.push((offsets.at(-1) ?? 0) + frame.length);
  const expected = rowsIn(feed, frames);
  let rows = 0;
  let rejected = 0;
  const sink = { cells: newTickCells(), accept: () => void rows++, reject: () => void rejected++ };
  const decoded = perSecond(frames.length, (i) => feed?.decodeAt(packed, offsets[i] ?? 0, offsets[i + 1] ?? 0, sink));
  if (rows !== expected || rejected > 0) throw new Error(`${name}: ${rows} rows, ${rejected} rejected of ${expected}`);
  const jsonParse = perSecond(frames.length, (i) => JSON.parse(String(frames[i])));
  const exact = perSecond(frames.length, (i) => parseJson(frames[i] ?? packed));
  const bytes = Math.round(packed.length / frames.length);
  const ticksPerSecond = Math.round((decoded * rows) / (ROUNDS * FRAMES));
  const counts = { name, frames: frames.length, bytes };
  const figures = { ...counts, ticksPerSecond, framesPerSecond: decoded, jsonParsePerSecond: jsonParse };
  const ratio = Number((decoded / jsonParse).toFixed(2));
  console.log(JSON.stringify({ ...figures, ratio, exactJsonMegabytesPerSecond: Math.round((exact * bytes) / 1e6) }));
}
