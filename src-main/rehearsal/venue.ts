// What a simulated venue market is: one description per market, listed in registry.ts. A further market is its own file and one line there.
import type { IncomingMessage } from 'node:http';
import type { Market, Venue } from '../../src-shared/market/instrument.ts';
import type { LimitOverrides, MarketLimits } from './limits.ts';
import type { SimulatedMarket } from './market.ts';
import type { Outlet } from './outlet.ts';
import type { Scales, SimulatedStream, Trade } from './stream.ts';
import type { TapeRow } from './tape.ts';
import type { RenderedFrame } from './wire.ts';

/** A simulated venue market. */
export type MarketKey = `${Venue}:${Market}`;

export interface RestReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Why a connection is refused, as an HTTP reply; or the form of its frames and the names that its URL subscribes. */
export type Welcome =
  | { readonly ok: true; readonly form: number; readonly names: readonly string[] }
  | ({ readonly ok: false } & RestReply);

/** What a venue says and understands. */
export interface Protocol {
  welcome(market: SimulatedMarket, path: string, query: URLSearchParams, request: IncomingMessage): Welcome;
  /** The connection stands: greet it, subscribe what its URL names. */
  opened(market: SimulatedMarket, outlet: Outlet, names: readonly string[]): void;
  message(market: SimulatedMarket, outlet: Outlet, text: string): void;
  /** Announces an early end, where the venue does such a thing. */
  announceEnd(market: SimulatedMarket, outlet: Outlet): void;
  rest(market: SimulatedMarket, path: string, query: URLSearchParams, request: IncomingMessage): RestReply;
  /** Answers a POST. Absent: 405. */
  post?(market: SimulatedMarket, path: string, query: URLSearchParams, request: IncomingMessage): RestReply;
  /** An instrument has just opened on this market. Absent: subscriptions made before stay silent, the client has to ask again. */
  listed?(market: SimulatedMarket, stream: SimulatedStream): void;
  /** Where a connection path leads, kept as outlet.route. Absent: the path itself. */
  route?(path: string): string;
}

/** An instrument as the venue would name and measure it. */
export interface Naming {
  readonly symbol: string;
  /** The venue's quote, which need not be the recipe's (Upbit: KRW). */
  readonly quote: string;
  readonly scales: Scales;
  /** Price at rest, in ticks. */
  readonly restTicks: number;
  readonly meanLots: number;
  /** Base coins in one unit of the quantity, decimal text; '1' where the quantity is in coins. */
  readonly contractSize: string;
}

/**
 * How trades become live frames. trade: a frame each, the hot path. order: all fills of one taker order in one frame. window: all trades of
 * one stream in so many ms (a multiple of the engine's step) in one frame. Rows are given oldest first and must be copied to be kept.
 */
export type Framing =
  | { readonly per: 'trade'; render(stream: SimulatedStream, trade: Trade, form: number): RenderedFrame }
  | { readonly per: 'order'; render(stream: SimulatedStream, trades: readonly Trade[], form: number): RenderedFrame }
  | {
      readonly per: 'window';
      readonly windowMs: number;
      render(stream: SimulatedStream, trades: readonly Trade[], form: number): RenderedFrame;
    };

export interface VenueMarket {
  readonly key: MarketKey;
  /** The channel's name as the recorder's feed has it. */
  readonly channel: string;
  limits(over: LimitOverrides): MarketLimits;
  readonly protocol: Protocol;
  /** Names and measures an instrument; `price` is in the recipe's quote. */
  naming(base: string, quote: string, price: number, krwPerQuote: number): Naming;
  /**
   * Gives a trade its `extra`, 0 to 65535, kept on the tape with it: whatever the venue's ids or times need beyond the place on the tape
   * (Upbit: counter behind the ms; jumps of ids, whose running sum a row carries as extraBefore; parts of a ms). Called once per trade in
   * the order of printing, before anything is written; trade.extraBefore is set. epoch counts the jumps of the venue's clock.
   */
  mark(stream: SimulatedStream, trade: Trade, epoch: number): number;
  readonly framing: Framing;
  /** Writes the id as the recorder stores it (no quotes), for the ledger. */
  putId(out: Uint8Array, pos: number, stream: SimulatedStream, row: TapeRow): number;
  /** Trade time as the recorder stores it, µs. Absent: ms * 1000. */
  eventUs?(stream: SimulatedStream, row: TapeRow): number;
  /** A payload whose first price is of a wrong type, or no number (fault `malformed`). */
  spoil(payload: string, how: 'wrong-type' | 'nan'): string;
}

export function venueOf(key: MarketKey): Venue {
  return key.slice(0, key.indexOf(':')) as Venue;
}

export function marketOf(key: MarketKey): Market {
  return key.slice(key.indexOf(':') + 1) as Market;
}

/** spoil() for frames whose price is a member with one of these names, as text or bare number. */
export function spoilMember(...names: readonly string[]): VenueMarket['spoil'] {
  const member = new RegExp(`"(${names.join('|')})":("?)[\\d.]+("?)`);
  return (payload, how) => payload.replace(member, how === 'nan' ? '"$1":$2NaN$3' : '"$1":null');
}
