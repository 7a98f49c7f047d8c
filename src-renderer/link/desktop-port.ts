// The desktop's pipe: the preload posts a window message 'tapedeck-port' that carries a MessagePort. A new message replaces the port.
import type { OpenPort, PortListener } from './port.ts';

/** The recorder that is shown, and the desktop itself. */
export type DesktopPipe = 'tapedeck-port' | 'tapedeck-desktop';

/** What of a window is used. */
export interface PortWindow {
  readonly origin: string;
  addEventListener(name: 'message', listener: (event: MessageEvent<unknown>) => void): void;
  postMessage(message: unknown, targetOrigin: string): void;
}

interface Waiting {
  readonly take: (port: MessagePort) => void;
}

/** True for the announcement as text or as {t: 'tapedeck-port'}. */
function isAnnouncement(data: unknown, pipe: DesktopPipe): boolean {
  if (data === pipe) return true;
  return typeof data === 'object' && data !== null && 't' in data && data.t === pipe;
}

/** Must be called before the preload can have posted: the first line of main. The opener hands out each port once, the newest first. */
export function listenForDesktopPort(target: PortWindow, pipe: DesktopPipe = 'tapedeck-port'): OpenPort {
  let ready: MessagePort | null = null;
  let waiting: Waiting | null = null;
  target.addEventListener('message', (event: MessageEvent<unknown>) => {
    // Only our own preload may hand over a port: same window, and a port in the message.
    const port = event.ports[0];
    if (event.source !== target || !port || !isAnnouncement(event.data, pipe)) return;
    if (waiting) {
      waiting.take(port);
      return;
    }
    ready?.close();
    ready = port;
  });

  return (listener: PortListener) => {
    let current: MessagePort | null = null;
    let ended = false;
    const end = (reason: string): void => {
      if (ended) return;
      ended = true;
      waiting = null;
      current?.close();
      listener.closed(reason);
    };
    const take = (port: MessagePort): void => {
      if (current) {
        // The host opened a new pipe: the old one is dead, the client subscribes again over the new one.
        ready = port;
        end('the host opened a new pipe');
        return;
      }
      current = port;
      port.addEventListener('message', (event: MessageEvent<unknown>) => {
        if (!ended) listener.message(event.data);
      });
      port.addEventListener('close', () => end('the host closed the pipe'));
      port.start();
      queueMicrotask(() => {
        if (!ended) listener.opened();
      });
    };
    waiting = { take };
    if (ready) {
      const port = ready;
      ready = null;
      take(port);
    } else {
      target.postMessage(`${pipe}-wanted`, target.origin === 'null' ? '*' : target.origin);
    }
    return {
      send: (envelope) => {
        if (!ended) current?.postMessage(envelope);
      },
      close: () => end('closed by the screen'),
    };
  };
}
