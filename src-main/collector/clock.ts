// Receive times: wall clock in microseconds that runs with the monotonic clock and follows the system's clock only when that
// steps. Also tells when the computer slept, which shows as a jump of one clock against the other, or as timers that came late.

/** Differences below this are the millisecond grain of the system's clock, not a step, ms. */
const GRAIN_MS = 2;
const SLEPT_MS = 5000;

export class WallClock {
  /** Add to performance.now() * 1000. */
  offsetUs: number;
  #checkedMono: number;
  #checkedWall: number;

  constructor() {
    this.#checkedMono = performance.now();
    this.#checkedWall = Date.now();
    this.offsetUs = performance.timeOrigin * 1000;
    this.#follow();
  }

  /** Wall clock now, whole µs. */
  nowUs(): number {
    return Math.floor(performance.now() * 1000 + this.offsetUs);
  }

  /** Measures again; call a few times a second. Gives the wall time (µs) at which the computer fell asleep when it did since the last call, else null. */
  check(): number | null {
    const mono = performance.now();
    const wall = Date.now();
    const sleptFromUs = Math.floor(this.#checkedMono * 1000 + this.offsetUs);
    const lateMs = Math.max(mono - this.#checkedMono, wall - this.#checkedWall);
    this.#checkedMono = mono;
    this.#checkedWall = wall;
    this.#follow();
    return lateMs > SLEPT_MS ? sleptFromUs : null;
  }

  #follow(): void {
    const differenceMs = this.#checkedWall - (this.#checkedMono + this.offsetUs / 1000);
    // Date.now() is cut to the millisecond, so half of one is added back on average.
    if (Math.abs(differenceMs) > GRAIN_MS) this.offsetUs += (differenceMs + 0.5) * 1000;
  }
}
