// What carries envelopes between this screen and a host. Two kinds exist: a WebSocket (headless) and a MessagePort (desktop).
import type { UpEnvelope } from '../../src-shared/contract/wire.ts';

export interface PortListener {
  /** Never before the opener has returned the port. */
  opened(): void;
  /** A message as received, not yet checked. */
  message(raw: unknown): void;
  /** Called once; nothing follows it. */
  closed(reason: string): void;
}

export interface Port {
  send(envelope: UpEnvelope): void;
  close(): void;
}

export type OpenPort = (listener: PortListener) => Port;

/** What is behind a link that does not open. gone: nobody answers. refused: the host answers but not to this page. reachable: it answers, try again. */
export type Reach = 'gone' | 'refused' | 'reachable';

/** Envelopes as JSON text over one WebSocket of the same origin; the cookie is the proof of who asks. */
export function webSocketPort(url: string): OpenPort {
  return (listener) => {
    const socket = new WebSocket(url);
    let ended = false;
    const end = (reason: string): void => {
      if (ended) return;
      ended = true;
      listener.closed(reason);
    };
    socket.addEventListener('open', () => {
      if (!ended) listener.opened();
    });
    socket.addEventListener('message', (event) => {
      if (ended) return;
      listener.message(typeof event.data === 'string' ? parseJson(event.data) : event.data);
    });
    socket.addEventListener('close', (event) => end(event.reason || `closed with code ${event.code}`));
    socket.addEventListener('error', () => end('the connection failed'));
    return {
      send: (envelope) => {
        if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(envelope));
      },
      close: () => {
        end('closed by the screen');
        socket.close();
      },
    };
  };
}

/** Text that is not JSON goes on as text: the client counts it as an unreadable message. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Asks the page's own host over HTTP why a WebSocket does not open; a browser hides that from the page. */
export async function probeHost(path = '/'): Promise<Reach> {
  try {
    const response = await fetch(path, { method: 'HEAD', cache: 'no-store', credentials: 'same-origin' });
    return response.status === 401 || response.status === 403 ? 'refused' : 'reachable';
  } catch {
    // No answer at all is the answer.
    return 'gone';
  }
}
