// The router: every request by its name to its owner, every event to whoever subscribed. Knows the contract, not the processes.
// Promises: input is checked here; each request is answered, or fails in its time, and never rejects; a slow screen gets the latest values, never a growing queue.
import { fail, type Result, reasonOf } from '../../src-shared/base/result.ts';
import type { Owner } from '../../src-shared/contract/define.ts';
import {
  contract,
  type EventName,
  type EventValue,
  isEventName,
  isRequestName,
  type RequestInput,
  type RequestName,
  type RequestOutput,
} from '../../src-shared/contract/index.ts';
import { upEnvelope } from '../../src-shared/contract/wire.ts';
import type { Log } from '../base/log.ts';
import type { Screen } from './screen.ts';
import { wireResult } from './supervised-child.ts';

/** Whoever answers the requests of one owner. The signal tells that the answer is no longer wanted. */
export interface RequestTarget {
  request(name: string, input: unknown, signal: AbortSignal): Promise<Result<unknown>>;
}

/** Requests and subscriptions that one screen may hold at a time. */
const SCREEN_LIMIT = 256;

interface Subscription {
  readonly name: EventName;
  /** Running number of the values, told or skipped. */
  seq: number;
  held: boolean;
}

interface Attached {
  readonly screen: Screen;
  readonly subscriptions: Map<number, Subscription>;
  readonly running: Map<number, AbortController>;
}

export class Router {
  readonly #log: Log;
  readonly #targets = new Map<Owner, RequestTarget>();
  readonly #latest = new Map<EventName, unknown>();
  readonly #screens = new Set<Attached>();
  readonly #listeners = new Map<EventName, Set<(value: unknown) => void>>();
  readonly #refused = new Set<string>();

  constructor(log: Log) {
    this.#log = log;
  }

  own(owner: Owner, target: RequestTarget): void {
    this.#targets.set(owner, target);
  }

  get screens(): number {
    return this.#screens.size;
  }

  /** The checked request at its owner. `signal` cancels it. Never rejects: most who ask are events, where a rejection would end the host. */
  async request(name: string, input: unknown, signal?: AbortSignal): Promise<Result<unknown>> {
    if (!isRequestName(name)) return fail('request.unknown', `there is no request named ${JSON.stringify(name)}`);
    const definition = contract[name];
    const parsed = definition.input.safeParse(input ?? {});
    if (!parsed.success) {
      const said = parsed.error.issues
        .map((issue) => `${issue.path.join('.') || 'input'}: ${issue.message}`)
        .join('; ');
      return fail('request.invalid', `${name}: ${said}`);
    }
    const target = this.#targets.get(definition.owner);
    if (!target)
      return fail('process.gone', `${name} is answered by ${definition.owner}, which is not part of this host`);
    const limit = new AbortController();
    const timer = setTimeout(() => limit.abort(), definition.timeoutMs);
    const either = signal ? AbortSignal.any([signal, limit.signal]) : limit.signal;
    const late = Promise.withResolvers<Result<unknown>>();
    const onAbort = (): void =>
      late.resolve(
        limit.signal.aborted
          ? fail('request.timeout', `${definition.owner} did not answer ${name} within ${definition.timeoutMs} ms`, {
              retry: true,
            })
          : fail('request.cancelled', `${name} was cancelled`),
      );
    either.addEventListener('abort', onAbort, { once: true });
    if (either.aborted) onAbort();
    try {
      // The time limit is heard before the target's own "cancelled": the listener above was first.
      return await Promise.race([late.promise, this.#answer(target, name, parsed.data, either)]);
    } finally {
      clearTimeout(timer);
      either.removeEventListener('abort', onAbort);
    }
  }

  /** What an owner throws concerns the one request: it is told and answered, and the recording goes on. */
  async #answer(target: RequestTarget, name: string, input: unknown, signal: AbortSignal): Promise<Result<unknown>> {
    try {
      return await target.request(name, input, signal);
    } catch (error) {
      this.#log.error({ request: name, err: error }, `${name} failed: ${reasonOf(error)}`);
      return fail('request.failed', `${name} failed: ${reasonOf(error)}`, { retry: true });
    }
  }

  /** A typed request of the host itself; its output is checked. */
  async ask<N extends RequestName>(
    name: N,
    input: RequestInput<N>,
    signal?: AbortSignal,
  ): Promise<Result<RequestOutput<N>>> {
    const result = await this.request(name, input, signal);
    if (!result.ok) return result;
    const output = contract[name].output.safeParse(result.value);
    if (!output.success)
      return fail('reply.invalid', `${name} was answered with something else: ${output.error.message}`);
    return { ok: true, value: output.data as RequestOutput<N> };
  }

  /** A value of an event from its owner; what does not fit its declaration is refused and said once. */
  publish(owner: Owner, name: string, value: unknown): void {
    const definition = isEventName(name) ? contract[name] : undefined;
    if (!isEventName(name) || definition?.kind !== 'event' || definition.owner !== owner) {
      this.#refuse(name, `${owner} may not publish ${JSON.stringify(name)}`);
      return;
    }
    const parsed = definition.value.safeParse(value);
    if (!parsed.success) {
      this.#refuse(name, `${owner} published ${name} in another shape: ${parsed.error.message}`);
      return;
    }
    this.#latest.set(name, parsed.data);
    for (const listener of this.#listeners.get(name) ?? []) listener(parsed.data);
    for (const attached of this.#screens) {
      for (const [id, subscription] of attached.subscriptions) {
        if (subscription.name === name) this.#tell(attached, id, subscription, parsed.data);
      }
    }
  }

  /** The latest value; undefined when it was never told, or its owner is gone. */
  latest<N extends EventName>(name: N): EventValue<N> | undefined {
    return this.#latest.get(name) as EventValue<N> | undefined;
  }

  /** The owner died: what it published last no longer holds. */
  forget(owner: Owner): void {
    for (const name of this.#latest.keys()) {
      if (contract[name].owner === owner) this.#latest.delete(name);
    }
  }

  /** Every coming value, inside the host. Returns the end of it. */
  listen<N extends EventName>(name: N, listener: (value: EventValue<N>) => void): () => void {
    const all = this.#listeners.get(name) ?? new Set();
    const plain = (value: unknown): void => listener(value as EventValue<N>);
    all.add(plain);
    this.#listeners.set(name, all);
    return () => all.delete(plain);
  }

  attach(screen: Screen): void {
    const attached: Attached = { screen, subscriptions: new Map(), running: new Map() };
    this.#screens.add(attached);
    screen.listen({
      message: (raw) => this.#receive(attached, raw),
      drained: () => this.#flush(attached),
      closed: () => {
        this.#screens.delete(attached);
        for (const controller of attached.running.values()) controller.abort();
      },
    });
  }

  #receive(attached: Attached, raw: unknown): void {
    const read = upEnvelope.safeParse(raw);
    if (!read.success) {
      this.#log.warn(
        { screen: attached.screen.name, issue: read.error.message },
        'a screen sent what no envelope allows',
      );
      return;
    }
    const message = read.data;
    const { screen, subscriptions, running } = attached;
    switch (message.t) {
      case 'request': {
        if (running.size >= SCREEN_LIMIT || running.has(message.id)) {
          const why = running.has(message.id)
            ? `request ${message.id} is still running`
            : `${running.size} requests are unanswered`;
          screen.post({ t: 'reply', id: message.id, result: wireResult(fail('screen.busy', why, { retry: true })) });
          return;
        }
        const controller = new AbortController();
        running.set(message.id, controller);
        void this.request(message.name, message.input, controller.signal).then((result) => {
          running.delete(message.id);
          if (this.#screens.has(attached)) screen.post({ t: 'reply', id: message.id, result: wireResult(result) });
        });
        return;
      }
      case 'cancel':
        running.get(message.id)?.abort();
        return;
      case 'subscribe': {
        if (!isEventName(message.name) || subscriptions.size >= SCREEN_LIMIT) {
          const why = isEventName(message.name)
            ? `${subscriptions.size} subscriptions are open`
            : `there is no event named ${JSON.stringify(message.name)}`;
          screen.post({ t: 'reply', id: message.id, result: wireResult(fail('event.refused', why)) });
          return;
        }
        const subscription: Subscription = { name: message.name, seq: 0, held: false };
        subscriptions.set(message.id, subscription);
        const latest = this.#latest.get(message.name);
        if (latest !== undefined) this.#tell(attached, message.id, subscription, latest);
        return;
      }
      case 'unsubscribe':
        subscriptions.delete(message.id);
        return;
    }
  }

  #tell(attached: Attached, id: number, subscription: Subscription, value: unknown): void {
    subscription.seq += 1;
    if (attached.screen.congested()) {
      subscription.held = true;
      return;
    }
    subscription.held = false;
    attached.screen.post({ t: 'event', id, seq: subscription.seq, value });
  }

  #flush(attached: Attached): void {
    for (const [id, subscription] of attached.subscriptions) {
      if (attached.screen.congested()) return;
      const latest = this.#latest.get(subscription.name);
      if (!subscription.held || latest === undefined) continue;
      subscription.held = false;
      attached.screen.post({ t: 'event', id, seq: subscription.seq, value: latest });
    }
  }

  #refuse(name: string, why: string): void {
    if (this.#refused.has(name)) return;
    this.#refused.add(name);
    this.#log.error({ event: name }, why);
  }
}
