// The screen's one client: requests and subscriptions over any port, across any number of reconnects.
// Promises: every request ends (value, failure, time-out or link lost); values are checked with the contract before anyone sees them; events never go back in time.
import { fail, type Result } from '../../src-shared/base/result.ts';
import type { EventDefinition, RequestDefinition } from '../../src-shared/contract/define.ts';
import {
  contract,
  type EventName,
  type EventValue,
  type RequestInput,
  type RequestName,
  type RequestOutput,
} from '../../src-shared/contract/index.ts';
import { downEnvelope } from '../../src-shared/contract/wire.ts';
import type { OpenPort, Port, Reach } from './port.ts';

export interface LinkState {
  readonly phase: 'connecting' | 'open' | 'lost';
  /** When this phase began, on the client's clock (ms). */
  readonly sinceMs: number;
  /** Last message that came in, ms on the client's clock; null before the first. */
  readonly lastMessageMs: number | null;
  readonly attempts: number;
  /** What the host's HTTP side says while the link is lost; null when not asked. */
  readonly reach: Reach | null;
  readonly reason: string | null;
  /** Messages that were not in the contract's shape since the page was opened. */
  readonly unreadable: number;
  /** Times that the link came back. */
  readonly recoveries: number;
}

export interface Clock {
  now(): number;
  /** Returns a function that cancels. */
  after(ms: number, run: () => void): () => void;
  /** 0 to 1, for jitter. */
  random(): number;
}

export interface LinkClient {
  request<N extends RequestName>(
    name: N,
    input: RequestInput<N>,
    signal?: AbortSignal,
  ): Promise<Result<RequestOutput<N>>>;
  /** The latest value comes first, at once when it is known. Returns unsubscribe. */
  subscribe<N extends EventName>(name: N, receive: (value: EventValue<N>) => void): () => void;
  latest<N extends EventName>(name: N): EventValue<N> | undefined;
  state(): LinkState;
  onState(listener: () => void): () => void;
  /** Tries at once, without waiting for the backoff. */
  reconnect(): void;
  close(): void;
}

export interface LinkOptions {
  readonly open: OpenPort;
  readonly probe?: () => Promise<Reach>;
  readonly clock?: Clock;
}

interface Pending {
  readonly name: RequestName;
  readonly settle: (result: Result<unknown>) => void;
}

interface Subscription {
  readonly name: EventName;
  readonly receivers: Set<(value: unknown) => void>;
  id: number;
  seq: number;
  known: boolean;
  latest: unknown;
}

const FIRST_RETRY_MS = 250;
const LONGEST_RETRY_MS = 5000;
/** A host that says nothing for so long is asked; one that does not answer in time is given up and connected to again. */
const SILENCE_MS = 5000;
/** The router answers time-outs itself; the screen waits a little longer than it. */
const REPLY_MARGIN_MS = 3000;

const wallClock: Clock = {
  now: () => performance.now(),
  after: (ms, run) => {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};

export function createLinkClient(options: LinkOptions): LinkClient {
  const clock = options.clock ?? wallClock;
  const pending = new Map<number, Pending>();
  const byName = new Map<EventName, Subscription>();
  const byId = new Map<number, Subscription>();
  const listeners = new Set<() => void>();
  let nextId = 1;
  let port: Port | null = null;
  let stopped = false;
  let cancelRetry: () => void = () => undefined;
  let cancelWatch: () => void = () => undefined;
  let generation = 0;
  let opens = 0;
  let state: LinkState = {
    phase: 'connecting',
    sinceMs: clock.now(),
    lastMessageMs: null,
    attempts: 0,
    reach: null,
    reason: null,
    unreadable: 0,
    recoveries: 0,
  };

  const update = (change: Partial<LinkState>): void => {
    state = { ...state, ...change };
    for (const listener of listeners) listener();
  };

  const announce = (subscription: Subscription): void => {
    byId.delete(subscription.id);
    subscription.id = nextId++;
    subscription.seq = 0;
    byId.set(subscription.id, subscription);
    port?.send({ t: 'subscribe', id: subscription.id, name: subscription.name });
  };

  const receive = (raw: unknown): void => {
    // The time of the last message changes all the time: it is kept without telling listeners.
    state = { ...state, lastMessageMs: clock.now() };
    const envelope = downEnvelope.safeParse(raw);
    if (!envelope.success) {
      update({ unreadable: state.unreadable + 1 });
      return;
    }
    const message = envelope.data;
    if (message.t === 'reply') {
      const request = pending.get(message.id);
      if (!request) return;
      pending.delete(message.id);
      request.settle(message.result.ok ? checkReply(request.name, message.result.value) : failureOf(message.result));
      return;
    }
    const subscription = byId.get(message.id);
    if (!subscription || message.seq <= subscription.seq) return;
    const definition: EventDefinition = contract[subscription.name];
    const value = definition.value.safeParse(message.value);
    subscription.seq = message.seq;
    if (!value.success) {
      update({ unreadable: state.unreadable + 1 });
      return;
    }
    subscription.known = true;
    subscription.latest = value.data;
    for (const receiver of subscription.receivers) receiver(value.data);
  };

  const checkReply = (name: RequestName, value: unknown): Result<unknown> => {
    const definition: RequestDefinition = contract[name];
    const parsed = definition.output.safeParse(value);
    if (parsed.success) return { ok: true, value: parsed.data };
    update({ unreadable: state.unreadable + 1 });
    return fail('link.invalid-reply', `${name}: the host's answer is not in the agreed shape: ${parsed.error.message}`);
  };

  const watchSilence = (): void => {
    cancelWatch();
    const current = generation;
    cancelWatch = clock.after(SILENCE_MS, () => {
      if (current !== generation || state.phase !== 'open') return;
      const heardMs = state.lastMessageMs ?? state.sinceMs;
      if (clock.now() - heardMs < SILENCE_MS) {
        watchSilence();
        return;
      }
      send('system.status', {}, undefined, SILENCE_MS).then(() => {
        if (current !== generation) return;
        const stillSilent = clock.now() - (state.lastMessageMs ?? state.sinceMs) >= SILENCE_MS;
        if (stillSilent) port?.close();
        else watchSilence();
      });
    });
  };

  const connect = (): void => {
    cancelRetry();
    generation += 1;
    const current = generation;
    // An attempt that still hangs is given up; its last words belong to an older generation and are not heard.
    port?.close();
    port = options.open({
      opened: () => {
        if (current !== generation) return;
        opens += 1;
        update({
          phase: 'open',
          sinceMs: clock.now(),
          attempts: 0,
          reach: null,
          reason: null,
          recoveries: opens - 1,
        });
        for (const subscription of byName.values()) announce(subscription);
        watchSilence();
      },
      message: (raw) => {
        if (current === generation) receive(raw);
      },
      closed: (reason) => {
        if (current === generation) lost(reason);
      },
    });
  };

  const lost = (reason: string): void => {
    generation += 1;
    port = null;
    cancelWatch();
    for (const [id, request] of [...pending]) {
      pending.delete(id);
      request.settle(fail('link.lost', `${request.name}: the link to the host was lost`, { retry: true }));
    }
    if (stopped) return;
    const attempts = state.attempts + 1;
    update({ phase: 'lost', sinceMs: state.phase === 'lost' ? state.sinceMs : clock.now(), attempts, reason });
    const base = Math.min(LONGEST_RETRY_MS, FIRST_RETRY_MS * 2 ** Math.min(attempts - 1, 10));
    cancelRetry = clock.after(base * (0.8 + 0.4 * clock.random()), connect);
    const current = generation;
    options.probe?.().then((reach) => {
      if (current === generation && state.phase === 'lost') update({ reach });
    });
  };

  const send = (
    name: RequestName,
    input: unknown,
    signal: AbortSignal | undefined,
    timeoutMs: number,
  ): Promise<Result<unknown>> =>
    new Promise((resolve) => {
      if (!port || state.phase !== 'open') {
        resolve(fail('link.lost', `${name}: there is no link to the host`, { retry: true }));
        return;
      }
      if (signal?.aborted) {
        resolve(fail('request.cancelled', `${name} was cancelled`));
        return;
      }
      const id = nextId++;
      const giveUp = (result: Result<never>): void => {
        const request = pending.get(id);
        if (!request) return;
        pending.delete(id);
        port?.send({ t: 'cancel', id });
        request.settle(result);
      };
      const cancelled = (): void => giveUp(fail('request.cancelled', `${name} was cancelled`));
      const stopTimer = clock.after(timeoutMs, () =>
        giveUp(fail('link.timeout', `${name}: no answer within ${Math.round(timeoutMs / 1000)} s`, { retry: true })),
      );
      signal?.addEventListener('abort', cancelled);
      pending.set(id, {
        name,
        settle: (result) => {
          stopTimer();
          signal?.removeEventListener('abort', cancelled);
          resolve(result);
        },
      });
      port.send({ t: 'request', id, name, input });
    });

  connect();

  return {
    request: async <N extends RequestName>(name: N, input: RequestInput<N>, signal?: AbortSignal) => {
      const definition: RequestDefinition = contract[name];
      const result = await send(name, input, signal, definition.timeoutMs + REPLY_MARGIN_MS);
      return result as Result<RequestOutput<N>>;
    },
    subscribe: <N extends EventName>(name: N, receiveValue: (value: EventValue<N>) => void) => {
      const receiver = (value: unknown): void => receiveValue(value as EventValue<N>);
      let subscription = byName.get(name);
      if (subscription) {
        subscription.receivers.add(receiver);
        if (subscription.known) receiver(subscription.latest);
      } else {
        subscription = { name, receivers: new Set([receiver]), id: 0, seq: 0, known: false, latest: undefined };
        byName.set(name, subscription);
        if (state.phase === 'open') announce(subscription);
      }
      const kept = subscription;
      return () => {
        if (!kept.receivers.delete(receiver) || kept.receivers.size > 0) return;
        byName.delete(name);
        byId.delete(kept.id);
        if (state.phase === 'open') port?.send({ t: 'unsubscribe', id: kept.id });
      };
    },
    latest: <N extends EventName>(name: N) => byName.get(name)?.latest as EventValue<N> | undefined,
    state: () => state,
    onState: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    reconnect: () => {
      if (!stopped && state.phase === 'lost') connect();
    },
    close: () => {
      stopped = true;
      cancelRetry();
      port?.close();
    },
  };
}

function failureOf(result: Extract<RawResult, { ok: false }>): Result<never> {
  const { code, message, retry, detail } = result.failure;
  return fail(code, message, { retry, detail });
}

type RawResult = Extract<ReturnType<typeof downEnvelope.parse>, { t: 'reply' }>['result'];
