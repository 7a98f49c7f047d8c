// What one connection has to say to its venue, in order and no faster than the venue allows. Heartbeats have a part of that of
// their own: however much waits, and however little may be said, the connection is kept alive.
import { RateBudget } from '../base/net.ts';
import type { FeedLimits, Outgoing } from '../feeds/feed.ts';

export class Outbox {
  readonly #budget: RateBudget;
  readonly #beats: RateBudget;
  readonly #send: (text: string) => void;
  readonly #sent: (message: Outgoing, nowMs: number) => void;
  #queue: Outgoing[] = [];
  #first: string | null = null;
  #timer: NodeJS.Timeout | null = null;
  #closed = false;

  /** sent: told of each message (not of a heartbeat) when it leaves. */
  constructor(
    { outgoing, heartbeat }: Pick<FeedLimits, 'outgoing' | 'heartbeat'>,
    send: (text: string) => void,
    sent: (message: Outgoing, nowMs: number) => void,
  ) {
    const { count, perMs } = outgoing;
    const beats = heartbeat ? Math.ceil(perMs / heartbeat.everyMs) : 0;
    const apart = beats > 0 && beats < count;
    this.#budget = new RateBudget({ weight: apart ? count - beats : count, perMs });
    this.#beats = apart ? new RateBudget({ weight: beats, perMs }) : this.#budget;
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
    if (this.#closed) return;
    // What waited may be overtaken by what may go at once.
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
    let waitMs = Number.POSITIVE_INFINITY;
    if (this.#first !== null) {
      const wait = this.#beats.take(1);
      if (wait === 0) {
        this.#send(this.#first);
        this.#first = null;
      } else waitMs = wait;
    }
    for (let message = this.#queue[0]; message; message = this.#queue[0]) {
      const wait = this.#budget.take(1);
      if (wait > 0) {
        waitMs = Math.min(waitMs, wait);
        break;
      }
      this.#queue.shift();
      this.#send(message.text);
      this.#sent(message, performance.now());
    }
    if (!Number.isFinite(waitMs) || this.#timer || this.#closed) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#drain();
    }, waitMs);
  }
}
