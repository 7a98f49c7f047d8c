// How far a venue's clock is ahead of ours, measured by its own trades. A trade's event time less its receive time is that lead less the
// way it took, so the largest of many is close to the lead; old trades that a venue repeats at a subscription are only smaller.
import { z } from 'zod';
import type { Us } from '../../../src-shared/base/time.ts';

const WINDOW_US = 60_000_000;
/** A single nonsense time must not stretch gaps over hours. */
const MOST_US = 60_000_000;

export const clockForm = z.tuple([z.number().nullable(), z.number().nullable(), z.number()]);
type ClockForm = z.output<typeof clockForm>;

export class VenueClock {
  #now = Number.NEGATIVE_INFINITY;
  #before = Number.NEGATIVE_INFINITY;
  #fromUs: Us = 0;

  /** One live trade. */
  saw(eventUs: Us, recvUs: Us): void {
    const leadUs = eventUs - recvUs;
    const ageUs = recvUs - this.#fromUs;
    if (ageUs > WINDOW_US || ageUs < 0) {
      this.#fromUs = recvUs;
      this.#before = this.#now;
      this.#now = leadUs;
    } else if (leadUs > this.#now) this.#now = leadUs;
  }

  /** Both windows' leads, and when the newer one began; null: not known. What is told of a break must not hang on a restart. */
  dump(): ClockForm {
    return [known(this.#now), known(this.#before), this.#fromUs];
  }

  load([now, before, fromUs]: ClockForm): void {
    this.#now = now ?? Number.NEGATIVE_INFINITY;
    this.#before = before ?? Number.NEGATIVE_INFINITY;
    this.#fromUs = fromUs;
  }

  get known(): boolean {
    return Number.isFinite(this.#now) || Number.isFinite(this.#before);
  }

  /** The largest lead of the last minutes; 0 while nothing is known. */
  get mostLeadUs(): Us {
    return bounded(Math.max(this.#now, this.#before));
  }

  /** The smaller of the leads of the last two minutes: our own clock may just have been set. */
  get leastLeadUs(): Us {
    const known = [this.#now, this.#before].filter(Number.isFinite);
    return known.length === 0 ? 0 : bounded(Math.min(...known));
  }
}

function known(us: Us): Us | null {
  return Number.isFinite(us) ? us : null;
}

function bounded(us: number): Us {
  return Number.isFinite(us) ? Math.max(-MOST_US, Math.min(MOST_US, us)) : 0;
}
