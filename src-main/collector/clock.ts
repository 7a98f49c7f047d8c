// Receive times: wall clock in microseconds that runs with the monotonic clock and follows the system's clock only when that
// steps. Also tells when the computer slept: then more time has passed since it was started than between two timers, or those came late.
// A clock that somebody sets is no sleep: nothing was missed, unless this is a virtual computer that stood still, where no clock but that tells.
import { uptime } from 'node:os';

/** Differences below this are the millisecond grain of the system's clock, not a step, ms. */
const GRAIN_MS = 2;
const SLEPT_MS = 5000;
/** Coverage has this margin; a step that is smaller needs no word. */
const STEP_MS = 1000;
/** Steps remembered. */
const STEPS = 32;

/** What it is told by, each in ms: the monotonic clock, which may stand still while the computer sleeps; the system's; the time since the computer started, sleep included. */
export interface Clocks {
  mono(): number;
  wall(): number;
  sinceBoot(): number;
  /** Wall clock at zero of the monotonic one, as of the process's start, finer than a millisecond. */
  readonly origin: number;
}

const SYSTEM: Clocks = {
  mono: () => performance.now(),
  wall: () => Date.now(),
  sinceBoot: () => uptime() * 1000,
  origin: performance.timeOrigin,
};

export class WallClock {
  /** Add to performance.now() * 1000. */
  offsetUs: number;
  /** What it said, µs, just before the last check set it back by a second or more; null: that check did not. */
  setBackFromUs: number | null = null;
  /** The last check found it set forward by so much that the computer may have stood still meanwhile. */
  setForward = false;
  readonly #clocks: Clocks;
  /** What the offset was until then, where a step changed it; ms of the monotonic clock. */
  readonly #steps: { readonly untilMs: number; readonly offsetUs: number }[] = [];
  #checkedMono: number;
  #checkedWall: number;
  #checkedBoot: number;

  constructor(clocks: Clocks = SYSTEM) {
    this.#clocks = clocks;
    this.#checkedMono = clocks.mono();
    this.#checkedWall = clocks.wall();
    this.#checkedBoot = clocks.sinceBoot();
    this.offsetUs = clocks.origin * 1000;
    this.#follow();
  }

  /** Wall clock now, whole µs. */
  nowUs(): number {
    return Math.floor(this.#clocks.mono() * 1000 + this.offsetUs);
  }

  /**
   * What the wall clock said, or would by now say, of a time by performance.now(), whichever is earlier: of how long something was covered,
   * a clock that was set meanwhile must not make more.
   */
  earliestUs(atMs: number): number {
    let { offsetUs } = this;
    for (const step of this.#steps) if (step.untilMs >= atMs) offsetUs = Math.min(offsetUs, step.offsetUs);
    return Math.floor(atMs * 1000 + offsetUs);
  }

  /** Measures again; call a few times a second. Gives the wall time (µs) at which the computer fell asleep when it did since the last call, else null. */
  check(): number | null {
    const mono = this.#clocks.mono();
    const wall = this.#clocks.wall();
    const boot = this.#clocks.sinceBoot();
    const sleptFromUs = Math.floor(this.#checkedMono * 1000 + this.offsetUs);
    const lateMs = Math.max(mono - this.#checkedMono, boot - this.#checkedBoot);
    this.#checkedMono = mono;
    this.#checkedWall = wall;
    this.#checkedBoot = boot;
    const slept = lateMs > SLEPT_MS;
    this.setForward = this.#follow() > SLEPT_MS && !slept;
    return slept ? sleptFromUs : null;
  }

  /** How far it was behind the system's clock, ms. */
  #follow(): number {
    const differenceMs = this.#checkedWall - (this.#checkedMono + this.offsetUs / 1000);
    // Date.now() is cut to the millisecond, so half of one is added back on average.
    this.setBackFromUs = differenceMs < -STEP_MS ? this.nowUs() : null;
    if (Math.abs(differenceMs) > STEP_MS) {
      this.#steps.push({ untilMs: this.#checkedMono, offsetUs: this.offsetUs });
      if (this.#steps.length > STEPS) this.#steps.shift();
    }
    if (Math.abs(differenceMs) > GRAIN_MS) this.offsetUs += (differenceMs + 0.5) * 1000;
    return differenceMs;
  }
}
