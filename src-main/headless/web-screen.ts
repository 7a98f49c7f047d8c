// The Screen port over WebSockets: one per browser, taken over from the host's door once its gate has let the browser in.
// Promises: a screen that does not read is held back and at last cut, one that is gone is noticed; nothing is queued without bound.
import { type RawData, type WebSocket, WebSocketServer } from 'ws';
import type { ScreenUpgrade } from '../host/door.ts';
import type { Router } from '../host/router.ts';
import type { Screen, ScreenEvents } from '../host/screen.ts';

const MESSAGE_BYTES = 1024 ** 2;
/** Above this only the latest value of each event waits. */
const SLOW_BYTES = 256 * 1024;
/** Above this, replies that were asked for and never read, the screen is cut. */
const CUT_BYTES = 64 * 1024 ** 2;
const PING_MS = 15_000;

export interface WebScreens {
  readonly upgrade: ScreenUpgrade;
  close(): void;
}

export function openWebScreens(router: Router): WebScreens {
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: false,
    maxPayload: MESSAGE_BYTES,
    clientTracking: true,
  });
  const quiet = new WeakSet<WebSocket>();
  const pings = setInterval(() => {
    for (const socket of server.clients) {
      if (quiet.has(socket)) socket.terminate();
      else {
        quiet.add(socket);
        socket.ping();
      }
    }
  }, PING_MS);
  pings.unref();
  return {
    upgrade: (request, socket, head) =>
      server.handleUpgrade(request, socket, head, (webSocket) => {
        webSocket.on('pong', () => quiet.delete(webSocket));
        router.attach(screenOf(webSocket, `${request.socket.remoteAddress}:${request.socket.remotePort}`));
      }),
    close: () => {
      clearInterval(pings);
      for (const socket of server.clients) socket.close(1001, 'the host is leaving');
      server.close();
    },
  };
}

function screenOf(socket: WebSocket, name: string): Screen {
  let events: ScreenEvents | undefined;
  const sent = (): void => {
    if (socket.readyState === socket.OPEN && socket.bufferedAmount <= SLOW_BYTES) events?.drained();
  };
  return {
    name,
    post: (message) => {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > CUT_BYTES) socket.terminate();
      else socket.send(JSON.stringify(message), sent);
    },
    congested: () => socket.bufferedAmount > SLOW_BYTES,
    listen: (next) => {
      events = next;
      socket.on('message', (data, binary) => {
        const read = binary ? undefined : readJson(data);
        if (read === undefined) socket.close(1007, 'messages are JSON text');
        else next.message(read);
      });
      // A broken socket closes: `close` ends it in every case.
      socket.on('error', () => socket.terminate());
      socket.on('close', () => next.closed());
    },
  };
}

function readJson(data: RawData): unknown {
  try {
    return JSON.parse(data.toString());
  } catch {
    // undefined is no JSON value, so it can stand for "not JSON".
    return undefined;
  }
}
