// Ticks of several streams as columns on one axis: seconds from the chosen clock. Ticks at one microsecond all stay: their second is repeated.
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

/** shape: what is drawn of a price; null: nothing. */
export function columnsOf(
  streams: readonly Pick<SeriesStream, 'at' | 'price'>[],
  shape: (price: number, stream: number) => number | null,
): Columns {
  // How often a time is there: as often as the stream that has it most often.
  const counts = new Map<number, number>();
  for (const { at } of streams) {
    for (let index = 0; index < at.length; ) {
      const us = at[index] as number;
      let same = 1;
      while (at[index + same] === us) same += 1;
      if ((counts.get(us) ?? 0) < same) counts.set(us, same);
      index += same;
    }
  }
  const times = Float64Array.from(counts.keys()).sort();
  const places = new Map<number, number>();
  let length = 0;
  for (const us of times) {
    places.set(us, length);
    length += counts.get(us) ?? 1;
  }
  const seconds = new Float64Array(length);
  for (const us of times) {
    const place = places.get(us) ?? 0;
    seconds.fill(us / 1e6, place, place + (counts.get(us) ?? 1));
  }
  const values = streams.map(({ at, price }, stream) => {
    const column = new Array<number | null>(length).fill(null);
    let earlier = Number.NaN;
    let nth = 0;
    for (let index = 0; index < at.length; index += 1) {
      const us = at[index] as number;
      nth = us === earlier ? nth + 1 : 0;
      earlier = us;
      column[(places.get(us) ?? 0) + nth] = shape(price[index] as number, stream);
    }
    return column;
  });
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
