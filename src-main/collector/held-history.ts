// How much of a gap earlier answers gave: an answer that holds the gap's beginning but not yet its end need not reach back so far the next time.
// Without it a venue that gives its newest trades only would have moved on when it is asked again, though both pages together hold all.
interface Held {
  readonly fromUs: number;
  readonly untilUs: number;
}

/** Gaps remembered; without its memory a gap is asked for whole. */
const KEPT = 20_000;

export class HeldHistory {
  readonly #held = new Map<string, Held>();

  /** Where what is still to be asked for of this gap begins, µs: an answer must hold a trade from before it. */
  beginUs(gapId: string, fromUs: number): number {
    const held = this.#held.get(gapId);
    return held?.fromUs === fromUs ? Math.max(fromUs, held.untilUs) : fromUs;
  }

  /** Answers that were written to the journal hold every trade of the gap that is older than untilUs. */
  note(gapId: string, fromUs: number, untilUs: number): void {
    const most = Math.max(untilUs, this.beginUs(gapId, fromUs));
    this.#held.delete(gapId);
    this.#held.set(gapId, { fromUs, untilUs: most });
    if (this.#held.size <= KEPT) return;
    for (const oldest of this.#held.keys()) {
      this.#held.delete(oldest);
      break;
    }
  }

  forget(gapId: string): void {
    this.#held.delete(gapId);
  }
}
