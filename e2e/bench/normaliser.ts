// What decoding costs beside the public normaliser of `tardis-dev`: the same frames, the same run, in turn. Both sides begin with the
// received bytes and end with normalised trades that someone takes; what they say is compared before anything is timed.
//   node e2e/bench/normaliser.ts [--runs N]
import { parseArgs } from 'node:util';
import { normalizeTrades, type Trade } from 'tardis-dev';
import { newTickCells, priceTextOf, qtyTextOf } from '../../src-main/feeds/cells.ts';
import type { Feed } from '../../src-main/feeds/feed.ts';
import { feedOf } from '../../src-main/feeds/index.ts';
import type { Market, Venue } from '../../src-shared/market/instrument.ts';
import { Side } from '../../src-shared/market/tick.ts';
import { type FrameCase, frameCases } from './normaliser-frames.ts';

/** Trades timed on each side of one run. */
const TRADES = 300_000;

interface Figures {
  readonly venue: Venue;
  readonly market: Market;
  readonly name: string;
  readonly bytesPerFrame: number;
  readonly tradesPerFrame: number;
  readonly tapedeckNsPerTrade: number;
  readonly normaliserNsPerTrade: number;
  /** Median over the runs of normaliser / tapedeck: 1 is as fast, more is faster. */
  readonly ratio: number;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

/** Frames one behind the other, as a batch of the journal holds them. */
function packed(frames: readonly Buffer[]): { bytes: Buffer; offsets: Int32Array } {
  const offsets = new Int32Array(frames.length + 1);
  frames.forEach((frame, i) => {
    offsets[i + 1] = (offsets[i] ?? 0) + frame.length;
  });
  return { bytes: Buffer.concat(frames), offsets };
}

interface Plain {
  readonly symbol: string;
  readonly side: string;
  readonly price: number;
  readonly amount: number;
  readonly ms: number;
}

const SIDES = { [Side.buy]: 'buy', [Side.sell]: 'sell', [Side.unknown]: 'unknown' } as const;

/** Our trades of the frames, in the form in which both can be compared; doubles, because that is what the other side makes. */
function ours(feed: Feed, frames: readonly Buffer[]): Plain[] {
  const found: Plain[] = [];
  const cells = newTickCells();
  const accept = (): void => {
    const { symbol, side, eventUs } = cells;
    const [price, amount] = [Number(priceTextOf(cells)), Number(qtyTextOf(cells))];
    found.push({ symbol: symbol.toUpperCase(), side: SIDES[side], price, amount, ms: Math.floor(eventUs / 1000) });
  };
  const reject = (_index: number, reason: string): never => {
    throw new Error(reason);
  };
  for (const frame of frames) feed.decode(frame, { cells, accept, reject });
  return found;
}

type Mapper = ReturnType<typeof normalizeTrades<'binance'>>;

/** Messages go the way of its own real-time stream: text, JSON.parse, canHandle, map. The local time is made once, which is in its favour. */
function normalise(mapper: Mapper, frame: Buffer, localTimestamp: Date, take: (trade: Trade) => void): void {
  const message: unknown = JSON.parse(String(frame));
  if (!mapper.canHandle(message)) return;
  for (const trade of mapper.map(message, localTimestamp) ?? []) take(trade);
}

function theirs(mapper: Mapper, frames: readonly Buffer[]): Plain[] {
  const found: Plain[] = [];
  const local = new Date();
  for (const frame of frames) {
    normalise(mapper, frame, local, ({ symbol, side, price, amount, timestamp }) => {
      found.push({ symbol: symbol.toUpperCase(), side, price, amount, ms: timestamp.valueOf() });
    });
  }
  return found;
}

/**
 * Both must have read the same trades; the order inside a frame is each side's own. The normaliser takes ns through doubles, so its ms may be
 * one off.
 */
function mustAgree(name: string, left: readonly Plain[], right: readonly Plain[], expected: number): void {
  const textOf = ({ ms, ...said }: Plain): string => JSON.stringify(said);
  const sorted = (trades: readonly Plain[]): Plain[] =>
    [...trades].sort((a, b) => {
      const [x, y] = [textOf(a), textOf(b)];
      return x < y ? -1 : x > y ? 1 : a.ms - b.ms;
    });
  const [a, b] = [sorted(left), sorted(right)];
  if (a.length !== expected || b.length !== expected)
    throw new Error(`${name}: ${a.length} and ${b.length} trades of ${expected}`);
  a.forEach((trade, i) => {
    const other = b[i];
    if (!other || textOf(trade) !== textOf(other) || Math.abs(trade.ms - other.ms) > 1)
      throw new Error(`${name}: we read ${JSON.stringify(trade)}, the normaliser ${JSON.stringify(other)}`);
  });
}

function measure(one: FrameCase, feed: Feed, runs: number): Figures {
  const frames = one.frames.map((text) => Buffer.from(text));
  const mapper = normalizeTrades(one.exchange, new Date()) as Mapper;
  const tradesPerSet = frames.length * one.tradesPerFrame;
  mustAgree(one.name, ours(feed, frames), theirs(mapper, frames), tradesPerSet);
  const { bytes, offsets } = packed(frames);
  const rounds = Math.ceil(TRADES / tradesPerSet);
  let seen = 0;
  let sum = 0;
  const cells = newTickCells();
  const sink = {
    cells,
    accept: (): void => {
      seen += 1;
      sum += cells.priceMantissa;
    },
    reject: (): void => undefined,
  };
  const take = (trade: Trade): void => {
    seen += 1;
    sum += trade.price;
  };
  const localTimestamp = new Date();
  const time = (work: () => void): number => {
    seen = 0;
    const began = performance.now();
    for (let round = 0; round < rounds; round += 1) work();
    const ns = ((performance.now() - began) * 1e6) / (rounds * tradesPerSet);
    if (seen !== rounds * tradesPerSet || Number.isNaN(sum)) throw new Error(`${one.name}: ${seen} trades taken`);
    return ns;
  };
  const decode = (): void => {
    for (let i = 0; i < frames.length; i += 1) feed.decodeAt(bytes, offsets[i] ?? 0, offsets[i + 1] ?? 0, sink);
  };
  const map = (): void => {
    for (const frame of frames) normalise(mapper, frame, localTimestamp, take);
  };
  // Both warm before the first run counts.
  time(decode);
  time(map);
  const pairs = Array.from({ length: runs }, (_, run) => {
    if (run % 2 === 0) {
      const left = time(decode);
      return [left, time(map)] as const;
    }
    const right = time(map);
    return [time(decode), right] as const;
  });
  return {
    venue: one.venue,
    market: one.market,
    name: one.name,
    bytesPerFrame: Math.round(bytes.length / frames.length),
    tradesPerFrame: one.tradesPerFrame,
    tapedeckNsPerTrade: Math.round(median(pairs.map(([left]) => left))),
    normaliserNsPerTrade: Math.round(median(pairs.map(([, right]) => right))),
    ratio: Number(median(pairs.map(([left, right]) => right / left)).toFixed(2)),
  };
}

const { values } = parseArgs({ options: { runs: { type: 'string', default: '9' } } });
const figures: Figures[] = [];
for (const one of frameCases()) {
  const feed = feedOf(one.venue, one.market);
  if (!feed) {
    console.error(`${one.name}: there is no feed for ${one.venue} ${one.market}`);
    continue;
  }
  const row = measure(one, feed, Number(values.runs));
  figures.push(row);
  console.error(
    `${row.name.padEnd(34)} ${String(row.bytesPerFrame).padStart(6)} bytes  ${String(row.tapedeckNsPerTrade).padStart(5)} ns  ${String(row.normaliserNsPerTrade).padStart(5)} ns  ratio ${row.ratio.toFixed(2)}`,
  );
}
const venues = [...new Set(figures.map(({ venue }) => venue))].map((venue) => {
  const own = figures.filter((row) => row.venue === venue).map(({ ratio }) => ratio);
  return { venue, lowestRatio: Math.min(...own) };
});
console.log(JSON.stringify({ bench: 'normaliser', against: 'tardis-dev', figures, venues }, null, 2));
