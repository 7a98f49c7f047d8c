// A venue's notice page as a line of its own: every page that came is in the journal with the server's date, unread.
import type { LineState } from '../../src-shared/contract/recording.ts';
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import type { Log } from '../base/log.ts';
import type { HttpReply } from '../base/net.ts';
import type { NoticeFeed } from '../feeds/feed.ts';
import type { JournalWriter } from '../journal/writer.ts';
import type { WallClock } from './clock.ts';
import { poll } from './transports/poll.ts';

export interface NoticeContext {
  readonly feed: NoticeFeed;
  readonly endpoint: string;
  readonly everyMs: number;
  readonly journal: JournalWriter;
  readonly clock: WallClock;
  readonly log: Log;
}

export class NoticeLine {
  readonly #context: NoticeContext;
  readonly #lineNo: number;
  #stop: AbortController | null = null;
  #running: Promise<void> | null = null;
  #halted: string | null = null;
  #closed = false;
  #trouble: string | null = null;
  #pages = 0;
  #bytes = 0;
  #lost = 0;
  #startedUs: number | null = null;
  #answeredUs = 0;
  #pageUs = 0;

  constructor(context: NoticeContext) {
    this.#context = context;
    const { journal, feed } = context;
    this.#lineNo = journal.line({ venue: feed.venue, market: null, line: 0, role: 'notices', slot: 0 });
  }

  get id(): string {
    return `${this.#context.feed.venue}:notices`;
  }

  start(): void {
    if (this.#running || this.#closed) return;
    const { feed, endpoint, everyMs, log } = this.#context;
    const stop = new AbortController();
    this.#stop = stop;
    this.#startedUs = this.#context.clock.nowUs();
    this.#running = poll(
      {
        endpoint,
        everyMs,
        request: (etag) => feed.request(etag),
        page: (path, reply) => this.#page(path, reply),
        answered: () => {
          this.#answeredUs = this.#context.clock.nowUs();
          this.#trouble = null;
        },
        trouble: (failure) => {
          if (this.#trouble === null) log.warn({ failure }, `${this.id}: ${failure.message}`);
          this.#trouble = failure.message;
        },
      },
      stop.signal,
    );
  }

  async stop(): Promise<void> {
    this.#stop?.abort();
    await this.#running;
    this.#running = null;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.stop();
  }

  halt(reason: string): void {
    this.#halted = reason;
    void this.stop();
  }

  resume(): void {
    if (this.#halted === null) return;
    this.#halted = null;
    void this.stop().then(() => this.start());
  }

  state(): LineState {
    const { feed, endpoint, clock } = this.#context;
    const nowUs = clock.nowUs();
    const age = (us: number): number | null => (us === 0 ? null : Math.max(0, Math.round((nowUs - us) / 1000)));
    const well = this.#answeredUs > 0 && this.#trouble === null;
    return {
      id: this.id,
      venue: feed.venue,
      market: null,
      line: 0,
      state: this.#closed
        ? 'closed'
        : this.#halted !== null
          ? 'halted'
          : well
            ? 'live'
            : this.#trouble
              ? 'waiting'
              : 'connecting',
      wanted: 1,
      acknowledged: well && this.#halted === null && !this.#closed ? 1 : 0,
      lastFrameAgeMs: age(this.#answeredUs),
      lastDataAgeMs: age(this.#pageUs),
      connectedUs: this.#startedUs,
      maxAgeMs: null,
      renewals: 0,
      reconnects: 0,
      frames: this.#pages,
      bytes: this.#bytes,
      url: endpoint,
      address: null,
      note: this.#halted ?? this.#trouble ?? (this.#lost > 0 ? `${this.#lost} pages could not be held` : null),
    };
  }

  #page(path: string, reply: HttpReply): boolean {
    const { journal, clock, feed } = this.#context;
    const recvUs = clock.nowUs();
    this.#pageUs = recvUs;
    this.#pages += 1;
    this.#bytes += reply.body.length;
    const date = reply.headers.date ?? null;
    journal.control(this.#lineNo, { type: 'notices', venue: feed.venue, path, date }, recvUs);
    const monoUs = Math.floor(performance.now() * 1000);
    const held = journal.append(this.#lineNo, RecordKind.data, Origin.live, recvUs, monoUs, reply.body) > 0;
    if (!held) this.#lost += 1;
    return held;
  }
}
