// When what is sent leaves, for tests of pace.
import { vi } from 'vitest';
import { WebSocket } from 'ws';

/**
 * When each text left, by performance.now(), as its sender saw it: a venue sees a text later, by as much as whatever lies between them takes,
 * so that of two it may see the later one sooner after the first than it left.
 */
export function departures(is: (text: string) => boolean): { readonly times: readonly number[]; stop(): void } {
  const times: number[] = [];
  const { send } = WebSocket.prototype;
  const spy = vi.spyOn(WebSocket.prototype, 'send').mockImplementation(function (this: WebSocket, ...args: unknown[]) {
    const [text] = args;
    if (typeof text === 'string' && is(text)) times.push(performance.now());
    (send as (...all: unknown[]) => void).apply(this, args);
  });
  return { times, stop: () => spy.mockRestore() };
}
