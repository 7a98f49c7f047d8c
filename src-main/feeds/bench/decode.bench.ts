// How fast frames are decoded, and the ratio to JSON.parse of the same frames in the same run. `node src-main/feeds/bench/decode.bench.ts`
import { bybitSamples } from '../bybit/sample-frames.fixture.ts';
import { newTickCells } from '../cells.ts';
import { parseJson } from '../exact-json.ts';
import type { Feed } from '../feed.ts';
import { gateSamples, gateTriple } from '../gate/samples.fixture.ts';
import { feedOf } from '../index.ts';
import { kucoinPerpSamples, kucoinSpotSamples } from '../kucoin/samples.fixture.ts';
import { okxSamples } from '../okx/samples.fixture.ts';
import { phemexSamples, phemexSnapshot } from '../phemex/sample-frames.fixture.ts';
import { recordedFrames } from '../recorded-frames.fixture.ts';
import { binanceSamples, upbitSamples } from '../sample-frames.fixture.ts';

/** Frames of a round; fewer where a frame holds many rows. */
const FRAMES = 400_000;
const ROUNDS = 3;

/** The best round: the machine may do other things, the code cannot be faster than it is. */
function perSecond(turns: number, count: number, each: (i: number) => void): number {
  let best = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const began = performance.now();
    for (let i = 0; i < turns; i++) each(i % count);
    best = Math.max(best, (turns / (performance.now() - began)) * 1000);
  }
  return Math.round(best);
}

/** Rows of each frame. */
function rowsOf(feed: Feed | undefined, frames: readonly Buffer[]): number[] {
  return frames.map((frame) => {
    let rows = 0;
    feed?.decode(frame, { cells: newTickCells(), accept: () => void rows++, reject: () => undefined });
    return rows;
  });
}

const cases = [
  ['binance spot @trade', feedOf('binance', 'spot'), 'binance.bulk', 'spot', binanceSamples[1] ?? ''],
  ['binance perp @trade', feedOf('binance', 'perp'), 'binance.bulk', 'linear-perp', binanceSamples[8] ?? ''],
  ['binance perp @aggTrade', feedOf('binance', 'perp'), 'binance', 'linear-perp', binanceSamples[4] ?? ''],
  ['bybit spot publicTrade', feedOf('bybit', 'spot'), 'bybit', 'spot', bybitSamples[3] ?? ''],
  ['bybit linear publicTrade', feedOf('bybit', 'perp'), '', 'perp', bybitSamples[0] ?? ''],
  ['bybit linear publicTrade, 3 rows', feedOf('bybit', 'perp'), '', 'perp', bybitSamples[1] ?? ''],
  ['gate spot.trades', feedOf('gate', 'spot'), '', 'spot', gateSamples[0] ?? ''],
  ['gate futures.trades', feedOf('gate', 'perp'), '', 'perp', gateSamples[4] ?? ''],
  ['gate futures.trades, 3 rows', feedOf('gate', 'perp'), '', 'perp', gateTriple],
  ['kucoin spot match', feedOf('kucoin', 'spot'), '', 'spot', kucoinSpotSamples[0] ?? ''],
  ['kucoin spot match, 2021', feedOf('kucoin', 'spot'), 'kucoin', 'spot', kucoinSpotSamples[2] ?? ''],
  ['kucoin futures execution', feedOf('kucoin', 'perp'), '', 'perp', kucoinPerpSamples[0] ?? ''],
  ['okx trades-all', feedOf('okx', 'spot'), '', 'spot', okxSamples[0] ?? ''],
  ['okx trades', feedOf('okx', 'spot'), 'okx', 'spot', okxSamples[6] ?? ''],
  ['phemex spot trades', feedOf('phemex', 'spot'), '', 'spot', phemexSamples[0] ?? ''],
  ['phemex spot snapshot', feedOf('phemex', 'spot'), '', 'spot', phemexSnapshot('sBTCUSDT', 1000)],
  ['phemex perp trades_p', feedOf('phemex', 'perp'), '', 'perp', phemexSamples[1] ?? ''],
  ['phemex perp snapshot', feedOf('phemex', 'perp'), '', 'perp', phemexSnapshot('BTCUSDT', 1000)],
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
  const rowsEach = rowsOf(feed, frames);
  const turns = Math.ceil(FRAMES / Math.max(1, rowsEach.reduce((sum, one) => sum + one, 0) / frames.length));
  let expected = 0;
  for (let i = 0; i < turns; i++) expected += ROUNDS * (rowsEach[i % frames.length] ?? 0);
  let rows = 0;
  let rejected = 0;
  const sink = { cells: newTickCells(), accept: () => void rows++, reject: () => void rejected++ };
  const decoded = perSecond(turns, frames.length, (i) =>
    feed?.decodeAt(packed, offsets[i] ?? 0, offsets[i + 1] ?? 0, sink),
  );
  if (rows !== expected || rejected > 0) throw new Error(`${name}: ${rows} rows, ${rejected} rejected of ${expected}`);
  const jsonParse = perSecond(turns, frames.length, (i) => JSON.parse(String(frames[i])));
  const exact = perSecond(turns, frames.length, (i) => parseJson(frames[i] ?? packed));
  const bytes = Math.round(packed.length / frames.length);
  const ticksPerSecond = Math.round((decoded * rows) / (ROUNDS * turns));
  const counts = { name, frames: frames.length, bytes };
  const figures = { ...counts, ticksPerSecond, framesPerSecond: decoded, jsonParsePerSecond: jsonParse };
  const ratio = Number((decoded / jsonParse).toFixed(2));
  console.log(JSON.stringify({ ...figures, ratio, exactJsonMegabytesPerSecond: Math.round((exact * bytes) / 1e6) }));
}
