// The desktop's pipe: only a port of our own window is taken, and a new one replaces the old.
import { afterEach, describe, expect, it, vi } from 'vitest';
import { listenForDesktopPort } from './desktop-port.ts';

/** What of a window the opener uses. */
class FakeWindow {
  readonly origin = 'tapedeck://app';
  readonly asked: unknown[] = [];
  readonly #listeners: ((event: MessageEvent<unknown>) => void)[] = [];

  addEventListener(_name: 'message', listener: (event: MessageEvent<unknown>) => void): void {
    this.#listeners.push(listener);
  }

  postMessage(message: unknown): void {
    this.asked.push(message);
  }

  /** The preload's message; `source` tells who sent it. */
  handOver(port: MessagePort, source: 'own' | 'foreign' = 'own', data = 'tapedeck-port'): void {
    const event = new MessageEvent<unknown>('message', { data, ports: [port] });
    Object.defineProperty(event, 'source', { value: source === 'own' ? this : {} });
    for (const listener of this.#listeners) listener(event);
  }
}

const open: MessagePort[] = [];
afterEach(() => {
  for (const port of open.splice(0)) port.close();
});

function pipe(): MessageChannel {
  const channel = new MessageChannel();
  open.push(channel.port1, channel.port2);
  return channel;
}

function listener() {
  const heard: unknown[] = [];
  return {
    heard,
    opened: vi.fn(),
    message: (raw: unknown) => void heard.push(raw),
    closed: vi.fn(),
  };
}

describe('the desktop port', () => {
  it('asks for a port, takes it and carries envelopes both ways', async () => {
    const window = new FakeWindow();
    const opener = listenForDesktopPort(window);
    const ears = listener();
    const port = opener(ears);
    expect(window.asked).toEqual(['tapedeck-port-wanted']);
    const { port1, port2 } = pipe();
    const received: unknown[] = [];
    port2.addEventListener('message', (event: MessageEvent<unknown>) => void received.push(event.data));
    port2.start();
    window.handOver(port1);
    await vi.waitFor(() => expect(ears.opened).toHaveBeenCalledOnce());
    port.send({ t: 'subscribe', id: 1, name: 'system.state' });
    port2.postMessage({ t: 'event', id: 1, seq: 1, value: 5 });
    await vi.waitFor(() => expect(received).toEqual([{ t: 'subscribe', id: 1, name: 'system.state' }]));
    await vi.waitFor(() => expect(ears.heard).toEqual([{ t: 'event', id: 1, seq: 1, value: 5 }]));
  });

  it('does not take a port from a frame or another page', () => {
    const window = new FakeWindow();
    const opener = listenForDesktopPort(window);
    const ears = listener();
    opener(ears);
    window.handOver(pipe().port1, 'foreign');
    window.handOver(pipe().port1, 'own', 'something else');
    expect(ears.opened).not.toHaveBeenCalled();
  });

  it('a new pipe ends the old one, and the next opening has it', async () => {
    const window = new FakeWindow();
    const opener = listenForDesktopPort(window);
    const first = listener();
    opener(first);
    window.handOver(pipe().port1);
    await vi.waitFor(() => expect(first.opened).toHaveBeenCalledOnce());
    window.handOver(pipe().port1);
    expect(first.closed).toHaveBeenCalledOnce();
    const second = listener();
    opener(second);
    await vi.waitFor(() => expect(second.opened).toHaveBeenCalledOnce());
    expect(window.asked).toHaveLength(1);
  });
});
