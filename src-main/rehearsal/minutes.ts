// One-minute sums of everything a tape has printed, for candles: kept while printing, exact however long the tape gets.

export const MINUTE_MS = 60_000;
const COLUMNS = 7;

/** One minute in which something was printed. */
export interface MinuteSum {
  /** Begin of the minute, ms. */
  readonly ms: number;
  readonly trades: number;
  readonly lots: number;
  readonly openTicks: number;
  readonly highTicks: number;
  readonly lowTicks: number;
  readonly closeTicks: number;
}

export class MinuteSums {
  /** Rows of COLUMNS numbers, one per minute, in the order in which the minutes began. */
  #rows = new Float64Array(COLUMNS * 8);
  #count = 0;
  /** Row of the minute that the newest trade belongs to. */
  #at = -1;
  #fromMs = 0;
  #toMs = 0;

  add(ms: number, priceTicks: number, lots: number): void {
    if (ms < this.#fromMs || ms >= this.#toMs) this.#turnTo(Math.floor(ms / MINUTE_MS) * MINUTE_MS, priceTicks);
    const rows = this.#rows;
    const at = this.#at;
    rows[at + 1]! += 1;
    rows[at + 2]! += lots;
    if (priceTicks > rows[at + 4]!) rows[at + 4] = priceTicks;
    if (priceTicks < rows[at + 5]!) rows[at + 5] = priceTicks;
    rows[at + 6] = priceTicks;
  }

  /** Goes to a minute's row; a venue's clock that jumped back comes upon one that is there already. */
  #turnTo(ms: number, priceTicks: number): void {
    this.#fromMs = ms;
    this.#toMs = ms + MINUTE_MS;
    for (let row = this.#count - 1; row >= 0; row -= 1) {
      if (this.#rows[row * COLUMNS] === ms) {
        this.#at = row * COLUMNS;
        return;
      }
      // Further back than any jump of a clock.
      if (this.#rows[row * COLUMNS]! < ms - 60 * MINUTE_MS) break;
    }
    this.#at = this.#count * COLUMNS;
    this.#count += 1;
    if (this.#at + COLUMNS > this.#rows.length) {
      const more = new Float64Array(this.#rows.length * 2);
      more.set(this.#rows);
      this.#rows = more;
    }
    this.#rows.set([ms, 0, 0, priceTicks, priceTicks, priceTicks, priceTicks], this.#at);
  }

  /** Minutes that begin in [fromMs, toMs) and had a trade, oldest first. The running minute is among them while it lasts. */
  between(fromMs: number, toMs: number): MinuteSum[] {
    const found: MinuteSum[] = [];
    for (let row = this.#count - 1; row >= 0; row -= 1) {
      const [ms = 0, trades = 0, lots = 0, openTicks = 0, highTicks = 0, lowTicks = 0, closeTicks = 0] =
        this.#rows.subarray(row * COLUMNS, (row + 1) * COLUMNS);
      if (ms < fromMs - 60 * MINUTE_MS) break;
      if (ms < fromMs || ms >= toMs) continue;
      found.push({ ms, trades, lots, openTicks, highTicks, lowTicks, closeTicks });
    }
    return found.sort((a, b) => a.ms - b.ms);
  }
}
