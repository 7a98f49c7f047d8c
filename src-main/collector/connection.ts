// One connection of a line: everything that it receives goes into the journal first, then its subscriptions are kept,
// its silence watched, its heartbeat sent. It never reconnects; it says how it ended.
import { Origin, RecordKind } from '../../src-shared/market/frame.ts';
import type { Feed, FrameClass } from '../feeds/feed.ts';
import type { JournalWriter } from '../journal/writer.ts';
import type { WallClock } from './clock.ts';
import type { Heard } from './heard.ts';
import { PATIENCE, type Patience, type Refusal, Subscriptions } from './subscriptions.ts';
import { type Dialling, dialSocket } from './transports/dial.ts';
import { openSocket, type Socket, type SocketEvents, withoutQuery } from './transports/web-socket.ts';

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
  /** Where the line leads, as people are told; a dialled connection has an address of its own. */
  readonly url: string;
  readonly lineNo: number;
  readonly journal: JournalWriter;
  readonly clock: WallClock;
  /** Source address of this machine; absent or null: the system's choice. */
  readonly address?: string | null;
  /** How the address of each connection is asked for; absent: it is the url. */
  readonly dialling?: Dialling;
  readonly patience?: Patience;
}

const PONG_MS = 10_000;
/** Ticks further apart than this: the process was held up, and what came meanwhile may lie unread in the socket. */
const HELD_UP_MS = 2000;
/** Silence after which a ping or pong is worth a record. */
const QUIET_LINE_US = 1_000_000;
/** What a venue repeats after a request that replaces the whole set comes within this time. */
const REPEATS_US = 2_000_000;

export class Connection {
  readonly number: number;
  frames = 0;
  bytes = 0;
  /** Wall µs; 0: not yet. */
  openedUs = 0;
  /** These are by performance.now(), which nobody sets: when it opened, the last sign of life, the last data; 0: none yet. */
  openedMs = 0;
  lastFrameMs = 0;
  lastDataMs = 0;
  /** Messages of data, and per symbol when the market's other line is compared with this one. */
  dataFrames = 0;
  dataBytes = 0;
  heard: Heard | null = null;
  readonly #context: ConnectionContext;
  readonly #events: ConnectionEvents;
  readonly #socket: Socket;
  readonly #subscriptions: Subscriptions;
  #ready = false;
  #lostFrames = 0;
  #lostBytes = 0;
  #lostFromMs = 0;
  #lostToMs = 0;
  /** Monotonic µs of the last sign of life. */
  #aliveUs = performance.now() * 1000;
  #probedUs = 0;
  #pingedMs = 0;
  #tickedMs = performance.now();
  /** When the process was last found to have been held up; 0: never. */
  #heldUpMs = 0;
  #ended = false;
  #ending: { reason: string; planned: boolean; byHand: boolean } | null = null;

  constructor(context: ConnectionContext, number: number, wanted: readonly string[], events: ConnectionEvents) {
    this.#context = context;
    this.number = number;
    this.#events = events;
    const { feed, lineNo, journal, clock, dialling, patience = PATIENCE } = context;
    const { connectHeaders } = feed;
    this.#subscriptions = new Subscriptions(
      feed,
      wanted,
      {
        send: (text) => this.#socket.send(text),
        acknowledged: (symbols, recvUs) =>
          journal.control(lineNo, { type: 'acknowledged', connection: number, symbols: [...symbols] }, recvUs),
        refused: (symbols, reason, recvUs) =>
          journal.control(lineNo, { type: 'refused', connection: number, symbols: [...symbols], reason }, recvUs),
        disproved: (symbols, reason, fromUs, recvUs) => {
          const silent = symbols.map((symbol) => ({ symbol, fromUs: fromUs ?? clock.earliestUs(this.openedMs) }));
          journal.control(lineNo, { type: 'behind', connection: number, reason, silent }, recvUs);
        },
        repeats: () => this.heard?.ignore(performance.now() * 1000 + REPEATS_US),
        complete: () => events.complete(this),
        useless: (reason) => this.end(reason, false),
        suspects: events.suspects,
      },
      patience,
    );
    const own: SocketEvents = {
      open: () => this.#opened(),
      message: (data, binary) => this.#received(data, binary),
      alive: () => this.#alive(),
      close: (reason, retryAfterMs, answered) => this.#closed(reason, retryAfterMs, answered),
    };
    const options = { localAddress: context.address ?? null, ...(connectHeaders ? { headers: connectHeaders } : {}) };
    this.#socket = dialling ? dialSocket(dialling, own, options) : openSocket(context.url, own, options);
  }

  get open(): boolean {
    return this.openedUs > 0 && !this.#ended;
  }

  /** All wanted symbols were acknowledged or refused, once. */
  get complete(): boolean {
    return this.completeMs > 0;
  }

  get completeMs(): number {
    return this.#subscriptions.completeMs;
  }

  get lineNo(): number {
    return this.#context.lineNo;
  }

  get acknowledged(): ReadonlySet<string> {
    return this.#subscriptions.acknowledged;
  }

  get refused(): ReadonlyMap<string, Refusal> {
    return this.#subscriptions.refused;
  }

  /** The hot path: time, journal, what it means. */
  #received(data: Buffer, binary: boolean): void {
    const mono = performance.now() * 1000;
    const { feed, journal, lineNo, clock } = this.#context;
    const recvUs = Math.floor(mono + clock.offsetUs);
    if (this.#lostFrames > 0 && !this.#tellLost()) {
      journal.refuse();
      this.#lose(data.length, mono / 1000);
    } else if (journal.append(lineNo, RecordKind.data, Origin.live, recvUs, Math.floor(mono), data) < 0) {
      this.#lose(data.length, mono / 1000);
    }
    this.frames += 1;
    this.bytes += data.length;
    this.#aliveUs = mono;
    this.lastFrameMs = mono / 1000;
    const found = feed.classify(data, binary);
    if (found.type === 'data') {
      this.lastDataMs = this.lastFrameMs;
      this.dataFrames += 1;
      this.dataBytes += data.length;
      if (this.#subscriptions.watching) this.#subscriptions.watch(data, recvUs);
      this.heard?.saw(data, mono);
      return;
    }
    this.#understand(found, recvUs);
  }

  #understand(found: FrameClass, recvUs: number): void {
    if (found.type === 'ping') this.#socket.send(found.answer);
    else if (found.type === 'ending') this.#events.ending(this, found.reason);
    else if (found.type === 'ready') this.#readied();
    this.#subscriptions.understand(found, recvUs);
  }

  #alive(): void {
    const { clock, journal, lineNo } = this.#context;
    const recvUs = clock.nowUs();
    const mono = performance.now() * 1000;
    // Without it the journal could not tell a quiet line from one that is dead and not yet found out.
    const quiet = this.open && mono - this.#aliveUs > QUIET_LINE_US;
    if (quiet && (this.#lostFrames === 0 || this.#tellLost())) {
      journal.control(lineNo, { type: 'alive', connection: this.number }, recvUs);
    }
    this.#aliveUs = mono;
    this.lastFrameMs = mono / 1000;
    if (this.#subscriptions.watching) this.#subscriptions.watch(null, recvUs);
  }

  #opened(): void {
    const { feed, journal, lineNo, url, clock } = this.#context;
    this.openedUs = clock.nowUs();
    this.openedMs = performance.now();
    this.#aliveUs = this.openedMs * 1000;
    this.#subscriptions.beatsFrom(this.openedMs);
    journal.control(lineNo, { type: 'open', connection: this.number, url: withoutQuery(url) }, this.openedUs);
    this.#events.opened(this);
    if (!feed.waitsForReady) this.#readied();
  }

  #readied(): void {
    if (this.#ready || this.openedUs === 0) return;
    this.#ready = true;
    this.#subscriptions.begin();
  }

  /** Replaces what this connection is to carry; streams that stay are not touched. */
  want(symbols: readonly string[]): void {
    this.#subscriptions.want(symbols);
  }

  /** The venue's list holds these symbols now: what was refused of them is asked for at once. */
  listed(symbols: readonly string[]): void {
    this.#subscriptions.listed(symbols);
  }

  /**
   * Called a few times a second: acknowledgements that are overdue, heartbeat, silence. A call that comes late judges nothing, so that the
   * socket is read first: that nothing was heard meanwhile says nothing about the connection, and its silence counts from then on.
   */
  tick(nowMs: number): void {
    const heldUp = nowMs - this.#tickedMs > HELD_UP_MS;
    this.#tickedMs = nowMs;
    if (this.#ended || this.openedUs === 0) return;
    if (heldUp) {
      this.#heldUpMs = nowMs;
      this.#pingedMs = 0;
      return;
    }
    const { limits } = this.#context.feed;
    const aliveMs = this.#aliveUs / 1000;
    const silentMs = nowMs - Math.max(aliveMs, this.#heldUpMs);
    if (silentMs > limits.deadAfterMs) {
      this.end(`no frame for ${Math.round(nowMs - aliveMs)} ms`, false);
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
    const { readyMs } = this.#context.patience ?? PATIENCE;
    if (!this.#ready && nowMs - this.openedMs > readyMs) {
      this.end(`the venue did not say within ${readyMs} ms that it is ready`, false);
      return;
    }
    this.#subscriptions.tick(nowMs, this.#context.clock.nowUs());
    if (this.#lostFrames > 0) this.#tellLost();
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
  end(reason: string, planned: boolean, byHand = false): void {
    if (this.#ended || this.#ending) return;
    this.#ending = { reason, planned, byHand };
    if (planned) this.#socket.close();
    else this.#socket.terminate();
  }

  #closed(reason: string, retryAfterMs: number | null, answered: boolean): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#subscriptions.close();
    if (this.#lostFrames > 0) this.#tellLost();
    const why = this.#ending?.reason ?? reason;
    if (this.openedUs > 0) {
      this.#context.journal.control(this.#context.lineNo, {
        type: 'close',
        connection: this.number,
        reason: why,
        lastFrameUs: this.lastFrameMs === 0 ? null : this.#context.clock.earliestUs(this.lastFrameMs),
        // A close that nobody answers was that of a dead connection: it covers only up to its last frame.
        planned: (this.#ending?.planned ?? false) && answered,
        ...(this.#ending?.byHand ? { byHand: true } : {}),
      });
    }
    this.#events.closed(this, why, retryAfterMs);
  }

  #lose(bytes: number, atMs: number): void {
    if (this.#lostFrames === 0) this.#lostFromMs = atMs;
    this.#lostFrames += 1;
    this.#lostBytes += bytes;
    this.#lostToMs = atMs;
  }

  /**
   * Frames that the journal could not hold, said when it has room again. False: not yet. Nothing else that says that the line delivers may go
   * into the journal before this, or one that ends in between would show an unbroken line where frames are missing.
   */
  #tellLost(): boolean {
    const { journal, lineNo } = this.#context;
    if (!this.#ended && !journal.hasRoom) return false;
    const frame = journal.control(lineNo, {
      type: 'lost',
      frames: this.#lostFrames,
      bytes: this.#lostBytes,
      fromUs: this.#context.clock.earliestUs(this.#lostFromMs),
      toUs: this.#context.clock.earliestUs(this.#lostToMs),
    });
    if (frame < 0) return false;
    this.#lostFrames = 0;
    this.#lostBytes = 0;
    return true;
  }
}
