// A child that runs only while it is asked for: started by the first request, ended when nobody has asked for a while.
// Promises: a request waits for the start, and for the return after a kill; what still works is never ended for idleness.
import { type Failure, fail, type Result } from '../../src-shared/base/result.ts';
import type { RequestTarget } from './router.ts';
import type { ChildState } from './supervised-child.ts';

/** What it needs of the supervised child. */
export interface Summoned extends RequestTarget {
  start(): void;
  drain(reason: string, limitMs: number): Promise<boolean>;
  state(): ChildState;
}

export interface OnDemandOptions {
  /** Why it may not run now; null: it may. */
  readonly refusal: () => Failure | null;
  /** It says of itself that it still works. */
  readonly busy: () => boolean;
  readonly idleMs?: number;
  readonly startMs?: number;
}

const IDLE_MS = 10 * 60_000;
/** Longer than a child may take to say hello, so that one that is slow is waited for, and one that is killed for it comes once more. */
const START_MS = 60_000;
const DRAIN_MS = 5000;

export class OnDemand implements RequestTarget {
  readonly #child: Summoned;
  readonly #options: OnDemandOptions;
  readonly #waiting = new Set<() => void>();
  readonly #timer: NodeJS.Timeout;
  #asked = performance.now();
  #inFlight = 0;
  #resting: Promise<unknown> | undefined;

  constructor(child: Summoned, options: OnDemandOptions) {
    this.#child = child;
    this.#options = options;
    const idleMs = options.idleMs ?? IDLE_MS;
    this.#timer = setInterval(() => this.#restIfIdle(idleMs), Math.max(20, Math.min(idleMs / 4, 10_000)));
    this.#timer.unref();
  }

  async request(name: string, input: unknown, signal: AbortSignal): Promise<Result<unknown>> {
    const refusal = this.#options.refusal();
    if (refusal) return { ok: false, failure: refusal };
    this.#asked = performance.now();
    this.#inFlight += 1;
    try {
      const up = await this.#up(signal);
      return up.ok ? await this.#child.request(name, input, signal) : up;
    } finally {
      this.#inFlight -= 1;
      this.#asked = performance.now();
    }
  }

  /** The child's state changed: whoever waits looks again. */
  changed(): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const look of waiting) look();
  }

  close(): void {
    clearInterval(this.#timer);
    this.changed();
  }

  async #up(signal: AbortSignal): Promise<Result<void>> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(this.#options.startMs ?? START_MS)]);
    await this.#resting;
    for (let started = false; ; ) {
      const { process: name, state, note } = this.#child.state();
      if (state === 'ready') return { ok: true, value: undefined };
      if (started && state === 'held')
        return fail('process.held', `the ${name} does not start: ${note ?? 'no reason given'}`);
      if (limit.aborted)
        return fail('process.gone', `the ${name} is not up yet${note ? ` (${note})` : ''}`, { retry: true });
      const refusal = this.#options.refusal();
      if (refusal) return { ok: false, failure: refusal };
      const changed = this.#nextChange(limit);
      if (state === 'stopped' || state === 'held') {
        started = true;
        this.#child.start();
      }
      await changed;
    }
  }

  #nextChange(limit: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = (): void => {
        this.#waiting.delete(look);
        limit.removeEventListener('abort', look);
        resolve();
      };
      this.#waiting.add(look);
      limit.addEventListener('abort', look, { once: true });
    });
  }

  #restIfIdle(idleMs: number): void {
    if (this.#resting || this.#child.state().state !== 'ready' || this.#inFlight > 0 || this.#options.busy()) return;
    if (performance.now() - this.#asked < idleMs) return;
    this.#resting = this.#child.drain('nobody asks', DRAIN_MS).then(() => {
      this.#resting = undefined;
    });
  }
}
