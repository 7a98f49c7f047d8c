// The way to a venue's socket where its address is asked for over REST before each connection: looks like a socket from the
// first moment on, and one that could not be dialled is one that closed. The token that it was given never leaves here.
import { randomUUID } from 'node:crypto';
import { fail, type Result } from '../../../src-shared/base/result.ts';
import type { RateBudget } from '../../base/net.ts';
import type { Feed } from '../../feeds/feed.ts';
import type { Rest } from '../rest.ts';
import { openSocket, type Socket, type SocketEvents, type SocketOptions } from './web-socket.ts';

export interface Dialling {
  readonly dial: NonNullable<Feed['dial']>;
  readonly endpoint: string;
  readonly rest: Rest;
  /** Taken when the address is known, so that connections which waited for it together do not start together. */
  readonly connects: RateBudget;
}

/** Parts of an address this long are taken for secrets when a venue repeats them in its reason. */
const SECRET_LENGTH = 12;

export function dialSocket(to: Dialling, events: SocketEvents, options: SocketOptions): Socket {
  const stop = new AbortController();
  let socket: Socket | null = null;
  let ended = false;
  const end = (reason: string, retryAfterMs: number | null): void => {
    if (ended) return;
    ended = true;
    events.close(reason, retryAfterMs, false);
  };
  void addressOf(to, stop.signal).then((address) => {
    if (ended) return;
    if (!address.ok) {
      end(`dial: ${address.failure.message}`, to.rest.closedMs > 0 ? Math.ceil(to.rest.closedMs) : null);
      return;
    }
    const secrets = secretsOf(address.value);
    const close = (reason: string, retryAfterMs: number | null, answered: boolean): void => {
      ended = true;
      const told = secrets.reduce((text, secret) => text.replaceAll(secret, '...'), reason);
      events.close(told, retryAfterMs, answered);
    };
    socket = openSocket(address.value, { ...events, close }, options);
  });
  const cancel = (): void => {
    stop.abort();
    setImmediate(() => end('cancelled while dialling', null));
  };
  return {
    send: (text) => socket?.send(text),
    ping: () => socket?.ping(),
    close: () => (socket ? socket.close() : cancel()),
    terminate: () => (socket ? socket.terminate() : cancel()),
  };
}

async function addressOf(to: Dialling, signal: AbortSignal): Promise<Result<string>> {
  const reply = await to.rest.get(to.dial.request(), signal, 'dial');
  if (!reply.ok) return reply;
  const address = to.dial.url(to.endpoint, reply.value.body, randomUUID());
  if (!address.ok) return address;
  if (!(await to.connects.acquire(1, signal))) return fail('http.cancelled', 'cancelled while dialling');
  return address;
}

function secretsOf(address: string): string[] {
  if (!URL.canParse(address)) return [];
  const { search, searchParams } = new URL(address);
  return [search.slice(1), ...searchParams.values()].filter((text) => text.length >= SECRET_LENGTH);
}
