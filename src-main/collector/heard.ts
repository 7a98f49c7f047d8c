// When one connection last delivered each symbol, so that the two lines of a market can be compared. One look-up per message
// while it listens.
import type { Feed } from '../feeds/feed.ts';

export interface Delivered {
  /** Receive times by the monotonic clock, which nobody sets, µs. */
  lastUs: number;
  /** First of those counted; 0: none. */
  firstUs: number;
  /** Messages since the other line was last known to keep up. */
  count: number;
}

export class Heard {
  readonly symbols = new Map<string, Delivered>();
  /** Off: messages pass unheard, which costs nothing. */
  listens = true;
  readonly #symbolOf: Feed['symbolOf'];
  #ignoreUntilUs = 0;

  constructor(feed: Pick<Feed, 'symbolOf'>) {
    this.#symbolOf = (frame) => feed.symbolOf(frame);
  }

  saw(data: Uint8Array, monoUs: number): void {
    if (!this.listens) return;
    const symbol = this.#symbolOf(data);
    if (symbol === null) return;
    const found = this.symbols.get(symbol);
    const repeat = monoUs < this.#ignoreUntilUs;
    if (found === undefined) {
      this.symbols.set(symbol, { lastUs: monoUs, firstUs: repeat ? 0 : monoUs, count: repeat ? 0 : 1 });
      return;
    }
    found.lastUs = monoUs;
    if (repeat) return;
    if (found.count === 0) found.firstUs = monoUs;
    found.count += 1;
  }

  /** Evidence begins anew. */
  forget(): void {
    for (const delivered of this.symbols.values()) delivered.count = 0;
  }

  /** What comes until then may be a repeat of what was sent before, and proves nothing against the other line. */
  ignore(untilUs: number): void {
    this.#ignoreUntilUs = Math.max(this.#ignoreUntilUs, untilUs);
  }
}
