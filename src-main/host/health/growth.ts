// How much a count grew lately. What lay there at the first look is no growth.
import { MINUTE_US, type Us } from '../../../src-shared/base/time.ts';

const OVER_US = 10 * MINUTE_US;

export class Growth {
  readonly #looks: { readonly atUs: Us; readonly count: number }[] = [];

  /** The count of the last look; null: there was none. */
  get last(): number | null {
    return this.#looks.at(-1)?.count ?? null;
  }

  /** By how much it grew in the last ten minutes. */
  look(count: number, nowUs: Us): number {
    const looks = this.#looks;
    if (looks.length === 0 || count < (looks[0]?.count ?? 0)) looks.splice(0, looks.length, { atUs: nowUs, count });
    else if (looks.at(-1)?.count !== count) looks.push({ atUs: nowUs, count });
    // The first one stands for what was there before the ten minutes began.
    while (looks[1] && nowUs - looks[1].atUs > OVER_US) looks.shift();
    return count - (looks[0]?.count ?? count);
  }
}

/** Gaps that end without all of their trades: filled in part, or beyond the reach of their venue. */
export class LostGrowth {
  readonly #growth = new Growth();

  look(
    gaps: { readonly partial: number; readonly unrecoverable: number; readonly repairing: number },
    nowUs: Us,
  ): number {
    const lost = gaps.partial + gaps.unrecoverable;
    // One that is asked for once more is not lost anew when it ends as it was.
    return this.#growth.look(gaps.repairing > 0 ? Math.max(lost, this.#growth.last ?? 0) : lost, nowUs);
  }
}
