// A line: one connection for life. Connects, keeps its symbols subscribed, reconnects with backoff when a connection ends,
// and renews before the venue's age limit by overlap: the new one delivers before the old one closes.
import type { LineState } from '../../src-shared/contract/recording.ts';
import { Backoff, type RateBudget } from '../base/net.ts';
import { Connection, type ConnectionContext, type ConnectionEvents } from './connection.ts';
import type { RenewGate, Spares, Spread } from './gates.ts';

export interface LineContext extends ConnectionContext {
  /** e.g. "binance:spot:0", or "binance:spot:0/2" for the third connection of line 0. */
  readonly id: string;
  readonly line: number;
  readonly slot: number;
  /** New connections to this endpoint, shared by all lines. */
  readonly connects: RateBudget;
  readonly gate: RenewGate;
  /** Where a client address may hold few connections; absent: more than any plan needs. */
  readonly spares?: Spares;
  readonly spread: Spread;
  /** Journal number of a connection that overlaps with one that has lineNo, where the two must be apart; absent: all have lineNo. */
  readonly twinNo?: number;
  readonly suspects: (symbols: readonly string[]) => readonly string[];
}

const BACKOFF_FIRST_MS = 100;
const BACKOFF_MAX_MS = 30_000;
/** Live for this long: the next loss is answered at once again. */
const STEADY_MS = 5000;
/** After its acknowledgements a new connection gets this long to deliver data before it takes over all the same. */
const DELIVER_MS = 10_000;
/** One that brought nothing in that time, in which the old one brought so many messages, is blind and does not take over. */
const FEWEST = 3;
const RENEW_AGAIN_MS = 10_000;
/** One that was not given all that the old one carries waits so long for the rest: what was refused is asked for again each minute. */
const WHOLE_MS = 90_000;
/** Renewal begins at this share of the venue's age limit; later lines a little later. */
const RENEW_AT = 0.9;

export class Line {
  readonly #context: LineContext;
  readonly #backoff = new Backoff(BACKOFF_FIRST_MS, BACKOFF_MAX_MS);
  #wanted: readonly string[] = [];
  #current: Connection | null = null;
  /** Opened to take over from the current one. */
  #next: Connection | null = null;
  /** Told to close, not yet closed. */
  #retiring = new Set<Connection>();
  /** Messages of data that the current connection had brought when the next one was complete. */
  #broughtBefore = 0;
  #gated = false;
  /** Holds one of the address's spare connections. */
  #spare = false;
  #connections = 0;
  #timer: NodeJS.Timeout | null = null;
  #halted: string | null = null;
  /** By an operator, until started again. */
  #stopped = false;
  #closing = false;
  #note: string | null = null;
  #renewAgainMs = 0;
  #renewal: { reason: string; urgent: boolean } | null = null;
  #reconnects = 0;
  #renewals = 0;
  #frames = 0;
  #bytes = 0;
  #lastFrameMs = 0;
  #lastDataMs = 0;
  #allClosed: (() => void) | null = null;

  constructor(context: LineContext) {
    this.#context = context;
  }

  get id(): string {
    return this.#context.id;
  }

  get symbols(): readonly string[] {
    return this.#wanted;
  }

  get slot(): number {
    return this.#context.slot;
  }

  get line(): number {
    return this.#context.line;
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Carries every symbol that it is to carry, as far as the venue takes them. */
  get isWhole(): boolean {
    const current = this.#current;
    return current?.open === true && current.complete && current.acknowledged.size >= this.#wanted.length;
  }

  /** A new connection is on its way to take over. */
  get isRenewing(): boolean {
    return this.#next !== null;
  }

  /** The connection that delivers, unless it is about to be replaced. */
  get standing(): Connection | null {
    return this.#current?.open && this.#current.complete && !this.#next ? this.#current : null;
  }

  /** The venue's list holds these symbols now. */
  listed(symbols: readonly string[]): void {
    for (const connection of this.#all()) connection.listed(symbols);
  }

  /** Replaces what the line carries, and says so in the journal. */
  want(symbols: readonly string[]): void {
    this.#wanted = symbols;
    this.#context.journal.control(this.#context.lineNo, { type: 'wanted', symbols: [...symbols] });
    this.#current?.want(symbols);
    this.#next?.want(symbols);
    if (!this.#current) this.#connectLater(0);
  }

  /** Ends the connection in the open, until resume. */
  halt(reason: string): void {
    if (this.#halted !== null) return;
    this.#halted = reason;
    this.#stopTimer();
    for (const connection of this.#all()) connection.end(`halted: ${reason}`, false);
  }

  resume(): void {
    if (this.#halted === null) return;
    this.#halted = null;
    this.#note = null;
    this.#backoff.reset();
    if (!this.#current) this.#connectLater(0);
  }

  /** Closes it in an orderly way until start(), and says in the journal that an operator did. */
  stop(): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#stopTimer();
    this.#renewed();
    this.#note = null;
    this.#context.journal.control(this.#context.lineNo, { type: 'line-stopped' });
    for (const connection of this.#all()) connection.end('stopped by hand', true, true);
  }

  start(): void {
    if (!this.#stopped) return;
    this.#stopped = false;
    this.#backoff.reset();
    this.#context.journal.control(this.#context.lineNo, { type: 'line-started' });
    if (!this.#current) this.#connectLater(0);
  }

  /** Changes over to a new connection, the old one staying until the new one delivers. urgent: at once, whatever the other line does. */
  renew(reason: string, urgent: boolean): void {
    if (this.#stopped) return;
    this.#renewal = { reason, urgent: urgent || (this.#renewal?.urgent ?? false) };
    if (urgent) {
      this.#backoff.reset();
      this.#renewAgainMs = 0;
      if (!this.#current && this.#timer) this.#connectLater(0);
    }
    this.#tryRenewal(performance.now());
  }

  async close(reason: string): Promise<void> {
    this.#closing = true;
    this.#stopTimer();
    const open = this.#all();
    if (open.length === 0) return;
    await new Promise<void>((resolve) => {
      this.#allClosed = resolve;
      for (const connection of open) connection.end(reason, true);
    });
  }

  /** Called a few times a second. */
  tick(nowMs: number): void {
    for (const connection of this.#all()) connection.tick(nowMs);
    const current = this.#current;
    if (!current) return;
    if (current.complete && nowMs - current.completeMs > STEADY_MS) this.#backoff.reset();
    const { maxAgeMs } = this.#context.feed.limits;
    if (maxAgeMs !== null && current.openedUs > 0 && !this.#renewal) {
      const share = RENEW_AT + this.#context.line * 0.03 - (this.#context.slot % 16) * 0.002;
      if (nowMs - current.openedMs > maxAgeMs * share) this.#renewal = { reason: 'age', urgent: false };
    }
    if (this.#renewal && !this.#next) this.#tryRenewal(nowMs);
    const next = this.#next;
    if (!next?.complete) return;
    const waitedMs = nowMs - next.completeMs;
    if (next.lastDataMs === 0 && waitedMs <= DELIVER_MS) return;
    if (next.lastDataMs === 0 && current.open && current.dataFrames - this.#broughtBefore >= FEWEST) {
      next.end('silent while the connection before it delivers', false);
      return;
    }
    if (waitedMs < WHOLE_MS && current.open && current.answered && lacks(next, current)) return;
    this.#takeOver(next);
  }

  state(): LineState {
    const { id, line, feed, url } = this.#context;
    const current = this.#current;
    const nowMs = performance.now();
    const all = this.#all();
    const latest = (own: number, of: (connection: Connection) => number): number | null => {
      const ms = Math.max(own, ...all.map(of));
      return ms === 0 ? null : Math.max(0, Math.round(nowMs - ms));
    };
    const sum = (own: number, of: (connection: Connection) => number): number =>
      all.reduce((total, connection) => total + of(connection), own);
    return {
      id,
      venue: feed.venue,
      market: feed.market,
      line,
      state: this.#stateName(current),
      wanted: this.#wanted.length,
      acknowledged: current?.acknowledged.size ?? 0,
      lastFrameAgeMs: latest(this.#lastFrameMs, (connection) => connection.lastFrameMs),
      lastDataAgeMs: latest(this.#lastDataMs, (connection) => connection.lastDataMs),
      connectedUs: current && current.openedUs > 0 ? current.openedUs : null,
      maxAgeMs: feed.limits.maxAgeMs,
      renewals: this.#renewals,
      reconnects: this.#reconnects,
      frames: sum(this.#frames, (connection) => connection.frames),
      bytes: sum(this.#bytes, (connection) => connection.bytes),
      url,
      address: this.#context.address ?? null,
      note: this.#noteOf(current),
    };
  }

  #stateName(current: Connection | null): LineState['state'] {
    if (this.#closing) return this.#all().length > 0 ? 'closing' : 'closed';
    if (this.#halted !== null) return 'halted';
    if (this.#stopped) return this.#all().length > 0 ? 'closing' : 'stopped';
    if (!current) return 'waiting';
    if (!current.open) return 'connecting';
    if (!current.complete) return 'subscribing';
    return this.#next ? 'renewing' : 'live';
  }

  #noteOf(current: Connection | null): string | null {
    if (this.#halted !== null) return this.#halted;
    const refused = current?.refused.entries().next().value;
    if (refused) return `${current?.refused.size} refused, ${refused[0]}: ${refused[1].reason}`;
    return this.#note;
  }

  #all(): Connection[] {
    const all = [...this.#retiring];
    if (this.#current) all.push(this.#current);
    if (this.#next) all.push(this.#next);
    return all;
  }

  #stopTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #connectLater(waitMs: number): void {
    this.#stopTimer();
    if (this.#closing || this.#stopped || this.#halted !== null || this.#wanted.length === 0) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      if (this.#current) return;
      const wait = this.#start();
      if (wait > 0) this.#connectLater(wait);
      else this.#current = this.#open();
    }, waitMs);
  }

  /** 0: a connection may start; else in how many ms it may be asked again. One that is dialled waits for its turn by itself. */
  #start(): number {
    return this.#context.dialling ? 0 : this.#context.connects.take(1);
  }

  #open(): Connection {
    this.#connections += 1;
    const events: ConnectionEvents = {
      opened: () => undefined,
      complete: (connection) => {
        if (connection === this.#current) this.#note = null;
        if (connection === this.#next) this.#broughtBefore = this.#current?.dataFrames ?? 0;
      },
      ending: (connection, reason) => {
        if (connection === this.#current) this.renew(reason, true);
      },
      closed: (connection, reason, retryAfterMs) => this.#closed(connection, reason, retryAfterMs),
      suspects: this.#context.suspects,
    };
    const context = { ...this.#context, lineNo: this.#freeNo() };
    return new Connection(context, this.#connections, this.#wanted, events);
  }

  /** A journal number that no other connection of this line has; where there is but one, connections share it. */
  #freeNo(): number {
    const { twinNo, lineNo } = this.#context;
    return twinNo !== undefined && this.#all().some((other) => other.lineNo === lineNo) ? twinNo : lineNo;
  }

  #tryRenewal(nowMs: number): void {
    const renewal = this.#renewal;
    if (!renewal || this.#next || !this.#current || this.#closing || this.#stopped || this.#halted !== null) return;
    if (nowMs < this.#renewAgainMs) return;
    // Until the one that leaves is gone, both numbers are taken.
    if (this.#context.twinNo !== undefined && this.#retiring.size > 0) return;
    if (!this.#current.open) {
      // It is on its way to be new by itself.
      this.#renewed();
      this.#giveSpare();
      return;
    }
    if (!this.#takeSpare()) return;
    if (!this.#gated) {
      const { gate, line } = this.#context;
      if (renewal.urgent) gate.force(line);
      else if (!gate.enter(line)) {
        this.#giveSpare();
        return;
      }
      this.#gated = true;
    }
    if (this.#start() > 0) return;
    this.#current.probe();
    this.#next = this.#open();
  }

  #takeOver(next: Connection): void {
    const old = this.#current;
    this.#current = next;
    this.#next = null;
    const reason = this.#renewal?.reason ?? 'renewal';
    this.#renewals += 1;
    this.#renewed();
    if (!old) return;
    this.#retiring.add(old);
    // One that did not answer meanwhile had died unnoticed: it covers only up to its last frame.
    if (old.answered) old.end(`renewed: ${reason}`, true);
    else old.end(`no frame since the renewal began (${reason})`, false);
  }

  #renewed(): void {
    this.#renewal = null;
    this.#leaveGate();
  }

  #takeSpare(): boolean {
    const { spares } = this.#context;
    if (!this.#spare && spares) this.#spare = spares.take();
    return this.#spare || !spares;
  }

  /** Gives it back when no more than one connection is left. */
  #giveSpare(): void {
    if (!this.#spare || this.#all().length > 1) return;
    this.#spare = false;
    this.#context.spares?.give();
  }

  #leaveGate(): void {
    if (this.#gated) this.#context.gate.leave(this.#context.line);
    this.#gated = false;
  }

  #closed(connection: Connection, reason: string, retryAfterMs: number | null): void {
    this.#frames += connection.frames;
    this.#bytes += connection.bytes;
    this.#lastFrameMs = Math.max(this.#lastFrameMs, connection.lastFrameMs);
    this.#lastDataMs = Math.max(this.#lastDataMs, connection.lastDataMs);
    if (retryAfterMs !== null) this.#context.connects.close(retryAfterMs);
    if (this.#retiring.delete(connection)) {
      // Its successor stands.
    } else if (connection === this.#next) {
      this.#next = null;
      if (!this.#stopped) this.#note = `renewal failed: ${reason}`;
      this.#renewAgainMs = performance.now() + RENEW_AGAIN_MS;
      this.#leaveGate();
    } else if (connection === this.#current) {
      this.#lostCurrent(reason, connection.openedUs > 0);
    }
    this.#giveSpare();
    if (this.#all().length === 0) this.#allClosed?.();
  }

  #lostCurrent(reason: string, wasOpen: boolean): void {
    if (this.#stopped) {
      this.#current = null;
      return;
    }
    this.#note = reason;
    this.#reconnects += 1;
    this.#current = this.#next;
    this.#next = null;
    this.#renewed();
    const spreadMs = wasOpen ? this.#context.spread.lost() : 0;
    if (!this.#current) this.#connectLater(this.#backoff.next() + spreadMs);
  }
}

/** True when one is not subscribed to something that the other carries. */
function lacks(one: Connection, other: Connection): boolean {
  for (const symbol of other.acknowledged) if (!one.acknowledged.has(symbol)) return true;
  return false;
}
