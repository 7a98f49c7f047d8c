// The window's buckets as columns on one clock: seconds from t0, each stream as percent of its first price or as price.
import type { RequestInput } from '../../../src-shared/contract/index.ts';
import type { WindowPicture } from '../../../src-shared/contract/listings.ts';
import { type Gap, missingStates } from '../../../src-shared/market/gap.ts';

/** How many buckets a window is drawn in. */
export const PICTURE_BUCKETS = 400;

/** More than the streams of one coin can have in a window; what the contract allows. */
const MOST_GAPS = 100_000;

export type PictureStream = WindowPicture['streams'][number];
export type PictureScale = 'percent' | 'price';

export interface AlignedPicture {
  /** Seconds from t0, ascending. */
  readonly seconds: number[];
  /** One column per stream; null where nothing traded. */
  readonly columns: (number | null)[][];
  /** Trades of the shown streams per bucket. */
  readonly trades: number[];
}

/**
 * What percent is measured from: the first price in the window. Not the price at t0: a venue may print its time of
 * publication in whole seconds, and what moved just before it must stay visible. Null without any trade.
 */
export function referencePrice(stream: PictureStream): number | null {
  return stream.buckets[0]?.open ?? null;
}

/** Largest move away from the window's first price, in percent with its sign; null without a trade. */
export function largestMove(stream: PictureStream): number | null {
  const reference = referencePrice(stream);
  if (!reference) return null;
  let move: number | null = null;
  for (const bucket of stream.buckets) {
    for (const price of [bucket.high, bucket.low]) {
      const change = (price / reference - 1) * 100;
      if (move === null || Math.abs(change) > Math.abs(move)) move = change;
    }
  }
  return move;
}

export function alignPicture(
  picture: WindowPicture,
  scale: PictureScale,
  hidden: ReadonlySet<string> = new Set(),
): AlignedPicture {
  const times = new Set<number>();
  for (const stream of picture.streams) for (const bucket of stream.buckets) times.add(bucket.us);
  const ordered = [...times].sort((a, b) => a - b);
  const index = new Map(ordered.map((us, at) => [us, at]));
  const trades = new Array<number>(ordered.length).fill(0);
  const columns = picture.streams.map((stream) => {
    const column = new Array<number | null>(ordered.length).fill(null);
    const reference = referencePrice(stream);
    for (const bucket of stream.buckets) {
      const at = index.get(bucket.us);
      if (at === undefined) continue;
      column[at] = scale === 'price' ? bucket.close : reference ? (bucket.close / reference - 1) * 100 : null;
      if (!hidden.has(stream.instrument)) trades[at] = (trades[at] ?? 0) + bucket.ticks;
    }
    return column;
  });
  return { seconds: ordered.map((us) => (us - picture.atUs) / 1e6), columns, trades };
}

/** A stretch of the window that a stream is known to lack, seconds from t0. */
export interface Hole {
  readonly instrument: string;
  readonly from: number;
  readonly to: number;
}

/** True when the gap is of this stream, by the venue's own names: they cannot be told from the coin and its quote. */
function isGapOf(gap: Gap, stream: PictureStream): boolean {
  return (
    gap.venue === stream.venue &&
    gap.market === stream.market &&
    gap.symbol === stream.symbol &&
    gap.channel === stream.channel
  );
}

/** The gaps to ask for: a busy window has more of them, of other coins, than one answer holds. */
export function gapsOf(
  streams: readonly Pick<Gap, 'venue' | 'market' | 'symbol'>[],
  { fromUs, toUs }: WindowPicture['window'],
): RequestInput<'gaps.list'> {
  return {
    streams: streams.map(({ venue, market, symbol }) => ({ venue, market, symbol })),
    fromUs,
    toUs,
    limit: MOST_GAPS,
  };
}

export function isMissing({ state }: Pick<Gap, 'state'>): boolean {
  return missingStates.some((one) => one === state);
}

/** What is missing of the shown streams, cut to the window. */
export function holesOf(picture: WindowPicture, gaps: readonly Gap[]): Hole[] {
  const { fromUs, toUs } = picture.window;
  return picture.streams.flatMap((stream) =>
    gaps
      .filter((gap) => isMissing(gap) && isGapOf(gap, stream))
      .map((gap) => ({ from: Math.max(gap.fromUs, fromUs), to: Math.min(gap.toUs ?? toUs, toUs) }))
      .filter((hole) => hole.to > hole.from)
      .map((hole) => ({
        instrument: stream.instrument,
        from: (hole.from - picture.atUs) / 1e6,
        to: (hole.to - picture.atUs) / 1e6,
      })),
  );
}

/** Streams that share an axis in price scale: all dollars are one. */
export function priceGroup(quote: string): string {
  return ['USDT', 'USDC', 'USD', 'FDUSD', 'BUSD'].includes(quote) ? 'USD' : quote;
}

/** "binance:perp:SOL-USDT" as the parts that people read. */
export function instrumentParts(instrument: string): { market: string; pair: string } {
  const [, market = '', ...pair] = instrument.split(':');
  return { market, pair: pair.join(':') };
}
