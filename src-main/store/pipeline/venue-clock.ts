// How far a venue's clock is ahead of ours, measured by its own trades. A trade's event time less its receive time is that lead less the
// way it took, so the largest of many is close to the lead; old trades that a venue repeats at a subscription are only smaller.
// The smallest of the last seconds says how far the venue lags at present: what it had printed and not yet sent. What it repeats says nothing of that.
import { z } from 'zod';
import type { Us } from '../../../src-shared/base/time.ts';

const WINDOW_US = 60_000_000;
const LAG_WINDOW_US = 10_000_000;
/** A single nonsense time must not stretch gaps over hours. */
const MOST_US = 60_000_000;

/** Leads of two windows and when the newer one began; then, unless an earlier version wrote it, the same of lags. */
export const clockForm = z
  .tuple([z.number().nullable(), z.number().nullable(), z.number()])
  .rest(z.number().nullable());
type ClockForm = z.output<typeof clockForm>;

export class VenueClock {
  #now = Number.NEGATIVE_INFINITY;
  #before = Number.NEGATIVE_INFINITY;
  #fromUs: Us = 0;
  #lagNow = Number.NEGATIVE_INFINITY;
  #lagBefore = Number.NEGATIVE_INFINITY;
  #lagFromUs: Us = 0;

  /** One live trade, be it one that the venue repeats. */
  saw(eventUs: Us, recvUs: Us): void {
    const leadUs = eventUs - recvUs;
    const ageUs = recvUs - this.#fromUs;
    if (ageUs > WINDOW_US || ageUs < 0) {
      this.#fromUs = recvUs;
      this.#before = this.#now;
      this.#now = leadUs;
    } else if (leadUs > this.#now) this.#now = leadUs;
  }

  /** Whether this trade would change what is known of the lag: only then it need be asked whether the venue repeats it. */
  lagsMore(eventUs: Us, recvUs: Us): boolean {
    const lagUs = recvUs - eventUs;
    // Older than that is a trade that the venue repeats, whatever it says.
    if (lagUs > MOST_US) return false;
    const lagAgeUs = recvUs - this.#lagFromUs;
    return lagUs > this.#lagNow || lagAgeUs > LAG_WINDOW_US || lagAgeUs < 0;
  }

  /** One live trade that is new and for which lagsMore. */
  lagged(eventUs: Us, recvUs: Us): void {
    const lagUs = recvUs - eventUs;
    const lagAgeUs = recvUs - this.#lagFromUs;
    if (lagAgeUs > LAG_WINDOW_US || lagAgeUs < 0) {
      this.#lagFromUs = recvUs;
      this.#lagBefore = lagAgeUs > 2 * LAG_WINDOW_US ? Number.NEGATIVE_INFINITY : this.#lagNow;
      this.#lagNow = lagUs;
    } else if (lagUs > this.#lagNow) this.#lagNow = lagUs;
  }

  /** Both windows' leads, and when the newer one began; null: not known. What is told of a break must not hang on a restart. */
  dump(): ClockForm {
    const lags = [known(this.#lagNow), known(this.#lagBefore), this.#lagFromUs];
    return [known(this.#now), known(this.#before), this.#fromUs, ...lags];
  }

  load([now, before, fromUs, lagNow, lagBefore, lagFromUs]: ClockForm): void {
    this.#lagNow = lagNow ?? Number.NEGATIVE_INFINITY;
    this.#lagBefore = lagBefore ?? Number.NEGATIVE_INFINITY;
    this.#lagFromUs = lagFromUs ?? 0;
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

  /** How far the venue's newest trades were behind our clock at most, in the last ten to twenty seconds that it sent any; 0: not at all, or not known. */
  get mostLagUs(): Us {
    return Math.max(0, bounded(Math.max(this.#lagNow, this.#lagBefore)));
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
