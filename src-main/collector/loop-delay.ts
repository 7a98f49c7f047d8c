// How late the event loop ran, over the last seconds: what a frame may have waited before its receive time was taken.
import { monitorEventLoopDelay } from 'node:perf_hooks';

const RESOLUTION_MS = 5;
const WINDOW_MS = 5000;

export class LoopDelay {
  readonly #histogram = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  #before = { p99: 0, max: 0 };
  #since = performance.now();

  constructor() {
    this.#histogram.enable();
  }

  /** Of this window and the one before; ms. */
  summary(): { p99: number; max: number } {
    const now = this.#read();
    const found = { p99: Math.max(now.p99, this.#before.p99), max: Math.max(now.max, this.#before.max) };
    if (performance.now() - this.#since > WINDOW_MS) {
      this.#before = now;
      this.#since = performance.now();
      this.#histogram.reset();
    }
    return found;
  }

  close(): void {
    this.#histogram.disable();
  }

  #read(): { p99: number; max: number } {
    if (this.#histogram.count === 0) return { p99: 0, max: 0 };
    // The histogram counts from one sample to the next, so its own pace is taken off.
    const late = (ns: number): number => Math.max(0, ns / 1e6 - RESOLUTION_MS);
    return { p99: late(this.#histogram.percentile(99)), max: late(this.#histogram.max) };
  }
}
