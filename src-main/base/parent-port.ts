// A child's side of its channel to the supervisor: the same over child_process (node) and utilityProcess (Electron).
// Promises: hello at once, a beat twice a second, goodbye before a wanted end; when the host is gone the child drains and leaves, and whoever
// waits for an answer of it has one.

import { fail, type Result, reasonOf } from '../../src-shared/base/result.ts';
import {
  contract,
  type EventName,
  type EventValue,
  type RequestInput,
  type RequestName,
  type RequestOutput,
  type RequestParsed,
} from '../../src-shared/contract/index.ts';
import { type ChildEnvelope, parentEnvelope } from '../../src-shared/contract/wire.ts';
import { outliveReaders, printAside } from './readers.ts';
import { rssBytes } from './resident.ts';

export interface StartMessage {
  readonly dataDir: string;
  readonly settings: unknown;
  readonly options: Readonly<Record<string, unknown>>;
}

export interface RequestContext {
  /** Aborted when the asker no longer wants the answer or the process drains. */
  readonly signal: AbortSignal;
}

export type Handlers = {
  [N in RequestName]?: (
    input: RequestParsed<N>,
    context: RequestContext,
  ) => Result<RequestOutput<N>> | Promise<Result<RequestOutput<N>>>;
};

export interface ParentPort {
  /** Resolves when the supervisor has sent the start message. */
  readonly started: Promise<StartMessage>;
  /** Requests that come before their handler is set are answered with `process.not-ready` (retry). */
  serve(handlers: Handlers): void;
  publish<N extends EventName>(name: N, value: EventValue<N>): void;
  /** Asks another process through the host. */
  ask<N extends RequestName>(name: N, input: RequestInput<N>, signal?: AbortSignal): Promise<Result<RequestOutput<N>>>;
  /** Recording (collector) or queryable (store): the supervisor counts the child as up. */
  ready(): void;
  /** What to do before leaving: called once, on drain or when the host is gone. The process exits 0 when it resolves. */
  onDrain(drain: (reason: string) => Promise<void>): void;
}

interface Channel {
  post(message: ChildEnvelope): void;
  listen(receive: (message: unknown) => void, gone: () => void): void;
}

const BEAT_MS = 500;
const GONE = 'the host is gone';
const HOST_GONE = fail('process.gone', GONE, { retry: true });

function openChannel(): Channel {
  const electronPort = (process as { parentPort?: ElectronParentPort }).parentPort;
  if (electronPort) {
    return {
      post: (message) => electronPort.postMessage(message),
      listen: (receive) => electronPort.on('message', (event) => receive(event.data)),
    };
  }
  if (!process.send) throw new Error('this process is started by the Tapedeck host, not by hand');
  const send = process.send.bind(process);
  let gone = (): void => undefined;
  // A host that was killed reads our words no more than our messages: neither is a reason to die before we have drained.
  outliveReaders();
  return {
    post: (message) => {
      // The end of the channel may show in a message before it shows in `disconnect`.
      if (process.connected) send(message, (error: Error | null) => error && gone());
    },
    listen: (receive, leave) => {
      gone = leave;
      process.on('message', receive);
      process.on('disconnect', leave);
    },
  };
}

interface ElectronParentPort {
  postMessage(message: unknown): void;
  on(name: 'message', listener: (event: { data: unknown }) => void): void;
}

export function openParentPort(processName: string): ParentPort {
  const channel = openChannel();
  let handlers: Handlers = {};
  let drain: ((reason: string) => Promise<void>) | undefined;
  let leaving = false;
  let abandoned = false;
  let nextId = 1;
  const running = new Map<number, AbortController>();
  const waiting = new Map<number, (result: Result<unknown>) => void>();
  let begin: (message: StartMessage) => void = () => undefined;
  const started = new Promise<StartMessage>((resolve) => {
    begin = resolve;
  });

  /** Nobody answers any more: what was asked must not keep a job, and with it the drain, waiting for ever. */
  const abandon = (): void => {
    abandoned = true;
    for (const settle of waiting.values()) settle(HOST_GONE);
    waiting.clear();
  };

  const leave = (reason: string): void => {
    if (leaving) return;
    leaving = true;
    // A drain that fails ends the process with an error, as any bug does.
    void (async () => {
      for (const controller of running.values()) controller.abort();
      await drain?.(reason);
      channel.post({ t: 'goodbye', reason });
      // The goodbye must reach the host before the channel closes; exit on the next turn after it was handed over.
      setImmediate(() => process.exit(0));
    })();
  };

  const answer = async (id: number, name: string, input: unknown): Promise<void> => {
    const definition = Object.hasOwn(contract, name) ? contract[name as keyof typeof contract] : undefined;
    const handler = handlers[name as RequestName] as
      | ((input: unknown, context: RequestContext) => Result<unknown> | Promise<Result<unknown>>)
      | undefined;
    if (definition?.kind !== 'request' || !handler) {
      channel.post({
        t: 'reply',
        id,
        result: fail('process.not-ready', `${processName} does not answer ${name} yet`, { retry: true }),
      });
      return;
    }
    const parsed = definition.input.safeParse(input);
    if (!parsed.success) {
      channel.post({ t: 'reply', id, result: fail('request.invalid', `${name}: ${parsed.error.message}`) });
      return;
    }
    const controller = new AbortController();
    running.set(id, controller);
    let result: Result<unknown>;
    try {
      result = await handler(parsed.data, { signal: controller.signal });
    } catch (error) {
      // It concerns the one who asked; recording and storing go on.
      printAside(`${processName}: ${name} failed: ${error instanceof Error ? error.stack : String(error)}\n`);
      result = fail('request.failed', `${name} failed: ${reasonOf(error)}`, { retry: true });
    }
    running.delete(id);
    channel.post({ t: 'reply', id, result });
  };

  channel.listen(
    (raw) => {
      const envelope = parentEnvelope.safeParse(raw);
      if (!envelope.success) return;
      const message = envelope.data;
      switch (message.t) {
        case 'start':
          begin(message);
          break;
        case 'drain':
          leave(message.reason);
          break;
        case 'request':
          void answer(message.id, message.name, message.input);
          break;
        case 'cancel':
          running.get(message.id)?.abort();
          break;
        case 'reply': {
          waiting.get(message.id)?.(message.result);
          waiting.delete(message.id);
          break;
        }
      }
    },
    () => {
      abandon();
      leave(GONE);
    },
  );
  // Ctrl-C and the end of a terminal reach the whole process group: the host decides when its children drain.
  for (const signal of ['SIGINT', 'SIGHUP'] as const) process.on(signal, () => undefined);
  process.on('SIGTERM', () => leave('SIGTERM'));
  channel.post({ t: 'hello', process: processName, pid: process.pid });
  setInterval(() => {
    const { user, system } = process.cpuUsage();
    channel.post({ t: 'beat', atMs: Date.now(), rssBytes: rssBytes(), cpuUs: user + system });
  }, BEAT_MS).unref();

  return {
    started,
    serve: (more) => {
      handlers = { ...handlers, ...more };
    },
    publish: (name, value) => channel.post({ t: 'publish', name, value }),
    ask: <N extends RequestName>(name: N, input: RequestInput<N>, signal?: AbortSignal) =>
      new Promise<Result<RequestOutput<N>>>((resolve) => {
        const cancelled = fail('request.cancelled', `${name} was cancelled`);
        if (signal?.aborted || abandoned) {
          resolve(abandoned ? HOST_GONE : cancelled);
          return;
        }
        const id = nextId++;
        const cancel = (): void => {
          if (waiting.delete(id)) resolve(cancelled);
        };
        // The signals of jobs live as long as the process: a listener that stays would keep every answer that there ever was.
        waiting.set(id, (result) => {
          signal?.removeEventListener('abort', cancel);
          resolve(result as Result<RequestOutput<N>>);
        });
        signal?.addEventListener('abort', cancel, { once: true });
        channel.post({ t: 'request', id, name, input });
      }),
    ready: () => channel.post({ t: 'ready' }),
    onDrain: (next) => {
      drain = next;
    },
  };
}
