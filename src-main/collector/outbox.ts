// What one connection has to say to its venue, in order and no faster than the venue allows; a heartbeat that is due goes first.
import { RateBudget } from '../base/net.ts';
import type { FeedLimits, Outgoing } from '../feeds/feed.ts';

export class Outbox {
  readonly #budget: RateBudget;
  readonly #send: (text: string) => void;
  readonly #sent: (message: Outgoing, nowMs: number) => void;
  #queue: Outgoing[] = [];
  #first: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  /** sent: told of each message (not of a heartbeat) when it leaves. */
  constructor(
    { count, perMs }: FeedLimits['outgoing'],
    send: (text: string) => void,
    sent: (message: Outgoing, nowMs: number) => void,
  ) {
    this.#budget = new RateBudget({ weight: count, perMs });
    this.#send = send;
    this.#sent = sent;
  }

  get waiting(): number {
    return this.#queue.length;
  }

  say(messages: readonly Outgoing[]): void {
    this.#queue.push(...messages);
    this.#drain();
  }

  /** A heartbeat: ahead of all that waits, and never twice. */
  beat(text: string): void {
    this.#first = text;
    this.#drain();
  }

  close(): void {
    this.#closed = true;
    if (this.#timer) clearTimeout(this.#timer);
  }

  #drain(): void {
    if (this.#timer || this.#closed) return;
    while (this.#first !== null || this.#queue.length > 0) {
      const wait = this.#budget.take(1);
      if (wait > 0) {
        this.#timer = setTimeout(() => {
          this.#timer = null;
          this.#drain();
        }, wait);
        return;
      }
      if (this.#first !== null) {
        const text = this.#first;
        this.#first = null;
        this.#send(text);
        continue;
      }
      const message = this.#queue.shift();
      if (!message) return;
      this.#send(message.text);
      this.#sent(message, performance.now());
    }
  }
}
