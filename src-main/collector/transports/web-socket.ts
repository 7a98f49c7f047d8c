// One WebSocket to a venue, as cheap per message as the library allows: no compression, no UTF-8 check, bytes as they came.
import type { IncomingMessage } from 'node:http';
import { type ClientOptions, WebSocket } from 'ws';
import { reasonOf } from '../../../src-shared/base/result.ts';
import { retryAfterMs } from '../../base/net.ts';

export interface SocketEvents {
  open(): void;
  message(data: Buffer, binary: boolean): void;
  /** A ping or pong of the protocol: a sign of life. */
  alive(): void;
  /**
   * The end, exactly once, whether it was ever open or not. retryAfterMs: the server asked to stay away this long. answered: our close was
   * answered, so everything that was sent before has come.
   */
  close(reason: string, retryAfterMs: number | null, answered: boolean): void;
}

export interface SocketOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** Source address of this machine; null: the system's choice. */
  readonly localAddress?: string | null;
}

export interface Socket {
  send(text: string): void;
  ping(): void;
  /** Ends it in an orderly way; by force after a second. */
  close(): void;
  /** Ends it now. */
  terminate(): void;
}

const HANDSHAKE_MS = 10_000;
/** Larger messages end the connection with a reason; no venue sends any. */
export const MAX_MESSAGE = 16 * 1024 ** 2;
const CLOSE_MS = 1000;
/** What a close without a closing handshake counts as (RFC 6455, 7.4.1). */
const ABNORMAL = 1006;

export function openSocket(url: string, events: SocketEvents, options: SocketOptions = {}): Socket {
  let socket: WebSocket;
  const { headers, localAddress } = options;
  const settings: ClientOptions & { readonly closeTimeout: number } = {
    handshakeTimeout: HANDSHAKE_MS,
    // Also after the server's own close: one that then leaves the connection standing would hold up the next for half a minute.
    closeTimeout: CLOSE_MS,
    maxPayload: MAX_MESSAGE,
    perMessageDeflate: false,
    skipUTF8Validation: true,
    ...(headers ? { headers: { ...headers } } : {}),
    ...(localAddress ? { localAddress } : {}),
  };
  try {
    socket = new WebSocket(url, settings);
  } catch (error) {
    // An address that is none: it ends like any that cannot be reached.
    setImmediate(() => events.close(withoutQuery(`${url}: ${reasonOf(error)}`), null, false));
    const nothing = (): void => undefined;
    return { send: nothing, ping: nothing, close: nothing, terminate: nothing };
  }
  socket.binaryType = 'nodebuffer';
  let reason = '';
  let retryAfter: number | null = null;
  let forced: NodeJS.Timeout | null = null;
  socket.on('open', () => events.open());
  // With nodebuffer every message is one Buffer, whatever its fragments were.
  socket.on('message', (data, binary) => events.message(data as Buffer, binary));
  socket.on('ping', () => events.alive());
  socket.on('pong', () => events.alive());
  socket.on('unexpected-response', (_request, response: IncomingMessage) => {
    reason = `the server answered ${response.statusCode} instead of opening`;
    const after = response.headers['retry-after'];
    retryAfter = retryAfterMs({ 'retry-after': after }, Date.now());
    // 418 is a ban. A 429 that names no time may mean no more than one connection too many (a dead one that the venue still counts): a minute
    // away from the whole endpoint would cost the other line its reconnect.
    if (retryAfter === null && response.statusCode === 418) retryAfter = 60_000;
    if (retryAfter === null && response.statusCode === 429) retryAfter = 15_000;
    response.resume();
    socket.terminate();
  });
  socket.on('error', (error) => {
    if (reason === '') reason = wordsOf(error);
  });
  socket.on('close', (code, said) => {
    if (forced) clearTimeout(forced);
    const words = said.length > 0 ? ` ${said.toString('utf8')}` : '';
    events.close(reason || `closed with ${code}${words}`, retryAfter, code !== ABNORMAL);
  });
  return {
    send: (text) => {
      // A failed send shows as the connection's error and close.
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    ping: () => {
      if (socket.readyState === WebSocket.OPEN) socket.ping();
    },
    close: () => {
      if (socket.readyState === WebSocket.OPEN) {
        socket.close(1000);
        forced = setTimeout(() => socket.terminate(), CLOSE_MS);
      } else socket.terminate();
    },
    terminate: () => socket.terminate(),
  };
}

/** A query may carry a token, which nobody is to read in a log. */
export function withoutQuery(text: string): string {
  return text.replace(/\?[^\s'"]*/g, '');
}

function wordsOf(error: Error): string {
  if ((error as NodeJS.ErrnoException).code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') {
    return `a message over ${MAX_MESSAGE} bytes, not recorded`;
  }
  if (error instanceof AggregateError) return error.errors.map(reasonOf).join(', ');
  return reasonOf(error);
}
