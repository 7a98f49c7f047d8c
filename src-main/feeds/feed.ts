// The port of a venue market: what it sends, what we send it, and what its words mean. Pure: no socket, no clock, no file.
import type { Result } from '../../src-shared/base/result.ts';
import type { FrameKind } from '../../src-shared/market/frame.ts';
import type { Instrument, Market, Venue } from '../../src-shared/market/instrument.ts';
import type { Listing } from '../../src-shared/market/listing.ts';
import type { Side } from '../../src-shared/market/tick.ts';
import type { RestTrouble } from './rest-trouble.ts';

/**
 * One decoded trade, in a cell object that the decoder reuses: copy what you keep before the next row.
 * Numbers that fit travel as numbers, everything else as the venue's own text, so nothing is ever rounded.
 */
export interface TickCells {
  symbol: string;
  channel: string;
  /** The trade id when it is a canonical whole number up to 2^53-1; else -1 and idText holds it. */
  idNumber: number;
  idText: string;
  /** Where a reader has this, a decoder may leave an id that is a text where it lies, with idText '' (see putIdAt): no string is made for it. */
  readonly idAt?: IdPlace;
  /** price = priceMantissa / 10^priceScale, exact; when priceMantissa is -1 the text did not fit (over 2^53, exponent, odd zeros) and priceText holds it. */
  priceMantissa: number;
  priceScale: number;
  priceText: string;
  qtyMantissa: number;
  qtyScale: number;
  qtyText: string;
  side: Side;
  /** Venue's trade time, µs UTC. */
  eventUs: number;
  /** Market ids that this one row stands for beyond its own (OKX `count`, Gate `range`): first id of the row; equals idNumber for a single trade; -1 where ids are not numbers. */
  firstIdNumber: number;
}

/** An id in the message in hand, in ASCII; good until accept() returns. from = to: none. */
export interface IdPlace {
  bytes: Uint8Array;
  from: number;
  to: number;
}

/** Receives what a decoder finds in one frame. */
export interface TickSink {
  readonly cells: TickCells;
  /** The cells now hold a complete row. */
  accept(): void;
  /** Row `index` of the frame is damaged and refused; the other rows stand. */
  reject(index: number, reason: string): void;
}

/** kind trades: rows went to the sink (all may have been rejected). quarantine: nothing went to the sink. */
export interface FrameVerdict {
  readonly kind: FrameKind;
  readonly reason: string;
}

/** What a message means to the line that received it. data is the common case and must be told in a few byte comparisons. */
export type FrameClass =
  | { readonly type: 'data' }
  /** These symbols are acknowledged; null: those of the request with this key. */
  | { readonly type: 'acknowledged'; readonly key: string | null; readonly symbols: readonly string[] | null }
  /** The venue refused a subscription: of the request with this key, and of these symbols when it names them. */
  | {
      readonly type: 'refused';
      readonly key: string | null;
      readonly symbols: readonly string[] | null;
      readonly reason: string;
    }
  | { readonly type: 'pong' }
  /** To be sent back at once. */
  | { readonly type: 'ping'; readonly answer: string }
  /** The venue takes subscriptions from now on (see Feed.waitsForReady). */
  | { readonly type: 'ready' }
  /** The venue will close: reconnect now, by overlap. */
  | { readonly type: 'ending'; readonly reason: string }
  | { readonly type: 'error'; readonly reason: string }
  | { readonly type: 'other' };

/** A message to send, with the key that its acknowledgement will carry (null: the first data of a symbol is its acknowledgement). */
export interface Outgoing {
  readonly text: string;
  readonly key: string | null;
  readonly symbols: readonly string[];
}

export interface HttpRequest {
  readonly method: 'GET' | 'POST';
  /** Path and query behind the REST endpoint. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  /** What it costs of the venue's budget. */
  readonly weight: number;
  /** The feed's own memory between the pages of one hole (History.next reads it back from what was asked); never sent. */
  readonly memo?: string;
}

export interface FeedLimits {
  /** Streams on one connection. */
  readonly streamsPerConnection: number;
  /** Symbols in one subscribe message. */
  readonly symbolsPerRequest: number;
  /** Characters that all names subscribed on one connection may have together, and those of one symbol. Absent: no such limit. */
  readonly argumentChars?: { readonly most: number; of(symbol: string): number };
  /** Connections that one client address may hold over all markets of the venue. One is kept free, for renewals overlap. Absent: more than any plan needs. */
  readonly connectionsPerAddress?: number;
  /** Messages we may send: at most `count` in `perMs`. */
  readonly outgoing: { readonly count: number; readonly perMs: number };
  /** New connections: at most `count` in `perMs`, per address. */
  readonly connects: { readonly count: number; readonly perMs: number };
  /** The venue ends a connection at this age, ms; renewed before by overlap. null: no limit known. */
  readonly maxAgeMs: number | null;
  /** What we send when silent, and how often; null: the server pings (answered by the protocol). */
  readonly heartbeat: { readonly text: string; readonly everyMs: number } | null;
  /** No frame of any kind (pings and pongs count) for this long: the connection is dead. */
  readonly deadAfterMs: number;
  /** Send a WebSocket ping when nothing came for this long, ms: its pong counts as a frame, so a half-open connection shows itself long before the server's own ping is due. Absent: the heartbeat does it. */
  readonly pingWhenSilentMs?: number;
  /**
   * Where nothing acknowledges but data: symbols that stay silent are asked for again this often, ms, because a venue may pass over one that
   * it does not know yet (a listing about to open). Absent: the venue refuses such a symbol by name.
   */
  readonly silentAgainMs?: number;
  /** REST budget: weight per window. */
  readonly rest: { readonly weight: number; readonly perMs: number };
}

/**
 * How ids prove completeness. contiguous: +1 per symbol and channel. unique: a key, but a hole in it means nothing. multiset: the venue
 * gives no id at all; the decoder makes idText of the row's own fields (idNumber -1), and equal rows are told apart by counting them per
 * connection, so a decoder gives the rows of a frame oldest first and never leaves out a repeat.
 */
export type IdRule = 'contiguous' | 'unique' | 'multiset';

/** A hole to ask REST for. Ids are exclusive bounds, null where ids do not help. */
export interface HistoryHole {
  readonly symbol: string;
  readonly channel: string;
  readonly fromId: string | null;
  readonly toId: string | null;
  readonly fromUs: number;
  readonly toUs: number;
}

/** What one page of history says about where to go on. */
export interface HistoryPage {
  readonly rows: number;
  /** The next request, or null when the hole is covered or the venue has no more. */
  readonly next: HttpRequest | null;
  /** True when the pages so far reach over the whole hole; false when the venue's reach ended inside it. Meaningful when next is null. */
  readonly reached: boolean;
  /** Event time of the oldest trade of the page, null when it has none. Needed of a venue with one page, where pages are what is compared with. */
  readonly oldestUs?: number | null;
  /** Event time of the newest trade of the page, null when it has none. Needed where ids do not count: nothing else says that the history has come so far. */
  readonly newestUs?: number | null;
  /** Of pages that go back from the hole's end: everything from this event time to the end was on this page and those before it. Absent: not known. */
  readonly givenFromUs?: number;
}

export interface History {
  /** How far back the venue answers, ms; Infinity: all of it (or, with reachTrades, no limit by time). */
  readonly reachMs: number;
  /** The venue answers with the newest so many trades and no older ones. Absent: the reach is one of time only. */
  readonly reachTrades?: number;
  /** Requests count days back from the venue's today: pages asked before and after its midnight speak of different days. */
  readonly countsDays?: true;
  /** The first request for a hole, or a failure when the venue cannot be asked (too old, no ids). */
  first(hole: HistoryHole, nowUs: number): Result<HttpRequest>;
  /** Reads a reply: where to go on. A damaged or refused reply is a failure (retry says if asking again can help). */
  next(hole: HistoryHole, asked: HttpRequest, body: Uint8Array): Result<HistoryPage>;
  /** Decodes a reply's trades, as decode does for a live frame. */
  decode(hole: Pick<HistoryHole, 'symbol' | 'channel'>, body: Uint8Array, sink: TickSink): FrameVerdict;
}

/** One closed minute as the venue itself adds it up. */
export interface Candle {
  /** Begin of the minute, µs UTC. */
  readonly minuteUs: number;
  /** Sum of the quantities in the unit of a tick's qty, decimal text. */
  readonly volume: string;
  /** Number of trades where the venue counts the same rows that our channel prints; else null. */
  readonly count: number | null;
  /** The minute is not closed at the venue yet: its sum is not final. Absent: closed, or the venue does not say. */
  readonly open?: true | undefined;
}

/** The venue's 1-minute candles: the check that works where ids prove nothing. */
export interface Candles {
  /** Minutes that one request can answer. */
  readonly perRequest: number;
  /** Asks for the minutes that begin in [fromUs, toUs), both whole minutes, at most perRequest of them. */
  request(symbol: string, fromUs: number, toUs: number): HttpRequest;
  /** Candles in any order; minutes without a trade may be absent or zero, those that run are there as open ones. A damaged or refused reply is a failure. */
  parse(symbol: string, body: Uint8Array): Result<readonly Candle[]>;
}

export interface Feed {
  readonly venue: Venue;
  readonly market: Market;
  /** The channel that live subscriptions ask for. Frames of other trade channels are decoded too, as streams of their own. */
  readonly channel: string;
  readonly idRule: IdRule;
  /**
   * No two messages of this venue are alike byte by byte (each carries a running number): a frame that equals an earlier one of its
   * connection is that one again. Where rows have no ids, nothing else tells a repeated message from equal trades.
   */
  readonly framesDiffer?: true;
  /**
   * The first frame of a symbol on a connection holds its newest trades up to that moment, without a hole: a gap that began after the oldest of
   * them is filled by it.
   */
  readonly snapshotFirst?: true;
  /** How far behind its event time a trade may still arrive, µs; windows wait this long before they are judged. */
  readonly latenessUs: number;
  readonly defaults: { readonly ws: string; readonly rest: string };
  readonly limits: FeedLimits;
  /** Full URL from the endpoint (default or override: scheme, host, path prefix). */
  connectUrl(endpoint: string): string;
  /** Headers of the WebSocket upgrade. */
  readonly connectHeaders?: Readonly<Record<string, string>>;
  /**
   * Asked over REST before every single connection; the reply gives the URL (KuCoin's token). An overridden endpoint stands before the
   * server that the reply names. connectId: unique per connection.
   */
  readonly dial?: {
    request(): HttpRequest;
    url(endpoint: string, reply: Uint8Array, connectId: string): Result<string>;
  };
  /** Nothing is subscribed before a message of class `ready` has come. */
  readonly waitsForReady?: true;
  /** Messages that make `wanted` the subscribed set, given what this connection has `subscribed` already. Keys are unique per connection: made from nextKey(). */
  subscribe(wanted: readonly string[], subscribed: readonly string[], nextKey: () => number): readonly Outgoing[];
  /** What a message means to its line. binary: WebSocket opcode. */
  classify(frame: Uint8Array, binary: boolean): FrameClass;
  /** Symbol and channel of a data frame when that can be told cheaply (for venues that acknowledge by first data); null when not. */
  symbolOf(frame: Uint8Array): string | null;
  /** A data frame that tells of a trade from before it was asked for. Absent: none does, or none says so. */
  isSnapshot?(frame: Uint8Array): boolean;
  /** Decodes one received message. Never throws whatever the bytes. */
  decode(frame: Uint8Array, sink: TickSink): FrameVerdict;
  /** As decode, of the message that lies at [start, end) of a larger buffer: saves a view per message on the hot path. */
  decodeAt(bytes: Uint8Array, start: number, end: number, sink: TickSink): FrameVerdict;
  readonly instruments: {
    request(): HttpRequest;
    /** Instruments of this market in the venue's own list. */
    parse(body: Uint8Array): Result<readonly Instrument[]>;
    readonly everyMs: number;
    /** The request for the list's next page, from the page before; null: that was the last. Absent: one page holds the whole list. */
    next?(body: Uint8Array): HttpRequest | null;
    /** What each symbol turned over in 24 h, for venues on which not every symbol can be carried: the busiest are. */
    readonly turnover?: {
      request(): HttpRequest;
      parse(body: Uint8Array): Result<ReadonlyMap<string, number>>;
    };
  };
  readonly history: History | null;
  /** null: the venue gives no candles whose volume is the sum of our trades. */
  readonly candles: Candles | null;
  /** The HTTP status that a reply of status 200 amounts to, where the venue says only in its body that the budget is spent; null: it is what it says. Absent: the venue uses the statuses. */
  statusIn?(body: Uint8Array): number | null;
  /** Reads a REST error reply: how long to stay away, and whether the venue limits who asks. */
  restTrouble(status: number, headers: Readonly<Record<string, string>>, body: Uint8Array): RestTrouble;
}

/** A source of listing notices, polled. */
export interface NoticeFeed {
  readonly venue: Venue;
  readonly defaults: { readonly rest: string };
  request(etag: string | null): HttpRequest;
  /**
   * All listings that the page announces, in the page's order, and what it says of listings announced before (kind changed or cancelled);
   * other entries are left out. detectedUs is the receive time given.
   */
  parse(body: Uint8Array, detectedUs: number): Result<readonly Listing[]>;
}
