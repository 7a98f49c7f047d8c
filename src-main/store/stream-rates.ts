// How busy each stream is now and how busy it usually is, out of the counts that the pipeline keeps anyway: one look a second, five
// numbers a stream, nothing on the path of a tick.
import type { Mover } from '../../src-shared/contract/live.ts';
import type { StreamName } from './pipeline/stream-state.ts';

export interface CountedStream {
  readonly no: number;
  readonly name: StreamName;
  /** Trades, each once: a line that is renewed brings a thousand copies and no movement. */
  readonly stored: number;
}

/** What is called now, s. */
const NOW_SECONDS = 5;
/** Weight of the last minutes: after so many seconds a rate has counted to two thirds. */
const USUAL_SECONDS = 180;
/** Until this share of the weight is filled, after half a minute, nobody knows what is usual. */
const LEAST_WEIGHT = 0.15;
/** A rise is told against at least this, trades/s: one trade in a quiet stream is no mover. */
const FLOOR = 1;

interface Rate {
  readonly name: StreamName;
  readonly first: number;
  last: number;
  lastMs: number;
  /** Counts of the last looks, as differences. */
  readonly ring: { count: number; seconds: number }[];
  usual: number;
  /** Share of the weight that is filled; 1 after many minutes. */
  weight: number;
}

export class StreamRates {
  readonly #rates = new Map<number, Rate>();

  /** Once a second. */
  look(streams: Iterable<CountedStream>, nowMs: number): void {
    for (const stream of streams) {
      const ticks = stream.stored;
      const rate = this.#rates.get(stream.no);
      if (!rate) {
        this.#rates.set(stream.no, {
          name: stream.name,
          first: ticks,
          last: ticks,
          lastMs: nowMs,
          ring: [],
          usual: 0,
          weight: 0,
        });
        continue;
      }
      const seconds = (nowMs - rate.lastMs) / 1000;
      if (seconds <= 0) continue;
      const count = Math.max(0, ticks - rate.last);
      rate.last = ticks;
      rate.lastMs = nowMs;
      rate.ring.push({ count, seconds });
      // What is now is not yet part of what is usual.
      if (rate.ring.length <= NOW_SECONDS) continue;
      const gone = rate.ring.shift();
      if (!gone) continue;
      const share = 1 - Math.exp(-gone.seconds / USUAL_SECONDS);
      rate.usual += (gone.count / gone.seconds - rate.usual) * share;
      rate.weight += (1 - rate.weight) * share;
    }
  }

  top(by: 'rise' | 'rate', limit: number): { streams: Mover[]; all: number; moving: number } {
    const found = [...this.#rates.values()].flatMap((rate) => {
      const seconds = rate.ring.reduce((sum, one) => sum + one.seconds, 0);
      const now = seconds > 0 ? rate.ring.reduce((sum, one) => sum + one.count, 0) / seconds : 0;
      if (now === 0) return [];
      const usual = rate.weight > LEAST_WEIGHT ? rate.usual / rate.weight : now;
      return [{ rate, now, usual, score: by === 'rate' ? now : now / Math.max(usual, FLOOR) }];
    });
    found.sort((a, b) => b.score - a.score || b.now - a.now);
    const streams = found.slice(0, limit).map(({ rate, now, usual }) => {
      const { venue, market, symbol, channel } = rate.name;
      return {
        venue,
        market,
        symbol,
        channel,
        nowPerSecond: now,
        usualPerSecond: usual,
        ticks: rate.last - rate.first,
      };
    });
    return { streams, all: this.#rates.size, moving: found.length };
  }
}
