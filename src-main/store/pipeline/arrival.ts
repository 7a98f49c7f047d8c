// How long trades took from the venue's stamp to our receipt, as counts in steps of an eighth or less of the value: two integer operations
// a trade. The difference of the two clocks is part of it; who shows it says so.

/** Steps per doubling, as a power of two. */
const FINE_BITS = 2;
const STEPS = 1 + (32 << FINE_BITS);
/** What is older was repeated by the venue, or its clock means something else, µs. */
const OLDEST_US = 60_000_000;
const WINDOW_MS = 5000;

export class ArrivalDelays {
  #now = new Uint32Array(STEPS);
  #before = new Uint32Array(STEPS);
  #turnedMs = 0;

  saw(delayUs: number): void {
    if (delayUs > OLDEST_US) return;
    const step = delayUs < 4 ? 0 : stepOf(delayUs);
    this.#now[step] = (this.#now[step] as number) + 1;
  }

  /** Over the last five to ten seconds; ms. null: nothing came. A stamp ahead of our clock counts as 0. */
  summary(nowMs: number): { readonly p50: number; readonly p99: number } | null {
    if (nowMs - this.#turnedMs > WINDOW_MS) {
      // After a pause of two windows neither speaks for the present.
      if (nowMs - this.#turnedMs > 2 * WINDOW_MS) this.#now.fill(0);
      [this.#now, this.#before] = [this.#before, this.#now];
      this.#now.fill(0);
      this.#turnedMs = nowMs;
    }
    let total = 0;
    for (let step = 0; step < STEPS; step += 1) total += this.#count(step);
    if (total === 0) return null;
    return { p50: this.#quantile(total * 0.5), p99: this.#quantile(total * 0.99) };
  }

  #count(step: number): number {
    return (this.#now[step] as number) + (this.#before[step] as number);
  }

  #quantile(rank: number): number {
    let seen = 0;
    for (let step = 0; step < STEPS; step += 1) {
      seen += this.#count(step);
      if (seen >= rank) return middleOf(step) / 1000;
    }
    return 0;
  }
}

/** delayUs >= 4. */
function stepOf(delayUs: number): number {
  const whole = 31 - Math.clz32(delayUs);
  return 1 + (whole << FINE_BITS) + ((delayUs >> (whole - FINE_BITS)) & ((1 << FINE_BITS) - 1));
}

/** The middle of a step, µs. */
function middleOf(step: number): number {
  if (step === 0) return 0;
  const whole = (step - 1) >> FINE_BITS;
  const part = (step - 1) & ((1 << FINE_BITS) - 1);
  return 2 ** whole * (1 + (part + 0.5) / (1 << FINE_BITS));
}
