// The life of one child: started, greeted, watched, asked, drained, and back within a second when it dies.
// Promises: `exit` counts once, nothing is posted to a dead child, and every request gets an answer.
import type { z } from 'zod';
import { type Failure, fail, type Result } from '../../src-shared/base/result.ts';
import type { childStateSchema } from '../../src-shared/contract/system.ts';
import { type ChildEnvelope, childEnvelope, type ParentEnvelope } from '../../src-shared/contract/wire.ts';
import type { Log } from '../base/log.ts';
import type { Child, ChildEnd, ChildPort, ProcessName } from './child.ts';
import { LifeRecord } from './health/life-record.ts';

export type ChildState = z.infer<typeof childStateSchema>;

export interface ChildTiming {
  /** A child that has not said hello by then is ended. */
  readonly helloMs: number;
  /** Without a beat for this long it is reported, after killMs it is ended: a child that was stopped for a while must survive. */
  readonly unresponsiveMs: number;
  readonly killMs: number;
  /** Wait before restart number n (the last one repeats). */
  readonly backoffMs: readonly number[];
  /** Deaths in a row before it was ever ready that hold it. */
  readonly deathsToHold: number;
}

export const usualTiming: ChildTiming = {
  // On a starved machine or a cold disk the store takes its time: killed for that it would only begin again, and be held after five times.
  helloMs: 20_000,
  unresponsiveMs: 10_000,
  killMs: 120_000,
  backoffMs: [0, 100, 200, 400, 800],
  deathsToHold: 5,
};

export interface ChildStart {
  readonly dataDir: string;
  readonly settings: unknown;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface ChildOwner {
  /** Asked anew at each start, so that a restart takes the newest settings. */
  start(): ChildStart;
  published(name: string, value: unknown): void;
  /** A child's own request to another process. Never rejects. */
  asked(name: string, input: unknown): Promise<Result<unknown>>;
  /** State, pid or note are not what they were. */
  changed(): void;
  /** The process is no more: what it published is stale. */
  gone(): void;
}

/** Requests that may wait for one child; more are refused, so that a child that stands still cannot fill the host's memory. */
const PENDING_LIMIT = 512;
const CHECK_MS = 500;

interface Pending {
  /** undefined once the asker has been answered (cancelled): the place stays taken until the child replies. */
  settle: ((result: Result<unknown>) => void) | undefined;
}

export class SupervisedChild {
  readonly name: ProcessName;
  readonly life = new LifeRecord();
  readonly #port: ChildPort;
  readonly #owner: ChildOwner;
  readonly #log: Log;
  readonly #timing: ChildTiming;
  readonly #pending = new Map<number, Pending>();
  readonly #watch: NodeJS.Timeout;
  #child: Child | undefined;
  #state: ChildState['state'] = 'stopped';
  #note: string | null = null;
  #restarts = 0;
  #deathsInARow = 0;
  #wasReady = false;
  #nextId = 1;
  #spawnedMs = 0;
  #heardMs = 0;
  #greeted = false;
  /** It is being killed, and that was told. */
  #doomed = false;
  #checkedMs = performance.now();
  #restart: NodeJS.Timeout | undefined;
  #draining: { readonly ended: Promise<void>; end: () => void } | undefined;

  constructor(name: ProcessName, port: ChildPort, owner: ChildOwner, log: Log, timing: ChildTiming = usualTiming) {
    this.name = name;
    this.#port = port;
    this.#owner = owner;
    this.#log = log;
    this.#timing = timing;
    this.#watch = setInterval(() => this.#check(), CHECK_MS);
    this.#watch.unref();
  }

  get pid(): number | null {
    return this.#child?.pid ?? null;
  }

  state(): ChildState {
    return {
      process: this.name,
      pid: this.pid,
      state: this.#state,
      restarts: this.#restarts,
      note: this.#note,
    };
  }

  /** Starts it, also out of `held`. Nothing happens when it runs. */
  start(): void {
    if (this.#child) return;
    clearTimeout(this.#restart);
    this.#deathsInARow = 0;
    this.#note = null;
    this.#spawn();
  }

  /** Asks it to leave in order; after `limitMs` it is killed. Resolves when it is gone: true when it left by itself. */
  async drain(reason: string, limitMs: number): Promise<boolean> {
    clearTimeout(this.#restart);
    if (!this.#child) {
      this.#become('stopped', null);
      return true;
    }
    if (!this.#draining) {
      let end: () => void = () => undefined;
      const ended = new Promise<void>((resolve) => {
        end = resolve;
      });
      this.#draining = { ended, end };
      if (this.#greeted) this.#post({ t: 'drain', reason });
    }
    const draining = this.#draining;
    let killed = false;
    const timer = setTimeout(() => {
      killed = true;
      this.#log.error(
        { child: this.name, pid: this.pid, limitMs },
        `${this.name} did not leave within ${limitMs} ms and is killed`,
      );
      this.#child?.kill();
    }, limitMs);
    await draining.ended;
    clearTimeout(timer);
    return !killed;
  }

  /** Ends the watch; the child must have been drained. */
  close(): void {
    clearInterval(this.#watch);
    clearTimeout(this.#restart);
  }

  request(name: string, input: unknown, signal: AbortSignal): Promise<Result<unknown>> {
    if (!this.#child || !this.#greeted) return Promise.resolve({ ok: false, failure: this.#absence() });
    if (this.#pending.size >= PENDING_LIMIT) {
      return Promise.resolve(
        fail('process.busy', `${this.name} has ${this.#pending.size} requests unanswered; ${name} was not sent`, {
          retry: true,
        }),
      );
    }
    return new Promise((resolve) => {
      const id = this.#nextId++;
      const pending: Pending = {
        settle: (result) => {
          signal.removeEventListener('abort', cancel);
          pending.settle = undefined;
          resolve(result);
        },
      };
      const cancel = (): void => {
        pending.settle?.(fail('request.cancelled', `${name} was cancelled`));
        this.#post({ t: 'cancel', id });
      };
      signal.addEventListener('abort', cancel, { once: true });
      this.#pending.set(id, pending);
      this.#post({ t: 'request', id, name, input });
    });
  }

  #absence(): Failure {
    const words: Record<ChildState['state'], string> = {
      starting: 'is starting',
      ready: 'is starting',
      restarting: 'is being restarted',
      held: `is held${this.#note ? `: ${this.#note}` : ''}`,
      stopped: 'does not run in this mode',
    };
    const wait = this.#state === 'starting' || this.#state === 'restarting';
    return { code: 'process.gone', message: `${this.name} ${words[this.#state]}`, retry: wait };
  }

  #spawn(): void {
    this.#greeted = false;
    this.#doomed = false;
    this.#spawnedMs = performance.now();
    this.#heardMs = this.#spawnedMs;
    let ended = false;
    const child = this.#port.spawn(this.name, {
      message: (raw) => {
        if (!ended) this.#receive(raw);
      },
      exit: (end) => {
        if (ended) return;
        ended = true;
        this.#buried(end);
      },
    });
    if (ended) return;
    this.#child = child;
    this.life.started();
    this.#log.info({ child: this.name, childPid: child.pid }, `${this.name} started`);
    this.#become('starting', this.#note);
  }

  #receive(raw: unknown): void {
    const read = childEnvelope.safeParse(raw);
    if (!read.success) {
      this.#log.error({ child: this.name, issue: read.error.message }, `${this.name} sent what no envelope allows`);
      return;
    }
    this.#heardMs = performance.now();
    this.#handle(read.data);
  }

  #handle(message: ChildEnvelope): void {
    switch (message.t) {
      case 'hello':
        this.#greeted = true;
        // Electron knows a child's pid only now.
        this.#owner.changed();
        this.#post({ t: 'start', ...this.#owner.start() });
        if (this.#draining) this.#post({ t: 'drain', reason: 'the host is leaving' });
        return;
      case 'ready':
        this.#deathsInARow = 0;
        this.#wasReady = true;
        this.#log.info({ child: this.name, ms: Math.round(performance.now() - this.#spawnedMs) }, `${this.name} ready`);
        this.#become('ready', null);
        return;
      case 'beat':
        this.life.beat(message.rssBytes, message.cpuUs);
        return;
      case 'goodbye':
        this.#log.info({ child: this.name, reason: message.reason }, `${this.name} says goodbye`);
        return;
      case 'publish':
        this.#owner.published(message.name, message.value);
        return;
      case 'reply':
        this.#pending.get(message.id)?.settle?.(message.result as Result<unknown>);
        this.#pending.delete(message.id);
        return;
      case 'request': {
        const asker = this.#child;
        void this.#owner.asked(message.name, message.input).then((result) => {
          if (asker && asker === this.#child) asker.post({ t: 'reply', id: message.id, result: wireResult(result) });
        });
        return;
      }
    }
  }

  #buried(end: ChildEnd): void {
    const wasReady = this.#state === 'ready';
    const how = end.signal ?? (end.code === null ? '' : `code ${end.code}`);
    const words = [how, end.words].filter((part) => part !== '').join(': ');
    this.#child = undefined;
    this.#greeted = false;
    this.life.ended(how, end.words, this.#draining !== undefined);
    this.#deathsInARow = wasReady ? 0 : this.#deathsInARow + 1;
    const failure = fail('process.gone', `${this.name} ended (${end.signal ?? end.code}) before it answered`, {
      retry: true,
    });
    for (const pending of this.#pending.values()) pending.settle?.(failure);
    this.#pending.clear();
    this.#owner.gone();
    if (this.#draining) {
      const draining = this.#draining;
      this.#draining = undefined;
      this.#become('stopped', null);
      draining.end();
      return;
    }
    this.#log.warn({ child: this.name, end, deathsInARow: this.#deathsInARow }, `${this.name} ended: ${words}`);
    if (!this.#wasReady && this.#deathsInARow >= this.#timing.deathsToHold) {
      this.#become('held', `ended ${this.#deathsInARow} times before it was ready, last with ${words}`);
      return;
    }
    this.#restarts += 1;
    const step = Math.min(Math.max(0, this.#deathsInARow - 1), this.#timing.backoffMs.length - 1);
    this.#become('restarting', `ended with ${words}`);
    this.#restart = setTimeout(() => this.#spawn(), this.#timing.backoffMs[step] ?? 0);
  }

  #check(): void {
    const now = performance.now();
    // The host itself slept or was held up: silence in that time says nothing about the child.
    if (now - this.#checkedMs > CHECK_MS * 6) {
      this.#heardMs = now;
      this.#spawnedMs = Math.max(this.#spawnedMs, now - this.#timing.helloMs / 2);
    }
    this.#checkedMs = now;
    if (!this.#child) return;
    if (!this.#greeted && now - this.#spawnedMs > this.#timing.helloMs) {
      if (!this.#doomed)
        this.#log.error(
          { child: this.name },
          `${this.name} did not say hello within ${this.#timing.helloMs} ms and is killed`,
        );
      this.#kill();
      return;
    }
    const silentMs = now - this.#heardMs;
    if (silentMs > this.#timing.killMs) {
      if (!this.#doomed)
        this.#log.error(
          { child: this.name, silentMs },
          `${this.name} gave no sign of life for ${Math.round(silentMs / 1000)} s and is killed`,
        );
      this.#kill();
      return;
    }
    if (silentMs > this.#timing.unresponsiveMs) {
      this.#become(this.#state, `unresponsive: no sign of life for ${Math.round(silentMs / 1000)} s`);
    } else if (this.#note?.startsWith('unresponsive')) {
      this.#become(this.#state, null);
    }
  }

  #kill(): void {
    this.#doomed = true;
    this.#child?.kill();
  }

  #become(state: ChildState['state'], note: string | null): void {
    if (state === this.#state && note === this.#note && state !== 'starting') return;
    this.#state = state;
    this.#note = note;
    this.#owner.changed();
  }

  #post(message: ParentEnvelope): void {
    this.#child?.post(message);
  }
}

/** The same result in the plain shape that the wire declares. */
export function wireResult(
  result: Result<unknown>,
):
  | { ok: true; value: unknown }
  | { ok: false; failure: { code: string; message: string; retry: boolean; detail?: unknown } } {
  return result.ok ? { ok: true, value: result.value } : { ok: false, failure: { ...result.failure } };
}
