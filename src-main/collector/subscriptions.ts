// What one connection is subscribed to: asks for what is wanted, waits for each acknowledgement, and takes out what the venue
// refuses without harm to the rest, also where one bad name fails a whole request. Ends: whatever the venue answers, the number of
// messages is bounded, and no symbol is left without an acknowledgement, a refusal or a request on its way.
import type { Feed, FrameClass, Outgoing } from '../feeds/feed.ts';
import { Outbox } from './outbox.ts';
import { Owed } from './owed.ts';

export interface SubscriptionEvents {
  send(text: string): void;
  acknowledged(symbols: readonly string[], recvUs: number): void;
  refused(symbols: readonly string[], reason: string, recvUs: number): void;
  /** These were told as acknowledged, and from then on nobody knows that they were carried. fromUs null: since they were told so. */
  disproved(symbols: readonly string[], reason: string, fromUs: number | null, recvUs: number): void;
  /** A request that replaces the whole set was sent: the venue may repeat what it has sent before. */
  repeats(): void;
  /** All that is wanted is acknowledged or refused, for the first time. */
  complete(): void;
  /** The connection is of no use. */
  useless(reason: string): void;
  /** Symbols among these that the venue's own list does not hold. */
  suspects(symbols: readonly string[]): readonly string[];
}

/** How long a connection waits for what; ms. */
export interface Patience {
  /** Unacknowledged for this long: asked again, and at the second time given up. */
  readonly ackMs: number;
  /** Venues that acknowledge by data: after the first frame and this long without an error a quiet symbol counts as acknowledged. */
  readonly quietMs: number;
  readonly refusedAgainMs: number;
  /** From open to the venue's readiness, where it says so. */
  readonly readyMs: number;
}

export const PATIENCE: Patience = { ackMs: 5000, quietMs: 2000, refusedAgainMs: 60_000, readyMs: 10_000 };

/** Refused symbols that are asked for again at one time, each in a request of its own: with others it could make theirs fail. */
const AGAIN_AT_ONCE = 4;
/** So many requests refused one after the other, none accepted: it is not the symbols. */
const REFUSED_IN_ROW = 40;

interface Pending {
  /** Of those asked for, what is still waited for. */
  readonly symbols: Set<string>;
  readonly asked: readonly string[];
  readonly sentMs: number;
}

export interface Refusal {
  readonly reason: string;
  atMs: number;
  /** Refused with others and never asked for alone. */
  readonly bulk: boolean;
}

export class Subscriptions {
  readonly acknowledged = new Set<string>();
  readonly refused = new Map<string, Refusal>();
  /** performance.now() when all wanted symbols were first acknowledged or refused; 0: not yet. */
  completeMs = 0;
  /** Data is of interest to `watch`. */
  watching = true;
  readonly #feed: Feed;
  readonly #events: SubscriptionEvents;
  readonly #patience: Patience;
  readonly #outbox: Outbox;
  #wanted: readonly string[];
  #open = false;
  /** What the venue was told, or is about to be. */
  #sent = new Set<string>();
  readonly #pending = new Map<string, Pending>();
  readonly #keyOf = new Map<string, string>();
  /** Key of the newest request for a symbol, said or waiting to be: one that left and came again is not acknowledged by an older one. */
  readonly #newest = new Map<string, string>();
  /** Symbols of requests that were asked again because their answer was late: it counts all the same when it comes. */
  readonly #overdue = new Map<string, Set<string>>();
  readonly #owed = new Owed();
  /** Symbols whose first data is the acknowledgement. */
  readonly #quiet = new Set<string>();
  /** Acknowledged only because nobody objected, since: no data of theirs has come. */
  readonly #silent = new Map<string, number>();
  /** Refused before, and asked for again. */
  readonly #retrying = new Set<string>();
  #replaces = false;
  #quietSentMs = 0;
  /** When the request before that one went out. */
  #quietSentBeforeMs = 0;
  #quietFrameMs = 0;
  #retriedMs = 0;
  #nextKey = 1;
  #asked = 0;
  #refusedInRow = 0;
  #beatMs = 0;

  constructor(feed: Feed, wanted: readonly string[], events: SubscriptionEvents, patience: Patience) {
    this.#feed = feed;
    this.#wanted = wanted;
    this.#events = events;
    this.#patience = patience;
    this.#outbox = new Outbox(
      feed.limits,
      (text) => events.send(text),
      (message, nowMs) => this.#left(message, nowMs),
    );
  }

  /** The venue takes subscriptions from now on. */
  begin(): void {
    this.#open = true;
    this.#subscribe();
  }

  /** Replaces what is to be carried; streams that stay are not touched. */
  want(symbols: readonly string[]): void {
    this.#wanted = symbols;
    if (this.#open) this.#subscribe();
  }

  close(): void {
    this.#outbox.close();
  }

  /** Heartbeats run from here, for they share what the venue lets us say. */
  beatsFrom(nowMs: number): void {
    this.#beatMs = nowMs;
  }

  understand(found: FrameClass, recvUs: number): void {
    this.watch(null, recvUs);
    switch (found.type) {
      case 'acknowledged': {
        const pending = found.key === null ? undefined : this.#pending.get(found.key);
        const overdue = found.key === null ? undefined : this.#overdue.get(found.key);
        const symbols = found.symbols?.filter((one) => this.#isFor(one, found.key)) ?? [
          ...(pending?.symbols ?? overdue ?? []),
        ];
        for (const symbol of symbols) this.#settle(symbol);
        if (found.key !== null && (found.symbols === null || pending?.symbols.size === 0)) {
          this.#pending.delete(found.key);
          this.#overdue.delete(found.key);
        }
        this.#acknowledge(symbols, recvUs);
        break;
      }
      case 'refused':
        this.#refuse(found.key, found.symbols, found.reason, recvUs);
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
  watch(data: Buffer | null, recvUs: number): void {
    if (this.#quiet.size > 0) {
      if (this.#quietFrameMs === 0 && this.#quietSentMs > 0) this.#quietFrameMs = performance.now();
      const symbol = data ? this.#feed.symbolOf(data) : null;
      if (symbol !== null && this.#quiet.has(symbol)) this.#acknowledge([symbol], recvUs);
    }
    if (this.#silent.size > 0 && data) {
      const symbol = this.#feed.symbolOf(data);
      if (symbol !== null) this.#heard(symbol, data, recvUs);
    }
    this.watching = this.#quiet.size + this.#silent.size > 0;
  }

  /**
   * The first data of a symbol that was taken as acknowledged. When that is an older trade, which only asking for it again has brought, the
   * venue had passed over it: what was traded since the request before, which brought nothing, may be missing.
   */
  #heard(symbol: string, data: Buffer, recvUs: number): void {
    const sinceMs = this.#silent.get(symbol);
    if (sinceMs === undefined) return;
    this.#silent.delete(symbol);
    if (this.#quietSentMs <= sinceMs || !this.#feed.isSnapshot?.(data)) return;
    const fromUs = recvUs - Math.ceil((performance.now() - this.#quietSentBeforeMs) * 1000);
    this.acknowledged.delete(symbol);
    this.#events.disproved([symbol], `nothing came of ${symbol} until it was asked for again`, fromUs, recvUs);
    this.#acknowledge([symbol], recvUs);
  }

  /** Called a few times a second: heartbeat, acknowledgements that are overdue, what was refused a while ago. */
  tick(nowMs: number, nowUs: number): void {
    const { heartbeat } = this.#feed.limits;
    if (heartbeat && nowMs - this.#beatMs >= heartbeat.everyMs) this.#beat(nowMs);
    if (!this.#open) return;
    if (this.#quiet.size > 0 && this.#quietFrameMs > 0 && nowMs - this.#quietFrameMs >= this.#patience.quietMs) {
      const quiet = [...this.#quiet];
      this.#acknowledge(quiet, nowUs);
      if (this.#feed.limits.silentAgainMs !== undefined) for (const symbol of quiet) this.#silent.set(symbol, nowMs);
      this.watching = this.#silent.size > 0;
    }
    this.#askSilent(nowMs);
    this.#askLate(nowMs, nowUs);
    this.#askRefused(nowMs);
  }

  /** The venue's list holds these now: those that were refused are asked for at once. */
  listed(symbols: readonly string[]): void {
    const again = symbols.filter((symbol) => this.refused.has(symbol) && !this.#retrying.has(symbol));
    if (this.#open) this.#retry(again, performance.now());
  }

  #subscribe(): void {
    const wanted = this.#wanted.filter((symbol) => !this.refused.has(symbol) || this.#retrying.has(symbol));
    const stay = new Set(wanted);
    for (const symbol of this.#newest.keys()) if (!stay.has(symbol)) this.#newest.delete(symbol);
    const have = [...this.#sent];
    this.#sent = stay;
    this.#say(wanted, have);
    for (const symbol of this.acknowledged) if (!stay.has(symbol)) this.acknowledged.delete(symbol);
    for (const symbol of this.#quiet) if (!stay.has(symbol)) this.#quiet.delete(symbol);
    for (const symbol of this.#silent.keys()) if (!stay.has(symbol)) this.#silent.delete(symbol);
    for (const symbol of this.#keyOf.keys()) {
      if (stay.has(symbol)) continue;
      this.#settle(symbol);
      this.#owed.add(symbol);
    }
    for (const symbols of this.#overdue.values()) {
      for (const symbol of symbols) if (!stay.has(symbol) && symbols.delete(symbol)) this.#owed.add(symbol);
    }
    for (const symbol of this.#retrying) if (!stay.has(symbol)) this.#retrying.delete(symbol);
    if (this.refused.size > 0) {
      const wished = new Set(this.#wanted);
      for (const symbol of this.refused.keys()) if (!wished.has(symbol)) this.refused.delete(symbol);
    }
    this.#checkComplete();
  }

  #say(wanted: readonly string[], have: readonly string[]): void {
    const messages = this.#feed.subscribe(wanted, have, () => this.#nextKey++);
    for (const { key, symbols } of messages) {
      if (key !== null) for (const symbol of symbols) this.#newest.set(symbol, key);
    }
    this.#outbox.say(messages);
  }

  /** A message went out. What was given up or asked for anew while it waited is not what its answer is about. */
  #left(message: Outgoing, nowMs: number): void {
    const { key } = message;
    if (key !== null) {
      const symbols = message.symbols.filter((symbol) => this.#newest.get(symbol) === key);
      for (const symbol of message.symbols) if (this.#newest.get(symbol) !== key) this.#owed.add(symbol);
      this.#pending.set(key, { symbols: new Set(symbols), asked: message.symbols, sentMs: nowMs });
      for (const symbol of symbols) this.#keyOf.set(symbol, key);
      return;
    }
    for (const symbol of message.symbols) {
      if (this.#sent.has(symbol) && !this.acknowledged.has(symbol)) this.#quiet.add(symbol);
    }
    this.#replaces = true;
    this.#quietSentBeforeMs = this.#quietSentMs;
    this.#quietSentMs = nowMs;
    this.#quietFrameMs = 0;
    this.watching = this.#quiet.size + this.#silent.size > 0;
    this.#events.repeats();
    // Its answer is a frame that comes after the request was read.
    if (this.#feed.limits.heartbeat) this.#beat(nowMs);
  }

  #beat(nowMs: number): void {
    this.#beatMs = nowMs;
    const { heartbeat } = this.#feed.limits;
    if (heartbeat) this.#outbox.beat(heartbeat.text);
  }

  /** An answer that names this symbol is about a request for it that counts. key: of the request, where the answer says that. */
  #isFor(symbol: string, key: string | null): boolean {
    if (this.#quiet.has(symbol)) return true;
    if (key !== null && this.#isOwn(key)) {
      const late = this.#overdue.get(key);
      return late ? this.#cameLate(symbol, late) : this.#keyOf.get(symbol) === key;
    }
    if (this.#owed.take(symbol)) return false;
    for (const late of this.#overdue.values()) if (this.#cameLate(symbol, late)) return true;
    return this.#keyOf.has(symbol);
  }

  /** The answer to a request that was asked again meanwhile: that one will be answered too. */
  #cameLate(symbol: string, late: Set<string>): boolean {
    if (!late.delete(symbol)) return false;
    if (this.#keyOf.has(symbol)) this.#owed.add(symbol);
    return true;
  }

  /** We gave this key to a request of this connection. */
  #isOwn(key: string): boolean {
    const number = Number(key);
    return number >= 1 && number < this.#nextKey;
  }

  #settle(symbol: string): void {
    const key = this.#keyOf.get(symbol);
    if (key === undefined) return;
    this.#keyOf.delete(symbol);
    const pending = this.#pending.get(key);
    pending?.symbols.delete(symbol);
    if (pending?.symbols.size === 0) this.#pending.delete(key);
  }

  #acknowledge(symbols: readonly string[], recvUs: number): void {
    const fresh = symbols.filter((symbol) => this.#sent.has(symbol) && !this.acknowledged.has(symbol));
    let release = false;
    for (const symbol of fresh) {
      this.acknowledged.add(symbol);
      this.#quiet.delete(symbol);
      release = this.#retrying.delete(symbol) || release;
      this.refused.delete(symbol);
    }
    if (fresh.length > 0) {
      this.#asked = 0;
      this.#refusedInRow = 0;
      this.#events.acknowledged(fresh, recvUs);
    }
    if (release) this.#release();
    this.#checkComplete();
  }

  /** The venue accepts again: what it refused by the heap is asked for as if for the first time. */
  #release(): void {
    const bulk = [...this.refused].filter(([symbol, { bulk }]) => bulk && !this.#retrying.has(symbol));
    if (bulk.length === 0) return;
    for (const [symbol] of bulk) this.refused.delete(symbol);
    this.#subscribe();
  }

  #checkComplete(): void {
    const open = this.#pending.size === 0 && this.#quiet.size === 0 && this.#outbox.waiting === 0;
    if (!this.#open || !open || this.acknowledged.size + this.refused.size < this.#wanted.length) return;
    this.#asked = 0;
    if (this.completeMs > 0) return;
    this.completeMs = performance.now();
    this.#events.complete();
  }

  #refuse(key: string | null, names: readonly string[] | null, reason: string, recvUs: number): void {
    const pending = key === null ? undefined : this.#pending.get(key);
    if (key === null && names === null && this.#quiet.size === 0) this.#disprove(reason, recvUs);
    // Names that were not in the request say nothing of what was wrong with it.
    const named = pending && !names?.some((name) => pending.asked.includes(name)) ? null : names;
    // What is acknowledged or not asked for at all cannot be refused, and what is asked for anew is not by the answer of before.
    const waits = (symbol: string): boolean =>
      this.#isFor(symbol, key) && (this.#keyOf.has(symbol) || this.#quiet.has(symbol));
    const all = [...(pending?.symbols ?? (key === null ? this.#quiet : []))];
    const symbols = named === null ? all : named.filter(waits);
    for (const symbol of symbols) this.#settle(symbol);
    if (key !== null) this.#pending.delete(key);
    // A symbol of it was given up or asked for anew meanwhile, and is or may be what was wrong with it: the others are asked for anew.
    const gone = (symbol: string): boolean => !this.#sent.has(symbol) || this.#newest.get(symbol) !== key;
    const left = named === null ? pending?.asked.some(gone) : symbols.length === 0;
    if (pending && left) {
      this.#again([...pending.symbols, ...symbols]);
      this.#subscribe();
      return;
    }
    if (symbols.length === 0) return;
    if (named === null) this.#refusedInRow += 1;
    if (this.#refusedInRow >= REFUSED_IN_ROW && this.acknowledged.size === 0) {
      this.#events.useless(`refused: ${this.#refusedInRow} requests one after the other: ${reason}`);
      return;
    }
    if (named === null && symbols.length > 1) {
      if (this.#splits(symbols, pending !== undefined, reason, recvUs)) return;
    } else if (pending && named !== null) {
      // The whole request failed for these symbols' sake.
      this.#again([...pending.symbols]);
    }
    this.#takeOut(symbols, reason, recvUs, symbols.length > 1 && named === null);
    // Where a request replaces the whole set, nobody knows what the venue holds after it refused one: all of it is asked for anew.
    if (key === null && named === null) this.#sent.clear();
    if (symbols.length === this.#wanted.length) this.#events.useless(`refused: ${reason}`);
    else this.#subscribe();
  }

  /** What was taken as acknowledged because nobody objected is not, when somebody does after all. */
  #disprove(reason: string, recvUs: number): void {
    const symbols = [...this.#silent.keys()];
    this.#silent.clear();
    if (symbols.length === 0) return;
    for (const symbol of symbols) {
      this.acknowledged.delete(symbol);
      this.#quiet.add(symbol);
    }
    this.#events.disproved(symbols, `refused: ${reason}`, null, recvUs);
  }

  /** A request for several symbols failed and nobody says for which. True: it is dealt with. */
  #splits(symbols: readonly string[], keyed: boolean, reason: string, recvUs: number): boolean {
    const suspects = this.#events.suspects(symbols);
    if (suspects.length > 0 && suspects.length < symbols.length) {
      const bad = new Set(suspects);
      this.#again(symbols.filter((symbol) => !bad.has(symbol)));
      this.#takeOut(suspects, reason, recvUs, false);
      if (!keyed) this.#sent.clear();
      this.#subscribe();
      return true;
    }
    // So much was refused that halving on would only be many messages.
    if (!keyed || this.#refusedInRow >= REFUSED_IN_ROW) return false;
    // One bad name fails the whole request: halve it until the bad one stands alone.
    const middle = symbols.length >> 1;
    for (const part of [symbols.slice(0, middle), symbols.slice(middle)]) this.#say(part, []);
    return true;
  }

  #takeOut(symbols: readonly string[], reason: string, recvUs: number, bulk: boolean): void {
    this.#events.refused(symbols, reason, recvUs);
    const atMs = performance.now();
    for (const symbol of symbols) {
      this.refused.set(symbol, { reason, atMs, bulk });
      this.#retrying.delete(symbol);
      this.#sent.delete(symbol);
      this.#quiet.delete(symbol);
    }
  }

  /** These were part of a request that failed for another symbol's sake. */
  #again(symbols: readonly string[]): void {
    for (const symbol of symbols) {
      this.#settle(symbol);
      this.#sent.delete(symbol);
      this.#quiet.delete(symbol);
    }
  }

  #askLate(nowMs: number, nowUs: number): void {
    const { ackMs } = this.#patience;
    const late: string[] = [];
    for (const [key, { symbols, sentMs }] of this.#pending) {
      if (nowMs - sentMs < ackMs) continue;
      this.#pending.delete(key);
      this.#overdue.set(key, new Set(symbols));
      late.push(...symbols);
    }
    const unread = this.#quiet.size > 0 && this.#quietSentMs > 0 && nowMs - this.#quietSentMs >= ackMs;
    if (unread) late.push(...this.#quiet);
    for (const symbol of late) {
      this.#settle(symbol);
      // What was owed before would have come by now.
      this.#owed.forget(symbol);
    }
    const retried = late.filter((symbol) => this.#retrying.has(symbol));
    if (retried.length > 0) this.#takeOut(retried, 'not acknowledged', nowUs, false);
    const first = late.filter((symbol) => !this.refused.has(symbol));
    if (first.length === 0) return;
    this.#asked += 1;
    if (this.#asked === 1) {
      this.#again(first);
      this.#subscribe();
    } else if (unread || this.acknowledged.size === 0) {
      this.#events.useless(`${first.length} symbols not acknowledged, ${first[0]} for one`);
    } else {
      // The venue answers for others: these are no reason to end what works.
      this.#takeOut(first, 'not acknowledged', nowUs, first.length > 1);
      this.#checkComplete();
    }
  }

  #askRefused(nowMs: number): void {
    const { refusedAgainMs } = this.#patience;
    if (this.refused.size === 0 || this.#outbox.waiting > 0 || nowMs - this.#retriedMs < refusedAgainMs) return;
    const due: string[] = [];
    const byAge = [...this.refused].sort(([, a], [, b]) => a.atMs - b.atMs);
    for (const [symbol, { atMs }] of byAge) {
      if (due.length === (this.#replaces ? 1 : AGAIN_AT_ONCE) || nowMs - atMs < refusedAgainMs) break;
      if (this.#retrying.has(symbol)) continue;
      // Where each request replaces the whole set, a name that is sure to be refused would take the others with it.
      if (this.#replaces && this.#events.suspects([symbol]).length > 0) continue;
      due.push(symbol);
    }
    if (due.length > 0) this.#retry(due, nowMs);
  }

  #retry(symbols: readonly string[], nowMs: number): void {
    this.#retriedMs = nowMs;
    // Where each request replaces the whole set, one says it all.
    for (const part of this.#replaces ? [symbols] : symbols.map((symbol) => [symbol])) {
      const have = [...this.#sent];
      for (const symbol of part) {
        const refusal = this.refused.get(symbol);
        if (refusal) refusal.atMs = nowMs;
        this.#retrying.add(symbol);
        this.#sent.add(symbol);
      }
      if (part.length > 0) this.#say([...have, ...part], have);
    }
  }

  /** The whole list again, as each request replaces all: it changes nothing for those that deliver. */
  #askSilent(nowMs: number): void {
    const { silentAgainMs } = this.#feed.limits;
    if (silentAgainMs === undefined || this.#silent.size === 0 || this.#outbox.waiting > 0) return;
    if (nowMs - this.#quietSentMs < silentAgainMs) return;
    this.#say([...this.#sent], []);
  }
}
