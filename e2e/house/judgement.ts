// Whether a bound of time was kept, on a machine that may have had no time to give: the page's own cost is told apart from what others added to it.
import { availableParallelism, loadavg } from 'node:os';
import type { Machine } from './fixed-work.ts';

/** Whether the machine has more to do than it can: the clock then says more about it than about the page. */
export function starved(): boolean {
  return (loadavg()[0] ?? 0) > availableParallelism();
}

/** What a value is: the longest of many tasks, an average, both in time that the page's own thread ran, or time on the clock, which all that runs share. */
type Kind = 'longest' | 'average' | 'clock';

export interface Bound {
  readonly name: string;
  readonly value: number;
  /** Of what the value may be at most. */
  readonly limit: number;
  readonly kind: Kind;
}

/** Work that takes half as long again is no longer the page's alone. */
export const UNEVEN = 1.5;

/**
 * What a value may be on the machine as it was meanwhile. A bound holds for a processor that is there: where work that is always the same takes
 * three times its quiet cost, so does the page's; where a piece of it was charged 80 ms more than the others, a task of the page may be.
 */
function allowed({ limit, kind }: Bound, machine: Machine): number {
  if (kind === 'average') return limit * machine.slow;
  if (kind === 'longest') return limit * machine.usual + machine.extraMs;
  return machine.clock > UNEVEN || starved() ? Number.POSITIVE_INFINITY : limit;
}

/** What is above its bound in every turn, and above what the machine allowed in each of them. */
export class Judgement {
  readonly #kept = new Set<string>();
  readonly #above = new Map<string, Bound>();
  readonly #excused = new Map<string, string>();
  readonly #strict: boolean;

  /** Strict: by the bounds alone, also on a machine that has no time. */
  constructor(strict: boolean) {
    this.#strict = strict;
  }

  /** Takes what one turn measured, and the machine meanwhile; null: nobody looked at it. */
  turn(bounds: readonly Bound[], machine: Machine | null): void {
    for (const bound of bounds) {
      const { name, value, limit } = bound;
      if (value <= limit) this.#kept.add(name);
      const before = this.#above.get(name);
      if (!before || !(before.value / before.limit <= value / limit)) this.#above.set(name, bound);
      if (this.#strict || !machine || !(value <= allowed(bound, machine))) continue;
      const { slow, usual, extraMs, clock, pieces } = machine;
      const ms = [slow, usual, clock].map((times) => times.toFixed(1)).join(', ');
      this.#excused.set(
        name,
        `${name} is ${value.toFixed(2)}, of ${limit.toFixed(2)}, while ${pieces} pieces of fixed work took ${ms} times their time (mean, middle, by the clock), one of them ${extraMs.toFixed(0)} ms longer`,
      );
    }
  }

  /** The least that was measured of what was above its bound in every turn. */
  above(): readonly Bound[] {
    return [...this.#above.values()].filter(({ name }) => !this.#kept.has(name));
  }

  /** Of these, what the machine does not explain either. */
  broken(): readonly Bound[] {
    return this.above().filter(({ name }) => !this.#excused.has(name));
  }

  /** The others, each with the machine that explains it. */
  excused(): readonly string[] {
    return this.above().flatMap(({ name }) => this.#excused.get(name) ?? []);
  }
}
