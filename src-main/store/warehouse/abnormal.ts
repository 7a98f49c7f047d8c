// When a stream began to behave unlike the minutes before: its first abnormal tick. Pure.
// Promises: measured against the stream's own past by robust figures, so that neither one wild print nor a coarse price step moves the measure;
// too little of a past says nothing rather than something.
import { SECOND_US, type Us, type Window } from '../../../src-shared/base/time.ts';

/** The past that a window is compared with: so long before it. */
export const PAST_US = 300 * SECOND_US;
/** Robust deviations that are no longer chance. */
const DEVIATIONS = 8;
/** The median of absolute deviations times this is the standard deviation of a normal spread. */
const TO_DEVIATION = 1.4826;
/** Seconds with trades that a past must have. */
const LEAST_SECONDS = 20;
/** Moves per root second are never taken for smaller than this (1 basis point), nor than half the stream's own price step. */
const LEAST_MOVE = 1e-4;
/** Trades in a second that are worth a word. */
const LEAST_TRADES = 10;

/** One second of the past that had trades. */
export interface PastSecond {
  /** Begin, whole second. */
  readonly us: Us;
  /** Last price; floats, for comparing only. */
  readonly price: number;
  /** Moments at which it traded: fills of one order at one time are one. */
  readonly moments: number;
}

/** What was printed at one moment. */
export interface Moment {
  readonly us: Us;
  readonly low: number;
  readonly high: number;
}

export interface Abnormal {
  readonly us: Us;
  readonly why: 'price' | 'rate';
  readonly reason: string;
}

function quantile(sorted: readonly number[], part: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

const ascending = (a: number, b: number): number => a - b;

/** How far prices go in a second, per root second of elapsed time: what is beyond is no longer chance. null: too little is known. */
function usualMove(past: readonly PastSecond[]): number | null {
  const moves: number[] = [];
  let step = Number.POSITIVE_INFINITY;
  for (let at = 1; at < past.length; at += 1) {
    const [a, b] = [past[at - 1] as PastSecond, past[at] as PastSecond];
    const move = Math.abs(Math.log(b.price / a.price));
    if (!Number.isFinite(move)) continue;
    if (move > 0) step = Math.min(step, move);
    moves.push(move / Math.sqrt(Math.max(1, (b.us - a.us) / SECOND_US)));
  }
  if (moves.length < LEAST_SECONDS) return null;
  moves.sort(ascending);
  const floor = Math.max(LEAST_MOVE, Number.isFinite(step) ? step / 2 : 0);
  const deviation = Math.max(floor, TO_DEVIATION * quantile(moves, 0.5));
  return Math.max(DEVIATIONS * deviation, quantile(moves, 0.99));
}

/** Trades of a second that are no longer chance. */
function usualRate(past: readonly PastSecond[], seconds: number): number {
  const counts = past.map((one) => one.moments);
  while (counts.length < seconds) counts.push(0);
  counts.sort(ascending);
  const median = quantile(counts, 0.5);
  const spread = counts.map((count) => Math.abs(count - median)).sort(ascending);
  // Trades that come by chance alone scatter by the root of their number.
  const deviation = Math.max(1, Math.sqrt(median), TO_DEVIATION * quantile(spread, 0.5));
  return Math.max(LEAST_TRADES, median + DEVIATIONS * deviation, quantile(counts, 0.99));
}

/**
 * The first moment of the window whose price is further from the last one before the window, or that has more trades in the second up to it,
 * than the stream's past explains. null: none, or the past has too few trades to say (a market that has just opened).
 */
export function firstAbnormal(
  past: readonly PastSecond[],
  moments: readonly Moment[],
  window: Window,
): Abnormal | null {
  const move = usualMove(past);
  const last = past.at(-1);
  if (move === null || !last) return null;
  // Seconds before the first trade that is known may not have been recorded: they are no sign of a quiet market.
  const known = Math.ceil((window.fromUs - (past[0]?.us ?? window.fromUs)) / SECOND_US);
  const rate = usualRate(past, Math.min(known, Math.round(PAST_US / SECOND_US)));
  let first = 0;
  for (let at = 0; at < moments.length; at += 1) {
    const { us, low, high } = moments[at] as Moment;
    if (us < window.fromUs) continue;
    if (us >= window.toUs) break;
    while ((moments[first] as Moment).us <= us - SECOND_US) first += 1;
    const elapsed = Math.sqrt(Math.max(1, (us - last.us) / SECOND_US));
    const [down, up] = [Math.log(low / last.price), Math.log(high / last.price)];
    const far = Math.abs(down) > Math.abs(up) ? down : up;
    if (Math.abs(far) > move * elapsed) {
      const percent = (Math.exp(far) - 1) * 100;
      const usual = (Math.exp(move * elapsed) - 1) * 100;
      return {
        us,
        why: 'price',
        reason: `${percent < 0 ? '' : '+'}${percent.toFixed(2)} % from the price before the window; up to ${usual.toFixed(2)} % is usual`,
      };
    }
    const count = at - first + 1;
    if (count > rate) {
      return { us, why: 'rate', reason: `${count} trades within a second; up to ${Math.floor(rate)} are usual` };
    }
  }
  return null;
}
