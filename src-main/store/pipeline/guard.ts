// Marks what looks wrong without ever dropping it: a price far from the last one, clocks that disagree.

/** Bits of a tick's flags; written to disk, never reused. */
export const Flag = { priceOutlier: 1, clockSkew: 2, idReused: 4 } as const;

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
