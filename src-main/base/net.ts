// Asking servers over HTTP, and asking them no more often than they allow: timeouts, weighted budgets shared per endpoint,
// jittered backoff, Retry-After. No call here throws for what a server or the network does.
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { fail, ok, type Result, reasonOf } from '../../src-shared/base/result.ts';
import type { Past, SpentLog } from './spent-log.ts';

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
  /** Source address of this machine to ask from. */
  readonly localAddress?: string;
}

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 48 * 1024 ** 2;

/** Any reply, whatever its status, is a value; http.unreachable, http.timeout, http.too-large and http.cancelled are the failures. */
export async function httpFetch(url: string, options: HttpOptions = {}): Promise<Result<HttpReply>> {
  const timeout = AbortSignal.timeout(options.timeoutMs ?? TIMEOUT_MS);
  const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
  const maxBytes = options.maxBytes ?? MAX_BYTES;
  const headers = { 'user-agent': 'tapedeck', accept: 'application/json', ...options.headers };
  try {
    const response = await (options.localAddress === undefined
      ? fetched(url, options, headers, signal)
      : askedFrom(options.localAddress, url, options, headers, signal));
    const parts: Uint8Array[] = [];
    let length = 0;
    for await (const part of response.body) {
      length += part.length;
      if (length > maxBytes) return fail('http.too-large', `${url}: reply is longer than ${maxBytes} bytes`);
      parts.push(part);
    }
    return ok({ status: response.status, headers: response.headers, body: Buffer.concat(parts, length) });
  } catch (error) {
    if (options.signal?.aborted) return fail('http.cancelled', `${url}: cancelled`);
    if (timeout.aborted) {
      return fail('http.timeout', `${url}: no answer within ${options.timeoutMs ?? TIMEOUT_MS} ms`, { retry: true });
    }
    const cause = error instanceof Error && error.cause !== undefined ? reasonOf(error.cause) : '';
    return fail('http.unreachable', `${url}: ${reasonOf(error)}${cause ? ` (${cause})` : ''}`, { retry: true });
  }
}

interface Response {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array>;
}

async function fetched(
  url: string,
  options: HttpOptions,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  const response = await fetch(url, { method: options.method ?? 'GET', headers, signal });
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers.entries()),
    body: response.body ?? nothing(),
  };
}

async function* nothing(): AsyncGenerator<Uint8Array> {}

const AGENT = { keepAlive: true, timeout: 30_000 };
const plainAgents = new Map<string, HttpAgent>();
const secureAgents = new Map<string, HttpsAgent>();

/** fetch cannot choose its source address; a request of the http module can. */
function askedFrom(
  localAddress: string,
  url: string,
  options: HttpOptions,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response> {
  return new Promise((resolve, reject) => {
    const to = new URL(url);
    const common = { method: options.method ?? 'GET', headers, signal, localAddress };
    const answered = (message: IncomingMessage): void => {
      const said = Object.entries(message.headers).flatMap(([name, value]) =>
        value === undefined ? [] : [[name, Array.isArray(value) ? value.join(', ') : value] as const],
      );
      resolve({ status: message.statusCode ?? 0, headers: Object.fromEntries(said), body: message });
    };
    const asking =
      to.protocol === 'https:'
        ? httpsRequest(
            to,
            { ...common, agent: agentOf(secureAgents, localAddress, () => new HttpsAgent(AGENT)) },
            answered,
          )
        : httpRequest(
            to,
            { ...common, agent: agentOf(plainAgents, localAddress, () => new HttpAgent(AGENT)) },
            answered,
          );
    asking.on('error', reject);
    asking.end();
  });
}

/** One for each source address: its kept connections are from there. */
function agentOf<A>(agents: Map<string, A>, localAddress: string, make: () => A): A {
  let agent = agents.get(localAddress);
  if (!agent) {
    agent = make();
    agents.set(localAddress, agent);
  }
  return agent;
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

/** Where a budget keeps what was spent of it for the process after this one, and finds what the one before it spent. */
export interface BudgetMemory {
  readonly past: Past;
  /** underWay: it may reach its server some time later. */
  spent(weight: number, underWay: boolean): void;
  closed(forMs: number): void;
}

interface Spent {
  /** Infinity while the request is under way. */
  atMs: number;
  readonly weight: number;
}

/** A sliding window of what was spent. Times are performance.now(). */
export class RateBudget {
  readonly #rate: Rate;
  readonly #memory: BudgetMemory | null;
  #spent: Spent[] = [];
  #sum = 0;
  #closedUntilMs = 0;

  constructor(rate: Rate, memory: BudgetMemory | null = null) {
    this.#rate = rate;
    this.#memory = memory;
    if (!memory) return;
    this.#spent = memory.past.spent.map((one) => ({ ...one }));
    this.#sum = this.#spent.reduce((sum, { weight }) => sum + weight, 0);
    this.#closedUntilMs = memory.past.closedUntilMs;
  }

  /** 0: taken. Otherwise nothing was taken, and it can fit in this many ms at the earliest. */
  take(weight: number, nowMs = performance.now()): number {
    const entered = this.#enter(weight, nowMs);
    if (typeof entered === 'number') return entered;
    entered.atMs = nowMs;
    this.#memory?.spent(entered.weight, false);
    return 0;
  }

  /**
   * Like take, for a request: the server counts it when it arrives, which is some time between being sent and being answered. Taken, it answers
   * with what to call when the answer is there: the weight counts until a whole window after that.
   */
  hold(weight: number, nowMs = performance.now()): number | ((answeredMs?: number) => void) {
    const entered = this.#enter(weight, nowMs);
    if (typeof entered === 'number') return entered;
    this.#memory?.spent(entered.weight, true);
    return (answeredMs = performance.now()) => {
      entered.atMs = answeredMs;
    };
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
    if (nowMs + forMs <= this.#closedUntilMs) return;
    this.#closedUntilMs = nowMs + forMs;
    this.#memory?.closed(forMs);
  }

  get closedMs(): number {
    return Math.max(0, this.#closedUntilMs - performance.now());
  }

  #enter(weight: number, nowMs: number): number | Spent {
    if (nowMs < this.#closedUntilMs) return Math.ceil(this.#closedUntilMs - nowMs);
    this.#forget(nowMs);
    const cost = Math.min(weight, this.#rate.weight);
    if (this.#sum + cost > this.#rate.weight) return this.#waitMs(cost, nowMs);
    const one: Spent = { atMs: Number.POSITIVE_INFINITY, weight: cost };
    this.#spent.push(one);
    this.#sum += cost;
    return one;
  }

  #forget(nowMs: number): void {
    const { perMs } = this.#rate;
    const kept = this.#spent.filter(({ atMs }) => atMs + perMs > nowMs);
    if (kept.length === this.#spent.length) return;
    this.#spent = kept;
    this.#sum = kept.reduce((sum, { weight }) => sum + weight, 0);
  }

  /** Until enough of what was answered is a window old; what is under way may take longer. */
  #waitMs(cost: number, nowMs: number): number {
    const { weight, perMs } = this.#rate;
    let free = weight - this.#sum;
    for (const one of this.#spent.toSorted((a, b) => a.atMs - b.atMs)) {
      free += one.weight;
      if (free >= cost) return Math.min(perMs, Math.max(1, Math.ceil(one.atMs + perMs - nowMs)));
    }
    return perMs;
  }
}

const shared = new Map<string, RateBudget>();
let log: SpentLog | null = null;

/** From now on shared budgets begin with what the processes before this one left of them. */
export function rememberBudgets(spent: SpentLog): void {
  log = spent;
}

/** What a budget of this name remembers; null where nobody keeps it. */
export function memoryOf(key: string): BudgetMemory | null {
  const kept = log;
  if (!kept) return null;
  return {
    past: kept.past(key),
    spent: (weight, underWay) => kept.spent(key, weight, underWay),
    closed: (forMs) => kept.closed(key, forMs),
  };
}

/** One budget for everyone in this process who asks the same endpoint for the same purpose. */
export function sharedBudget(key: string, rate: Rate): RateBudget {
  let budget = shared.get(key);
  if (!budget) {
    budget = new RateBudget(rate, memoryOf(key));
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
