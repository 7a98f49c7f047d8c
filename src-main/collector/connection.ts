// One connection of a line: everything that it receives goes into the journal first, then its subscriptions are kept,
// its silence watched, its heartbeat sent. It never reconnects; it says how it ended.
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import { RateBudget } from '../base/net.ts';
import type { Feed, FrameClass, Outgoing } from '../feeds/feed.ts';
import type { JournalWriter } from '../journal/writer.ts';
import type { WallClock } from './clock.ts';
import { openSocket, type Socket } from './transports/web-socket.ts';

export interface ConnectionEvents {
  opened(connection: Connection): void;
  /** All wanted symbols are acknowledged (or refused by name). */
  complete(connection: Connection): void;
  /** The venue said that it will close. */
  ending(connection: Connection, reason: string): void;
  closed(connection: Connection, reason: string, retryAfterMs: number | null): void;
  /** Symbols among these that the venue's own list does not hold. */
  suspects(symbols: readonly string[]): readonly string[];
}

export interface ConnectionContext {
  readonly feed: Feed;
  readonly url: string;
  readonly lineNo: number;
  readonly journal: JournalWriter;
  readonly clock: WallClock;
}

/** Unacknowledged for this long: asked again, and at the second time the connection is given up. */
const ACK_MS = 5000;
/** Venues that acknowledge by data: after the first frame and this long without an error a quiet symbol counts as acknowledged. */
const QUIET_MS = 2000;
const PONG_MS = 10_000;
/** Silence after which a ping or pong is worth a record. */
const QUIET_LINE_US = 1_000_000;
const REFUSED_AGAIN_MS = 60_000;

interface Pending {
  readonly symbols: string[];
  sentMs: number;
}

export class Connection {
  readonly number: number;
  frames = 0;
  bytes = 0;
  /** Receive time of the last sign of life of any kind, and of the last data, wall µs; 0: none yet. */
  lastFrameUs = 0;
  lastDataUs = 0;
  openedUs = 0;
  /** performance.now() when all wanted symbols were first acknowledged; 0: not yet. */
  completeMs = 0;
  readonly acknowledged = new Set<string>();
  readonly refused = new Map<string, { reason: string; atMs: number }>();
  readonly #context: ConnectionContext;
  readonly #events: ConnectionEvents;
  readonly #socket: Socket;
  readonly #outgoing: RateBudget;
  #queue: Outgoing[] = [];
  #queueTimer: NodeJS.Timeout | null = null;
  #wanted: readonly string[];
  /** What the venue was told, or is about to be. */
  #sent = new Set<string>();
  #pending = new Map<string, Pending>();
  /** Symbols whose first data is the acknowledgement. */
  #quiet = new Set<string>();
  /** Acknowledged only because nobody objected: no data of theirs has come. */
  readonly #silent = new Set<string>();
  #silentSentMs = 0;
  #quietSentMs = 0;
  #quietFrameMs = 0;
  #watching = true;
  #lostFrames = 0;
  #lostBytes = 0;
  #lostFromUs = 0;
  #lostToUs = 0;
  #nextKey = 1;
  #asked = 0;
  /** Monotonic µs of the last sign of life. */
  #aliveUs = performance.now() * 1000;
  #probedUs = 0;
  #heartbeatMs = 0;
  #pingedMs = 0;
  #ended = false;
  #ending: { reason: string; planned: boolean } | null = null;

  constructor(context: ConnectionContext, number: number, wanted: readonly string[], events: ConnectionEvents) {
    this.#context = context;
    this.number = number;
    this.#wanted = wanted;
    this.#events = events;
    const { count, perMs } = context.feed.limits.outgoing;
    this.#outgoing = new RateBudget({ weight: count, perMs });
    this.#socket = openSocket(context.url, {
      open: () => this.#opened(),
      message: (data, binary) => this.#received(data, binary),
      alive: () => this.#alive(),
      close: (reason, retryAfterMs, answered) => this.#closed(reason, retryAfterMs, answered),
    });
  }

  get open(): boolean {
    return this.openedUs > 0 && !this.#ended;
  }

  get complete(): boolean {
    return this.completeMs > 0;
  }

  /** The hot path: time, journal, what it means. */
  #received(data: Buffer, binary: boolean): void {
    const mono = performance.now() * 1000;
    const { feed, journal, lineNo, clock } = this.#context;
    const recvUs = Math.floor(mono + clock.offsetUs);
    const frame = journal.append(lineNo, RecordKind.data, Origin.live, recvUs, Math.floor(mono), data);
    if (frame < 0) this.#lose(data.length, recvUs);
    else if (this.#lostFrames > 0) this.#tellLost();
    this.frames += 1;
    this.bytes += data.length;
    this.lastFrameUs = recvUs;
    this.#aliveUs = mono;
    const found = feed.classify(data, binary);
    if (found.type === 'data') {
      this.lastDataUs = recvUs;
      if (this.#watching) this.#watch(data, recvUs);
      return;
    }
    this.#understand(found, recvUs);
  }

  #understand(found: FrameClass, recvUs: number): void {
    this.#watch(null, recvUs);
    switch (found.type) {
      case 'acknowledged': {
        const pending = found.key === null ? undefined : this.#pending.get(found.key);
        const symbols = found.symbols ?? pending?.symbols ?? [];
        if (found.key !== null && (found.symbols === null || coversAll(found.symbols, pending))) {
          this.#pending.delete(found.key);
        }
        this.#acknowledge(symbols, recvUs);
        break;
      }
      case 'refused':
        this.#refuse(found.key, found.symbols, found.reason, recvUs);
        break;
      case 'ping':
        this.#socket.send(found.answer);
        break;
      case 'ending':
        this.#events.ending(this, found.reason);
        break;
      case 'error':
        // Nothing can be taken as acknowledged after it; what waits is asked for again by the clock.
        this.#quietFrameMs = 0;
        break;
      default:
        break;
    }
  }

  /** First data of symbols, and the first frame after a request that has no acknowledgement of its own. */
  #watch(data: Buffer | null, recvUs: number): void {
    if (this.#quiet.size > 0) {
      if (this.#quietFrameMs === 0 && this.#quietSentMs > 0) this.#quietFrameMs = performance.now();
      const symbol = data ? this.#context.feed.symbolOf(data) : null;
      if (symbol !== null && this.#quiet.has(symbol)) this.#acknowledge([symbol], recvUs);
    }
    if (this.#silent.size > 0 && data) {
      const symbol = this.#context.feed.symbolOf(data);
      if (symbol !== null) this.#silent.delete(symbol);
    }
    this.#watching = this.#quiet.size + this.#silent.size > 0;
  }

  #alive(): void {
    const { clock, journal, lineNo } = this.#context;
    const recvUs = clock.nowUs();
    // Without it the journal could not tell a quiet line from one that is dead and not yet found out.
    if (this.open && recvUs - this.lastFrameUs > QUIET_LINE_US) {
      journal.control(lineNo, { type: 'alive', connection: this.number }, recvUs);
    }
    this.lastFrameUs = recvUs;
    this.#aliveUs = performance.now() * 1000;
    if (this.#watching) this.#watch(null, this.lastFrameUs);
  }

  #opened(): void {
    const { journal, lineNo, url, clock } = this.#context;
    this.openedUs = clock.nowUs();
    this.#heartbeatMs = performance.now();
    this.#aliveUs = this.#heartbeatMs * 1000;
    journal.control(lineNo, { type: 'open', connection: this.number, url: url.split('?')[0] ?? url }, this.openedUs);
    this.#events.opened(this);
    this.#subscribe();
  }

  /** Replaces what this connection is to carry; streams that stay are not touched. */
  want(symbols: readonly string[]): void {
    this.#wanted = symbols;
    if (this.open) this.#subscribe();
  }

  #subscribe(): void {
    const wanted = this.#wanted.filter((symbol) => !this.refused.has(symbol));
    this.#say(this.#context.feed.subscribe(wanted, [...this.#sent], () => this.#nextKey++));
    const stay = new Set(wanted);
    this.#sent = stay;
    for (const symbol of this.acknowledged) if (!stay.has(symbol)) this.acknowledged.delete(symbol);
    for (const symbol of this.#quiet) if (!stay.has(symbol)) this.#quiet.delete(symbol);
    for (const symbol of this.#silent) if (!stay.has(symbol)) this.#silent.delete(symbol);
    this.#checkComplete();
  }

  #say(messages: readonly Outgoing[]): void {
    this.#queue.push(...messages);
    this.#drain();
  }

  #drain(): void {
    if (this.#queueTimer || this.#ended) return;
    for (let next = this.#queue[0]; next; next = this.#queue[0]) {
      const wait = this.#outgoing.take(1);
      if (wait > 0) {
        this.#queueTimer = setTimeout(() => {
          this.#queueTimer = null;
          this.#drain();
        }, wait);
        return;
      }
      this.#queue.shift();
      this.#socket.send(next.text);
      const now = performance.now();
      if (next.key !== null) {
        this.#pending.set(next.key, { symbols: [...next.symbols], sentMs: now });
        continue;
      }
      for (const symbol of next.symbols) if (!this.acknowledged.has(symbol)) this.#quiet.add(symbol);
      this.#quietSentMs = now;
      this.#quietFrameMs = 0;
      this.#silentSentMs = now;
      this.#watching = this.#quiet.size + this.#silent.size > 0;
      // Its answer is a frame that comes after the request was read.
      if (this.#context.feed.limits.heartbeat) this.#beat(now);
    }
  }

  #acknowledge(symbols: readonly string[], recvUs: number): void {
    const fresh = symbols.filter((symbol) => this.#sent.has(symbol) && !this.acknowledged.has(symbol));
    if (fresh.length > 0) {
      for (const symbol of fresh) {
        this.acknowledged.add(symbol);
        this.#quiet.delete(symbol);
      }
      const { journal, lineNo } = this.#context;
      journal.control(lineNo, { type: 'acknowledged', connection: this.number, symbols: fresh }, recvUs);
    }
    this.#checkComplete();
  }

  #checkComplete(): void {
    const open = this.#pending.size === 0 && this.#quiet.size === 0 && this.#queue.length === 0;
    if (!open || this.acknowledged.size + this.refused.size < this.#wanted.length) return;
    this.#asked = 0;
    if (this.completeMs > 0) return;
    this.completeMs = performance.now();
    this.#events.complete(this);
  }

  #refuse(key: string | null, named: readonly string[] | null, reason: string, recvUs: number): void {
    const pending = key === null ? undefined : this.#pending.get(key);
    if (key !== null) this.#pending.delete(key);
    let symbols = named ?? pending?.symbols ?? (key === null ? [...this.#quiet] : []);
    if (symbols.length === 0) return;
    if (named === null && symbols.length > 1) {
      const suspects = this.#events.suspects(symbols);
      if (suspects.length > 0 && suspects.length < symbols.length) {
        const bad = new Set(suspects);
        this.#again(symbols.filter((symbol) => !bad.has(symbol)));
        symbols = suspects;
      } else if (pending) {
        // One bad name fails the whole request: halve it until the bad one stands alone.
        const middle = symbols.length >> 1;
        const nextKey = (): number => this.#nextKey++;
        for (const part of [symbols.slice(0, middle), symbols.slice(middle)]) {
          this.#say(this.#context.feed.subscribe(part, [], nextKey));
        }
        return;
      }
    } else if (pending && named !== null) {
      const gone = new Set(named);
      this.#again(pending.symbols.filter((symbol) => !gone.has(symbol) && !this.acknowledged.has(symbol)));
    }
    const { journal, lineNo } = this.#context;
    journal.control(lineNo, { type: 'refused', connection: this.number, symbols: [...symbols], reason }, recvUs);
    const atMs = performance.now();
    for (const symbol of symbols) {
      this.refused.set(symbol, { reason, atMs });
      this.#sent.delete(symbol);
      this.#quiet.delete(symbol);
    }
    // Where a request replaces the whole set, nobody knows what the venue holds after it refused one: all of it is asked for anew.
    if (key === null) this.#sent.clear();
    if (symbols.length === this.#wanted.length) this.end(`refused: ${reason}`, false);
    else this.#subscribe();
  }

  /** These were part of a request that failed for another symbol's sake. */
  #again(symbols: readonly string[]): void {
    for (const symbol of symbols) {
      this.#sent.delete(symbol);
      this.#quiet.delete(symbol);
    }
  }

  /** Called a few times a second: acknowledgements that are overdue, heartbeat, silence. */
  tick(nowMs: number): void {
    if (this.#ended || this.openedUs === 0) return;
    const { limits } = this.#context.feed;
    const aliveMs = this.#aliveUs / 1000;
    const silentMs = nowMs - aliveMs;
    if (silentMs > limits.deadAfterMs) {
      this.end(`no frame for ${Math.round(silentMs)} ms`, false);
      return;
    }
    if (limits.pingWhenSilentMs !== undefined && silentMs > limits.pingWhenSilentMs) {
      if (this.#pingedMs < aliveMs) {
        this.#pingedMs = nowMs;
        this.#socket.ping();
      } else if (nowMs - this.#pingedMs > PONG_MS) {
        this.end(`no answer to a ping for ${PONG_MS} ms`, false);
        return;
      }
    }
    if (limits.heartbeat && nowMs - this.#heartbeatMs >= limits.heartbeat.everyMs) this.#beat(nowMs);
    this.#checkAcknowledgements(nowMs);
    if (this.#lostFrames > 0) this.#tellLost();
  }

  #checkAcknowledgements(nowMs: number): void {
    if (this.#quiet.size > 0 && this.#quietFrameMs > 0 && nowMs - this.#quietFrameMs >= QUIET_MS) {
      const quiet = [...this.#quiet];
      this.#acknowledge(quiet, this.#context.clock.nowUs());
      if (this.#context.feed.limits.silentAgainMs !== undefined) for (const symbol of quiet) this.#silent.add(symbol);
      this.#watching = this.#silent.size > 0;
    }
    this.#askSilent(nowMs);
    const late: string[] = [];
    for (const [key, { symbols, sentMs }] of this.#pending) {
      if (nowMs - sentMs < ACK_MS) continue;
      this.#pending.delete(key);
      late.push(...symbols);
    }
    if (this.#quiet.size > 0 && this.#quietSentMs > 0 && nowMs - this.#quietSentMs >= ACK_MS) late.push(...this.#quiet);
    if (late.length > 0) {
      this.#asked += 1;
      if (this.#asked > 1) {
        this.end(`${late.length} symbols not acknowledged, ${late[0]} for one`, false);
        return;
      }
      this.#again(late);
      this.#subscribe();
    }
    let again = false;
    for (const [symbol, { atMs }] of this.refused) {
      if (nowMs - atMs < REFUSED_AGAIN_MS) continue;
      this.refused.delete(symbol);
      again = true;
    }
    if (again) this.#subscribe();
  }

  /** The whole list again, as each request replaces all: it changes nothing for those that deliver. */
  #askSilent(nowMs: number): void {
    const { silentAgainMs } = this.#context.feed.limits;
    if (silentAgainMs === undefined || this.#silent.size === 0 || this.#queue.length > 0) return;
    if (nowMs - this.#silentSentMs < silentAgainMs) return;
    this.#silentSentMs = nowMs;
    this.#say(this.#context.feed.subscribe([...this.#sent], [], () => this.#nextKey++));
  }

  #beat(nowMs: number): void {
    this.#heartbeatMs = nowMs;
    const { heartbeat } = this.#context.feed.limits;
    if (heartbeat && this.#outgoing.take(1) === 0) this.#socket.send(heartbeat.text);
  }

  /** Pings it, so that answered tells a little later whether it still lives. */
  probe(): void {
    this.#probedUs = performance.now() * 1000;
    this.#socket.ping();
  }

  get answered(): boolean {
    return this.#aliveUs > this.#probedUs;
  }

  /** Ends it: planned in an orderly way, otherwise now. `closed` follows. */
  end(reason: string, planned: boolean): void {
    if (this.#ended || this.#ending) return;
    this.#ending = { reason, planned };
    if (planned) this.#socket.close();
    else this.#socket.terminate();
  }

  #closed(reason: string, retryAfterMs: number | null, answered: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#queueTimer) clearTimeout(this.#queueTimer);
    if (this.#lostFrames > 0) this.#tellLost();
    const why = this.#ending?.reason ?? reason;
    if (this.openedUs > 0) {
      this.#context.journal.control(this.#context.lineNo, {
        type: 'close',
        connection: this.number,
        reason: why,
        lastFrameUs: this.lastFrameUs === 0 ? null : this.lastFrameUs,
        // A close that nobody answers was that of a dead connection: it covers only up to its last frame.
        planned: (this.#ending?.planned ?? false) && answered,
      });
    }
    this.#events.closed(this, why, retryAfterMs);
  }

  #lose(bytes: number, recvUs: number): void {
    if (this.#lostFrames === 0) this.#lostFromUs = recvUs;
    this.#lostFrames += 1;
    this.#lostBytes += bytes;
    this.#lostToUs = recvUs;
  }

  /** Frames that the journal could not hold, said as soon as it holds anything again. */
  #tellLost(): void {
    const { journal, lineNo } = this.#context;
    if (!this.#ended && !journal.hasRoom) return;
    const frame = journal.control(lineNo, {
      type: 'lost',
      frames: this.#lostFrames,
      bytes: this.#lostBytes,
      fromUs: this.#lostFromUs,
      toUs: this.#lostToUs,
    });
    if (frame < 0) return;
    this.#lostFrames = 0;
    this.#lostBytes = 0;
  }
}

function coversAll(symbols: readonly string[], pending: Pending | undefined): boolean {
  if (!pending) return true;
  const named = new Set(symbols);
  return pending.symbols.every((symbol) => named.has(symbol));
}
