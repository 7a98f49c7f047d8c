// How fast a stream prints, for venues whose history is their newest so many trades: a gap is lost when that many came after it began.
// Robust: the second busiest of the last twelve windows of 5 s, so one burst is not believed and one that lasts is within 10 s.
import { z } from 'zod';
import { SECOND_US, type Us } from '../../../src-shared/base/time.ts';
import type { History } from '../../feeds/feed.ts';

const WINDOW_US = 5 * SECOND_US;
const KEPT = 12;
/** Fewer than two windows with trades in the last minute: at most about one trade in that time. */
const SLOWEST_PER_SECOND = 1 / 60;
/** A pace that changed by less is told as before. */
const CHANGE = 1.25;
const LEAST_US = SECOND_US;

export const paceForm = z.array(z.number());

export class Pace {
  /** Number of the newest window, and trades in it and in those before. */
  #window = 0;
  #counts: number[] = [];
  #told = 0;

  /** A trade that was new came live at this time of ours. */
  saw(recvUs: Us): void {
    const window = Math.floor(recvUs / WINDOW_US);
    if (window > this.#window) {
      const empty = Math.min(KEPT, window - this.#window) - 1;
      this.#counts = [1, ...new Array<number>(empty).fill(0), ...this.#counts].slice(0, KEPT);
      this.#window = window;
    } else {
      // Our clock may have been set back: what comes then still counts as now.
      this.#counts[0] = (this.#counts[0] ?? 0) + 1;
    }
  }

  get perSecond(): number {
    const [, second = 0] = this.#counts.toSorted((a, b) => b - a);
    return Math.max(SLOWEST_PER_SECOND, (second * SECOND_US) / WINDOW_US);
  }

  /** The pace, when it is not what was told last; else null. */
  news(): number | null {
    const now = this.perSecond;
    if (now < this.#told * CHANGE && now * CHANGE > this.#told) return null;
    this.#told = now;
    return now;
  }

  dump(): z.input<typeof paceForm> {
    return [this.#window, ...this.#counts];
  }

  load([window = 0, ...counts]: z.output<typeof paceForm>): void {
    this.#window = window;
    this.#counts = counts;
  }
}

/** How long after its beginning a gap can still be asked for, µs; null: always, or never. perSecond: the stream's pace, where that decides. */
export function reachUs(history: History | null | undefined, perSecond: number | undefined): number | null {
  if (!history) return null;
  const byTime = Number.isFinite(history.reachMs) ? history.reachMs * 1000 : null;
  if (history.reachTrades === undefined) return byTime;
  const rate = perSecond ?? SLOWEST_PER_SECOND;
  const byTrades = Math.round(Math.max(LEAST_US, (history.reachTrades / rate) * SECOND_US));
  return byTime === null ? byTrades : Math.min(byTime, byTrades);
}

/** The pace of streams whose pace is news, and of those with gaps to tell. */
export function pacesOf(
  touched: readonly { readonly no: number; readonly pace: Pace | null }[],
  gaps: readonly { readonly stream: number }[],
  streamOf: (no: number) => { readonly pace: Pace | null } | undefined,
): Map<number, number> {
  const paces = new Map<number, number>();
  for (const { no, pace } of touched) {
    const news = pace?.news() ?? null;
    if (news !== null) paces.set(no, news);
  }
  for (const gap of gaps) {
    const pace = streamOf(gap.stream)?.pace;
    if (pace) paces.set(gap.stream, pace.perSecond);
  }
  return paces;
}
