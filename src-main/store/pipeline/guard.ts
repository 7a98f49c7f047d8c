// Marks what looks wrong without ever dropping it: a price far from the last one, clocks that disagree.

/** Bits of a tick's flags; written to disk, never reused. */
export const Flag = { priceOutlier: 1, clockSkew: 2, idReused: 4 } as const;

/** Above the flags: how many market ids beyond its own a row stands for (OKX `count`, Gate `range`), so that counting ids needs no column of its own. */
export const MORE_IDS_SHIFT = 8;
const MOST_MORE_IDS = 2 ** 23 - 1;

/** first..id: the ids of the row; first below 0, or beyond id: it stands for one. */
export function moreIds(first: number, id: number): number {
  if (first < 0 || first >= id) return 0;
  return Math.min(id - first, MOST_MORE_IDS) << MORE_IDS_SHIFT;
}

/** A price over ten times, or under a tenth of, the last of its stream. */
const OUTLIER_FACTOR = 10;
/** Event time and receive time of a live tick further apart than this, either way. */
const SKEW_US = 10_000_000;

/** price and last are floats for comparing only; last 0: none yet. */
export function guard(price: number, last: number, eventUs: number, recvUs: number, live: boolean): number {
  let flags = 0;
  if (last > 0 && (price > last * OUTLIER_FACTOR || price * OUTLIER_FACTOR < last)) flags |= Flag.priceOutlier;
  if (live && (eventUs - recvUs > SKEW_US || recvUs - eventUs > SKEW_US)) flags |= Flag.clockSkew;
  return flags;
}
