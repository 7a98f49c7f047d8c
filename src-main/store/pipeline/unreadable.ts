// Frames of live lines that could not be read: a trade may have been in each. Gathered per line and symbol, so that a venue that changed
// its format costs one gap that grows, not one a frame.
import type { Us } from '../../../src-shared/base/time.ts';
import { MARGIN_US } from './coverage.ts';
import type { Moment } from './line-events.ts';
import type { MarketState } from './market-state.ts';

interface Stretch {
  readonly market: MarketState;
  readonly lineNo: number;
  /** null: the frame does not even show its symbol. */
  readonly symbol: string | null;
  /** The first of them. */
  readonly frame: number;
  readonly fromUs: Us;
  toUs: Us;
}

export class Unreadable {
  readonly #stretches = new Map<string, Stretch>();

  /** A frame, or a row of it, was refused. */
  saw(market: MarketState, lineNo: number, bytes: Uint8Array, { recvUs, frame }: Moment): void {
    const named = market.feed.symbolOf(bytes);
    // A name that nothing carries may be a new way to write one that is: then it is any of them.
    const symbol = named !== null && market.coverage.knows(named) ? named : null;
    // At once, and not with the others at the end of the batch: how long the line is not believed must not hang on where batches end.
    if (symbol === null && market.feed.idRule === 'contiguous') market.hidden(lineNo, { recvUs, frame });
    const key = `${lineNo} ${symbol ?? ''}`;
    const known = this.#stretches.get(key);
    if (known) known.toUs = Math.max(known.toUs, recvUs);
    else this.#stretches.set(key, { market, lineNo, symbol, frame, fromUs: recvUs, toUs: recvUs });
  }

  /** Takes them out of what the lines covered. The margin: the other line may have had the same bad frame a little before or after. */
  tell(moment: Moment): void {
    if (this.#stretches.size === 0) return;
    for (const { market, lineNo, symbol, frame, fromUs, toUs } of this.#stretches.values()) {
      const [from, to] = [fromUs - MARGIN_US, toUs + MARGIN_US];
      if (symbol !== null || market.feed.idRule !== 'contiguous') {
        market.coverage.lost(lineNo, from, to, 'unreadable', { ...moment, sinceFrame: frame }, market, symbol);
      } else {
        market.coverage.untold(lineNo, from, to, moment, market, (name, fromUs) => market.idsTell(name, fromUs));
      }
    }
    this.#stretches.clear();
  }
}
