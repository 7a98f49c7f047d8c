// How much of a gap earlier answers gave, so that it need not be asked for whole again. An answer that holds the gap's beginning but not yet its
// end: a venue that gives its newest trades only would have moved on, though both pages together hold all. One that went back from the gap's end and
// did not come to its beginning: a gap of more trades than can be asked for in one go would never be filled.
interface Held {
  readonly fromUs: number;
  readonly untilUs: number;
  readonly toUs: number | null;
  readonly sinceUs: number;
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

  /** Where what is still to be asked for of this gap ends, µs. */
  endUs(gapId: string, fromUs: number, toUs: number): number {
    const held = this.#held.get(gapId);
    return held?.fromUs === fromUs && held.toUs === toUs ? Math.min(toUs, held.sinceUs) : toUs;
  }

  /** Answers that were written to the journal hold every trade of the gap that is older than untilUs. */
  note(gapId: string, fromUs: number, untilUs: number): void {
    const { toUs = null, sinceUs = Number.POSITIVE_INFINITY } = this.#of(gapId, fromUs) ?? {};
    this.#keep(gapId, { fromUs, untilUs: Math.max(untilUs, this.beginUs(gapId, fromUs)), toUs, sinceUs });
  }

  /** They hold every trade of the gap that is younger than sinceUs. */
  noteEnd(gapId: string, fromUs: number, toUs: number, sinceUs: number): void {
    const { untilUs = fromUs } = this.#of(gapId, fromUs) ?? {};
    this.#keep(gapId, { fromUs, untilUs, toUs, sinceUs: Math.min(sinceUs, this.endUs(gapId, fromUs, toUs)) });
  }

  forget(gapId: string): void {
    this.#held.delete(gapId);
  }

  #of(gapId: string, fromUs: number): Held | undefined {
    const held = this.#held.get(gapId);
    return held?.fromUs === fromUs ? held : undefined;
  }

  #keep(gapId: string, held: Held): void {
    this.#held.delete(gapId);
    this.#held.set(gapId, held);
    if (this.#held.size <= KEPT) return;
    for (const oldest of this.#held.keys()) {
      this.#held.delete(oldest);
      break;
    }
  }
}
