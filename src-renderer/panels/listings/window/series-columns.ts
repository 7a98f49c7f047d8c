// Ticks of several streams as columns on one axis: seconds from the chosen clock. Ticks of one microsecond all stay, side by side.
// Pure; floats, for drawing only.
import type { Series } from '../../../../src-shared/contract/listings.ts';

export type SeriesStream = Series['streams'][number];

export interface Columns {
  /** Seconds, ascending. */
  readonly seconds: Float64Array;
  /** One column per stream; null where it has no tick. */
  readonly values: (number | null)[][];
}

/** The name under which a stream is found: instruments may be recorded on several channels. */
export function streamKey(stream: { readonly instrument: string; readonly channel?: string | undefined }): string {
  return `${stream.instrument} ${stream.channel ?? ''}`;
}

/** Streams at most; a coin has some dozens of instruments. */
const STREAMS = 256;

/** Every tick has a row of its own, in time; ticks of one moment stand side by side. shape: what is drawn of a price; null: nothing. */
export function columnsOf(
  streams: readonly Pick<SeriesStream, 'at' | 'price'>[],
  shape: (price: number, stream: number) => number | null,
): Columns {
  const drawn = streams.slice(0, STREAMS);
  const length = drawn.reduce((sum, { at }) => sum + at.length, 0);
  const earliest = drawn.reduce((least, { at }) => Math.min(least, at[0] ?? least), Number.POSITIVE_INFINITY);
  // Time and stream as one number: sorting numbers is what takes no time even for a hundred thousand of them.
  const order = new Float64Array(length);
  let place = 0;
  for (const [stream, { at }] of drawn.entries()) {
    for (const us of at) {
      order[place] = (us - earliest) * STREAMS + stream;
      place += 1;
    }
  }
  order.sort();
  const seconds = new Float64Array(length);
  const values = streams.map(() => new Array<number | null>(length).fill(null));
  const next = new Int32Array(drawn.length);
  for (let row = 0; row < length; row += 1) {
    const key = order[row] as number;
    const stream = key % STREAMS;
    seconds[row] = ((key - stream) / STREAMS + earliest) / 1e6;
    const nth = next[stream] as number;
    next[stream] = nth + 1;
    const column = values[stream];
    if (column) column[row] = shape(drawn[stream]?.price[nth] as number, stream);
  }
  return { seconds, values };
}

export interface Bars {
  /** Begin of each bar, seconds. */
  readonly seconds: number[];
  readonly volume: number[];
  readonly bought: number[];
  readonly trades: number[];
}

/** Bars of several streams added up; all of one answer have the same edges. */
export function addBars(streams: readonly Pick<SeriesStream, 'bars'>[]): Bars {
  const sums = new Map<number, [volume: number, bought: number, trades: number]>();
  for (const { bars } of streams) {
    for (const [index, us] of bars.at.entries()) {
      const sum = sums.get(us) ?? [0, 0, 0];
      sum[0] += bars.volume[index] ?? 0;
      sum[1] += bars.bought[index] ?? 0;
      sum[2] += bars.trades[index] ?? 0;
      sums.set(us, sum);
    }
  }
  const ordered = [...sums].sort(([a], [b]) => a - b);
  return {
    seconds: ordered.map(([us]) => us / 1e6),
    volume: ordered.map(([, sum]) => sum[0]),
    bought: ordered.map(([, sum]) => sum[1]),
    trades: ordered.map(([, sum]) => sum[2]),
  };
}

/** The last drawn price at or before a moment; null: none. */
export function drawnAt(stream: Pick<SeriesStream, 'at' | 'price'>, us: number): number | null {
  let [low, high] = [0, stream.at.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((stream.at[middle] as number) <= us) low = middle + 1;
    else high = middle;
  }
  return low === 0 ? null : (stream.price[low - 1] ?? null);
}
