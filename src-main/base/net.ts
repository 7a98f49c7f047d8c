// Asking servers over HTTP, and asking them no more often than they allow: timeouts, weighted budgets shared per endpoint,
// jittered backoff, Retry-After. No call here throws for what a server or the network does.
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';

export interface HttpReply {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

export interface HttpOptions {
  readonly method?: 'GET' | 'POST';
  readonly headers?: Readonly<Record<string, string>>;
  /** From the call to the last byte, ms (default 10 s). */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** A longer body is refused (default 48 MB). */
  readonly maxBytes?: number;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 48 * 1024 ** 2;

/** Any reply, whatever its status, is a value; http.unreachable, http.timeout, http.too-large and http.cancelled are the failures. */
export async function httpFetch(url: string, options: HttpOptions = {}): Promise<Result<HttpReply>> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  try {
    const response = await fetch(url, {
      method: options.method ?? 'GET',
      headers: { 'user-agent': 'tapedeck', accept: 'application/json', ...options.headers },
      signal,
    });
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body ?? []) {
      length += part.length;
      if (length > (options.maxBytes ?? MAX_BYTES)) {
        return fail('http.too-large', `${url}: reply is longer than ${options.maxBytes ?? MAX_BYTES} bytes`);
      }
      parts.push(part);
    }
    return ok({
      status: response.status,
      headers: Object.fromEntries(response.headers.entries()),
      body: Buffer.concat(parts, length),
    });
  } catch (error) {
    if (options.signal?.aborted) return fail('http.cancelled', `${url}: cancelled`);
    if (timeout.aborted) {
      return fail('http.timeout', `${url}: no answer within ${options.timeoutMs ?? TIMEOUT_MS} ms`, { retry: true });
    }
    const cause = error instanceof Error && error.cause !== undefined ? reasonOf(error.cause) : '';
    return fail('http.unreachable', `${url}: ${reasonOf(error)}${cause ? ` (${cause})` : ''}`, { retry: true });
  }
}

/** Retry-After in seconds or as a date, ms from now; null when absent or unreadable. */
export function retryAfterMs(headers: Readonly<Record<string, string | undefined>>, nowMs: number): number | null {
  const text = headers['retry-after']?.trim();
  if (!text) return null;
  if (/^\d+(\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, at - nowMs);
}

/** Resolves after ms, true; false at once when the signal is aborted. */
export function pause(ms: number, signal?: AbortSignal): Promise<boolean> {
  if (signal?.aborted) return Promise.resolve(false);
  return new Promise((resolve) => {
    const end = (result: boolean): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', cancel);
      resolve(result);
    };
    const cancel = (): void => end(false);
    const timer = setTimeout(end, ms, true);
    signal?.addEventListener('abort', cancel);
  });
}

export interface Rate {
  /** At most this weight in any window of perMs. */
  readonly weight: number;
  readonly perMs: number;
}

/** A sliding window of what was spent. Times are performance.now(). */
export class RateBudget {
  readonly #rate: Rate;
  #spent: { atMs: number; weight: number }[] = [];
  #sum = 0;
  #closedUntilMs = 0;

  constructor(rate: Rate) {
    this.#rate = rate;
  }

  /** 0: taken. Otherwise nothing was taken, and it can fit in this many ms at the earliest. */
  take(weight: number, nowMs = performance.now()): number {
    if (nowMs < this.#closedUntilMs) return Math.ceil(this.#closedUntilMs - nowMs);
    this.#forget(nowMs);
    const cost = Math.min(weight, this.#rate.weight);
    if (this.#sum + cost <= this.#rate.weight) {
      this.#spent.push({ atMs: nowMs, weight: cost });
      this.#sum += cost;
      return 0;
    }
    let free = this.#rate.weight - this.#sum;
    for (const { atMs, weight: back } of this.#spent) {
      free += back;
      if (free >= cost) return Math.max(1, Math.ceil(atMs + this.#rate.perMs - nowMs));
    }
    return this.#rate.perMs;
  }

  /** Waits until it fits; false when cancelled. */
  async acquire(weight: number, signal?: AbortSignal): Promise<boolean> {
    for (;;) {
      if (signal?.aborted) return false;
      const wait = this.take(weight);
      if (wait === 0) return true;
      if (!(await pause(wait, signal))) return false;
    }
  }

  /** The server said to stay away: nothing is taken for this long. */
  close(forMs: number, nowMs = performance.now()): void {
    this.#closedUntilMs = Math.max(this.#closedUntilMs, nowMs + forMs);
  }

  get closedMs(): number {
    return Math.max(0, this.#closedUntilMs - performance.now());
  }

  #forget(nowMs: number): void {
    let gone = 0;
    for (const { atMs, weight } of this.#spent) {
      if (atMs + this.#rate.perMs > nowMs) break;
      this.#sum -= weight;
      gone += 1;
    }
    if (gone > 0) this.#spent = this.#spent.slice(gone);
  }
}

const shared = new Map<string, RateBudget>();

/** One budget for everyone in this process who asks the same endpoint for the same purpose. */
export function sharedBudget(key: string, rate: Rate): RateBudget {
  let budget = shared.get(key);
  if (!budget) {
    budget = new RateBudget(rate);
    shared.set(key, budget);
  }
  return budget;
}

/** Waits between attempts: the first at once, then doubling from firstMs to maxMs, each shortened by up to half at random. */
export class Backoff {
  readonly #firstMs: number;
  readonly #maxMs: number;
  #attempt = 0;

  constructor(firstMs: number, maxMs: number) {
    this.#firstMs = firstMs;
    this.#maxMs = maxMs;
  }

  next(): number {
    const attempt = this.#attempt++;
    if (attempt === 0) return 0;
    const full = Math.min(this.#maxMs, this.#firstMs * 2 ** Math.min(attempt - 1, 30));
    return Math.round(full * (0.5 + Math.random() * 0.5));
  }

  reset(): void {
    this.#attempt = 0;
  }

  get attempts(): number {
    return this.#attempt;
  }
}
